#include "native_linux.h"
#include "_cgo_export.h"

static void on_load_changed(WebKitWebView *view, WebKitLoadEvent event, gpointer window) {
  if (event == WEBKIT_LOAD_COMMITTED)
    casementCommitted((uintptr_t)window, (char *)webkit_web_view_get_uri(view));
  else if (event == WEBKIT_LOAD_FINISHED)
    casementTitled((uintptr_t)window);
}

static gboolean on_load_failed(WebKitWebView *view, WebKitLoadEvent event, char *uri, GError *error, gpointer window) {
  gboolean policy = error->domain == WEBKIT_POLICY_ERROR;
  gboolean cancelled = g_error_matches(error, WEBKIT_NETWORK_ERROR, WEBKIT_NETWORK_ERROR_CANCELLED);
  casementLoadFailed((uintptr_t)window, uri, policy, error->code, cancelled, error->message);
  return policy || cancelled; // the current document stays: no error page replaces it
}

static gboolean allow_response(WebKitResponsePolicyDecision *decision, uintptr_t window) {
  WebKitURIResponse *response = webkit_response_policy_decision_get_response(decision);
  SoupMessageHeaders *headers = webkit_uri_response_get_http_headers(response);
  char *disposition = NULL;
  gboolean shown = webkit_response_policy_decision_is_mime_type_supported(decision);
  if (headers && soup_message_headers_get_content_disposition(headers, &disposition, NULL)) {
    shown = shown && g_ascii_strcasecmp(disposition, "attachment") != 0;
    g_free(disposition);
  }
  // An app: response has no headers here. A suggested name is all that is left of a
  // Content-Disposition.
  if (!headers && webkit_uri_response_get_suggested_filename(response))
    shown = FALSE;
  const char *uri = webkit_uri_request_get_uri(webkit_response_policy_decision_get_request(decision));
  return casementResponse(window, (char *)uri, webkit_response_policy_decision_is_main_frame_main_resource(decision), shown);
}

static gboolean allow_action(WebKitNavigationAction *action, gboolean new_window, gboolean reload, uintptr_t window) {
  const char *uri = webkit_uri_request_get_uri(webkit_navigation_action_get_request(action));
  return casementAction(window, (char *)uri, new_window, webkit_navigation_action_is_user_gesture(action), reload);
}

static gboolean on_policy(WebKitWebView *view, WebKitPolicyDecision *decision, WebKitPolicyDecisionType type,
                          gpointer window) {
  gboolean use = FALSE;
  if (type == WEBKIT_POLICY_DECISION_TYPE_RESPONSE) {
    use = allow_response(WEBKIT_RESPONSE_POLICY_DECISION(decision), (uintptr_t)window);
  } else {
    WebKitNavigationAction *action =
        webkit_navigation_policy_decision_get_navigation_action(WEBKIT_NAVIGATION_POLICY_DECISION(decision));
    use = allow_action(action, type == WEBKIT_POLICY_DECISION_TYPE_NEW_WINDOW_ACTION,
                       webkit_navigation_action_get_navigation_type(action) == WEBKIT_NAVIGATION_TYPE_RELOAD,
                       (uintptr_t)window);
  }
  if (use)
    webkit_policy_decision_use(decision);
  else
    webkit_policy_decision_ignore(decision);
  return TRUE;
}

// on_create is called when a script opens a window, for which on_policy is not. It gives it no
// view.
static GtkWidget *on_create(WebKitWebView *view, WebKitNavigationAction *action, gpointer window) {
  allow_action(action, TRUE, FALSE, (uintptr_t)window);
  return NULL;
}

static void on_download(WebKitWebContext *context, WebKitDownload *download, gpointer window) {
  WebKitWebView *view = webkit_download_get_web_view(download);
  if (view && casement_window_of(view) == (uintptr_t)window) {
    webkit_download_cancel(download);
    casementDownload((uintptr_t)window, (char *)webkit_uri_request_get_uri(webkit_download_get_request(download)));
  }
}

void casement_navigation_connect(WebKitWebView *view, gpointer window) {
  g_signal_connect(view, "load-changed", G_CALLBACK(on_load_changed), window);
  g_signal_connect(view, "load-failed", G_CALLBACK(on_load_failed), window);
  g_signal_connect(view, "decide-policy", G_CALLBACK(on_policy), window);
  g_signal_connect(view, "create", G_CALLBACK(on_create), window);
  g_signal_connect(webkit_web_view_get_context(view), "download-started", G_CALLBACK(on_download), window);
}

void casement_navigation_disconnect(WebKitWebView *view, gpointer window) {
  g_signal_handlers_disconnect_by_data(webkit_web_view_get_context(view), window);
}
