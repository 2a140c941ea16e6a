#include "native_linux.h"
#include "_cgo_export.h"

// utf16_length counts the UTF-16 code units that UTF-8 text has in JavaScript.
static gsize utf16_length(const guint8 *p, gsize n) {
  gsize units = 0;
  for (gsize i = 0; i < n; i++)
    units += ((p[i] & 0xC0) != 0x80) + (p[i] >= 0xF0);
  return units;
}

static void on_message(WebKitUserContentManager *manager, WebKitJavascriptResult *result, gpointer window) {
  JSCValue *value = webkit_javascript_result_get_js_value(result);
  if (!jsc_value_is_string(value)) {
    casementMessage((uintptr_t)window, NULL, 0);
    return;
  }
  GBytes *bytes = jsc_value_to_string_as_bytes(value);
  gsize length = 0;
  gconstpointer data = g_bytes_get_data(bytes, &length);
  JSCValue *units = jsc_value_object_get_property(value, "length");
  if (utf16_length(data, length) != (gsize)jsc_value_to_double(units)) {
    // JavaScriptCore silently cuts the bytes off at a lone surrogate.
    JSCValue *whole = jsc_value_object_invoke_method(value, "toWellFormed", G_TYPE_NONE);
    g_bytes_unref(bytes);
    bytes = jsc_value_to_string_as_bytes(whole);
    data = g_bytes_get_data(bytes, &length);
    g_object_unref(whole);
  }
  g_object_unref(units);
  casementMessage((uintptr_t)window, data ? (void *)data : (void *)"", length);
  g_bytes_unref(bytes);
}

static void on_title(GObject *view, GParamSpec *p, gpointer window) { casementTitled((uintptr_t)window); }

static void on_crashed(WebKitWebView *view, WebKitWebProcessTerminationReason reason, gpointer window) {
  const char *why = "crashed";
  if (reason == WEBKIT_WEB_PROCESS_EXCEEDED_MEMORY_LIMIT)
    why = "exceeded its memory limit";
  if (reason == WEBKIT_WEB_PROCESS_TERMINATED_BY_API)
    why = "was terminated";
  casementCrashed((uintptr_t)window, (char *)why);
}

void casement_page_connect(WebKitWebView *view, gpointer window) {
  // webview_go's own message handler answers frames of any origin. Nothing here needs it.
  WebKitUserContentManager *manager = webkit_web_view_get_user_content_manager(view);
  webkit_user_content_manager_unregister_script_message_handler(manager, "external");
  webkit_user_content_manager_remove_all_scripts(manager);
  g_signal_connect(manager, "script-message-received::casement", G_CALLBACK(on_message), window);
  webkit_user_content_manager_register_script_message_handler(manager, "casement");

  WebKitSettings *settings = webkit_web_view_get_settings(view);
  // A document that comes back from the page cache would use calls and channels of a page that
  // ended.
  webkit_settings_set_enable_page_cache(settings, FALSE);
  webkit_settings_set_javascript_can_open_windows_automatically(settings, FALSE);

  g_signal_connect(view, "notify::title", G_CALLBACK(on_title), window);
  g_signal_connect(view, "web-process-terminated", G_CALLBACK(on_crashed), window);
}

void casement_page_disconnect(WebKitWebView *view, gpointer window) {
  WebKitUserContentManager *manager = webkit_web_view_get_user_content_manager(view);
  g_signal_handlers_disconnect_by_data(manager, window);
  webkit_user_content_manager_unregister_script_message_handler(manager, "casement");
}

void casement_eval(WebKitWebView *view, const char *script, gssize length) {
#if WEBKIT_CHECK_VERSION(2, 40, 0)
  webkit_web_view_evaluate_javascript(view, script, length, NULL, NULL, NULL, NULL, NULL);
#else
  char *terminated = g_strndup(script, length);
  webkit_web_view_run_javascript(view, terminated, NULL, NULL, NULL);
  g_free(terminated);
#endif
}

void casement_everywhere(WebKitWebView *view, const char *source) {
  WebKitUserScript *script = webkit_user_script_new(source, WEBKIT_USER_CONTENT_INJECT_ALL_FRAMES,
                                                    WEBKIT_USER_SCRIPT_INJECT_AT_DOCUMENT_START, NULL, NULL);
  webkit_user_content_manager_add_script(webkit_web_view_get_user_content_manager(view), script);
  webkit_user_script_unref(script);
}
