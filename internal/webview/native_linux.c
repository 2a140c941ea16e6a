#include "native_linux.h"
#include "_cgo_export.h"

#include <string.h>

#if !WEBKIT_CHECK_VERSION(2, 36, 0)
#error "WebKitGTK 2.36 or newer is needed: older ones can't answer an app: request with a status and headers"
#endif

// ---- posting

typedef struct {
  GSource base;
  uintptr_t loop;
} CasementSource;

static gboolean source_dispatch(GSource *source, GSourceFunc f, gpointer data) {
  g_source_set_ready_time(source, -1);
  casementDrain(((CasementSource *)source)->loop);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = {NULL, NULL, source_dispatch, NULL, NULL, NULL};

GSource *casement_source_new(uintptr_t loop, int priority) {
  GSource *source = g_source_new(&source_funcs, sizeof(CasementSource));
  ((CasementSource *)source)->loop = loop;
  g_source_set_priority(source, priority);
  g_source_set_ready_time(source, -1);
  g_source_set_can_recurse(source, TRUE); // a print dialog inside a posted function must not stop the world
  g_source_attach(source, NULL);
  return source;
}

void casement_source_free(GSource *source) {
  g_source_destroy(source);
  g_source_unref(source);
}

// ---- windows

GtkWidget *casement_window_new(const char *title, int width, int height, int min_width, int min_height, gboolean fixed) {
  GtkWidget *gtk = gtk_window_new(GTK_WINDOW_TOPLEVEL);
  gtk_window_set_title(GTK_WINDOW(gtk), title);
  if (fixed) {
    gtk_widget_set_size_request(gtk, width, height);
    gtk_window_set_resizable(GTK_WINDOW(gtk), FALSE);
  } else {
    gtk_window_set_default_size(GTK_WINDOW(gtk), width, height);
    if (min_width > 0 || min_height > 0) {
      GdkGeometry g = {.min_width = min_width, .min_height = min_height};
      gtk_window_set_geometry_hints(GTK_WINDOW(gtk), NULL, &g, GDK_HINT_MIN_SIZE);
    }
  }
  return gtk;
}

static gboolean on_delete(GtkWidget *gtk, GdkEvent *event, gpointer window) {
  casementCloseRequested((uintptr_t)window);
  return TRUE; // the window goes when Close says so
}

static void on_destroy(GtkWidget *gtk, gpointer window) { casementDestroyed((uintptr_t)window); }

static void on_active(GObject *gtk, GParamSpec *p, gpointer window) {
  casementFocused((uintptr_t)window, gtk_window_is_active(GTK_WINDOW(gtk)));
}

static gboolean on_configure(GtkWidget *gtk, GdkEventConfigure *event, gpointer window) {
  int x = 0, y = 0, width = 0, height = 0;
  gtk_window_get_position(GTK_WINDOW(gtk), &x, &y);
  gtk_window_get_size(GTK_WINDOW(gtk), &width, &height);
  casementConfigured((uintptr_t)window, x, y, width, height);
  return FALSE;
}

static void on_scale(GObject *gtk, GParamSpec *p, gpointer window) {
  casementScaled((uintptr_t)window, gtk_widget_get_scale_factor(GTK_WIDGET(gtk)));
}

gboolean casement_dark(GtkWidget *gtk) {
  gboolean dark = FALSE;
  char *name = NULL;
  g_object_get(gtk_widget_get_settings(gtk), "gtk-application-prefer-dark-theme", &dark, "gtk-theme-name", &name, NULL);
  const char *theme = g_getenv("GTK_THEME");
  if (!theme)
    theme = name ? name : "";
  dark = dark || g_str_has_suffix(theme, "-dark") || g_str_has_suffix(theme, "-Dark") || g_str_has_suffix(theme, ":dark");
  g_free(name);
  return dark;
}

static void on_theme(GObject *settings, GParamSpec *p, gpointer window) { casementThemed((uintptr_t)window); }

// utf16_length counts the code units that UTF-8 text has in JavaScript.
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
    // JavaScriptCore ends the bytes at a lone surrogate, and says nothing.
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

static void on_load_changed(WebKitWebView *view, WebKitLoadEvent event, gpointer window) {
  if (event == WEBKIT_LOAD_COMMITTED)
    casementCommitted((uintptr_t)window, (char *)webkit_web_view_get_uri(view));
  else if (event == WEBKIT_LOAD_FINISHED)
    casementTitled((uintptr_t)window);
}

static void on_title(GObject *view, GParamSpec *p, gpointer window) { casementTitled((uintptr_t)window); }

static gboolean on_load_failed(WebKitWebView *view, WebKitLoadEvent event, char *uri, GError *error, gpointer window) {
  gboolean policy = error->domain == WEBKIT_POLICY_ERROR;
  gboolean cancelled = g_error_matches(error, WEBKIT_NETWORK_ERROR, WEBKIT_NETWORK_ERROR_CANCELLED);
  casementLoadFailed((uintptr_t)window, uri, policy, error->code, cancelled, error->message);
  return policy || cancelled; // no error page in place of what is there and stays
}

static void on_crashed(WebKitWebView *view, WebKitWebProcessTerminationReason reason, gpointer window) {
  const char *why = "crashed";
  if (reason == WEBKIT_WEB_PROCESS_EXCEEDED_MEMORY_LIMIT)
    why = "exceeded its memory limit";
  if (reason == WEBKIT_WEB_PROCESS_TERMINATED_BY_API)
    why = "was terminated";
  casementCrashed((uintptr_t)window, (char *)why);
}

static gboolean on_policy(WebKitWebView *view, WebKitPolicyDecision *decision, WebKitPolicyDecisionType type,
                          gpointer window) {
  gboolean use = FALSE;
  if (type == WEBKIT_POLICY_DECISION_TYPE_RESPONSE) {
    WebKitResponsePolicyDecision *r = WEBKIT_RESPONSE_POLICY_DECISION(decision);
    WebKitURIResponse *response = webkit_response_policy_decision_get_response(r);
    SoupMessageHeaders *headers = webkit_uri_response_get_http_headers(response);
    char *disposition = NULL;
    gboolean shown = webkit_response_policy_decision_is_mime_type_supported(r);
    if (headers && soup_message_headers_get_content_disposition(headers, &disposition, NULL)) {
      shown = shown && g_ascii_strcasecmp(disposition, "attachment") != 0;
      g_free(disposition);
    }
    if (!headers && webkit_uri_response_get_suggested_filename(response))
      shown = FALSE; // all that is told of a Content-Disposition by an app: response
    use = casementResponse((uintptr_t)window,
                           (char *)webkit_uri_request_get_uri(webkit_response_policy_decision_get_request(r)),
                           webkit_response_policy_decision_is_main_frame_main_resource(r), shown);
  } else {
    WebKitNavigationAction *action =
        webkit_navigation_policy_decision_get_navigation_action(WEBKIT_NAVIGATION_POLICY_DECISION(decision));
    use = casementAction((uintptr_t)window, (char *)webkit_uri_request_get_uri(webkit_navigation_action_get_request(action)),
                         type == WEBKIT_POLICY_DECISION_TYPE_NEW_WINDOW_ACTION,
                         webkit_navigation_action_is_user_gesture(action),
                         webkit_navigation_action_get_navigation_type(action) == WEBKIT_NAVIGATION_TYPE_RELOAD);
  }
  if (use)
    webkit_policy_decision_use(decision);
  else
    webkit_policy_decision_ignore(decision);
  return TRUE;
}

// on_create is asked for the view of a window that a script opens, which on_policy is not. There is none.
static GtkWidget *on_create(WebKitWebView *view, WebKitNavigationAction *action, gpointer window) {
  casementAction((uintptr_t)window, (char *)webkit_uri_request_get_uri(webkit_navigation_action_get_request(action)), TRUE,
                 webkit_navigation_action_is_user_gesture(action), FALSE);
  return NULL;
}

// WebKit asks for the data while the drag is still above the view, so it is there when the drop comes. The signals are only
// watched: WebKit goes on to give the page its drag and drop events.
static gboolean on_drag_motion(GtkWidget *view, GdkDragContext *context, int x, int y, guint time, gpointer window) {
  casementDragMoved((uintptr_t)window, x, y);
  return FALSE;
}

static void on_drag_leave(GtkWidget *view, GdkDragContext *context, guint time, gpointer window) {
  casementDragLeft((uintptr_t)window);
}

static void on_drag_data(GtkWidget *view, GdkDragContext *context, int x, int y, GtkSelectionData *data, guint info,
                         guint time, gpointer window) {
  char **uris = gtk_selection_data_get_uris(data);
  if (!uris)
    return;
  casementDragged((uintptr_t)window, uris, g_strv_length(uris));
  g_strfreev(uris);
}

static gboolean on_drag_drop(GtkWidget *view, GdkDragContext *context, int x, int y, guint time, gpointer window) {
  casementDropped((uintptr_t)window, x, y);
  return FALSE;
}

static void on_download(WebKitWebContext *context, WebKitDownload *download, gpointer window) {
  WebKitWebView *view = webkit_download_get_web_view(download);
  if (view && (uintptr_t)g_object_get_data(G_OBJECT(view), "casement-window") == (uintptr_t)window) {
    webkit_download_cancel(download);
    casementDownload((uintptr_t)window, (char *)webkit_uri_request_get_uri(webkit_download_get_request(download)));
  }
}

// ---- a person's input

// window_of finds the window that a widget is in, or is aside of: in one of its menus, popups or dialogs.
static uintptr_t window_of(GtkWidget *widget, gboolean *aside) {
  for (int depth = 0; widget && depth < 16; depth++) {
    GtkWidget *top = gtk_widget_get_toplevel(widget);
    gpointer window = g_object_get_data(G_OBJECT(top), "casement-window");
    *aside = depth > 0;
    if (window)
      return (uintptr_t)window;
    if (!GTK_IS_WINDOW(top))
      return 0;
    GtkWidget *child = gtk_bin_get_child(GTK_BIN(top));
    if (GTK_IS_MENU(child))
      widget = gtk_menu_get_attach_widget(GTK_MENU(child));
    else if (gtk_window_get_attached_to(GTK_WINDOW(top)))
      widget = gtk_window_get_attached_to(GTK_WINDOW(top));
    else
      widget = GTK_WIDGET(gtk_window_get_transient_for(GTK_WINDOW(top)));
  }
  return 0;
}

// on_event sees each event before the widget that it is for. A program's own events, of XSendEvent and the like, say so.
static gboolean on_event(GSignalInvocationHint *hint, guint n, const GValue *values, gpointer unused) {
  GtkWidget *widget = g_value_get_object(&values[0]);
  GdkEvent *event = g_value_get_boxed(&values[1]);
  int kind = CASEMENT_PRESS;
  guint32 code = 0;
  switch (event->type) {
  case GDK_KEY_RELEASE:
    kind = CASEMENT_RELEASE;
  case GDK_KEY_PRESS:
    code = event->key.hardware_keycode;
    break;
  case GDK_BUTTON_RELEASE:
    kind = CASEMENT_RELEASE;
  case GDK_BUTTON_PRESS:
    code = 1 << 16 | event->button.button;
    break;
  case GDK_TOUCH_END:
  case GDK_TOUCH_CANCEL:
    kind = CASEMENT_RELEASE;
  case GDK_TOUCH_BEGIN:
    code = 2 << 16;
    break;
  case GDK_FOCUS_CHANGE:
    if (event->focus_change.in || !GTK_IS_WINDOW(widget))
      return TRUE;
    kind = CASEMENT_LEFT;
    break;
  default:
    return TRUE;
  }
  guint32 time = gdk_event_get_time(event);
  if (kind != CASEMENT_LEFT && (event->any.send_event || time == GDK_CURRENT_TIME))
    return TRUE;
  gboolean aside = FALSE;
  uintptr_t window = window_of(widget, &aside);
  if (window)
    casementInput(window, kind, code, aside, time);
  return TRUE;
}

gulong casement_watch_input(void) {
  g_type_ensure(GTK_TYPE_WINDOW);
  return g_signal_add_emission_hook(g_signal_lookup("event", GTK_TYPE_WIDGET), 0, on_event, NULL, NULL);
}

void casement_unwatch_input(gulong hook) { g_signal_remove_emission_hook(g_signal_lookup("event", GTK_TYPE_WIDGET), hook); }

WebKitWebView *casement_window_own(GtkWidget *gtk, uintptr_t window) {
  GtkWidget *child = gtk_bin_get_child(GTK_BIN(gtk));
  if (!child || !WEBKIT_IS_WEB_VIEW(child))
    return NULL;
  WebKitWebView *view = WEBKIT_WEB_VIEW(g_object_ref(child));
  gpointer data = (gpointer)window;
  g_object_set_data(G_OBJECT(view), "casement-window", data);
  g_object_set_data(G_OBJECT(gtk), "casement-window", data);

  // webview_go's own message handler answers frames of any origin, and nothing here needs it.
  WebKitUserContentManager *manager = webkit_web_view_get_user_content_manager(view);
  webkit_user_content_manager_unregister_script_message_handler(manager, "external");
  webkit_user_content_manager_remove_all_scripts(manager);
  g_signal_connect(manager, "script-message-received::casement", G_CALLBACK(on_message), data);
  webkit_user_content_manager_register_script_message_handler(manager, "casement");

  WebKitSettings *settings = webkit_web_view_get_settings(view);
  // A page in the cache is a document that can come back with the calls and channels of a page that has ended.
  webkit_settings_set_enable_page_cache(settings, FALSE);
  webkit_settings_set_javascript_can_open_windows_automatically(settings, FALSE);

  g_signal_connect(view, "load-changed", G_CALLBACK(on_load_changed), data);
  g_signal_connect(view, "notify::title", G_CALLBACK(on_title), data);
  g_signal_connect(view, "load-failed", G_CALLBACK(on_load_failed), data);
  g_signal_connect(view, "decide-policy", G_CALLBACK(on_policy), data);
  g_signal_connect(view, "create", G_CALLBACK(on_create), data);
  g_signal_connect(view, "web-process-terminated", G_CALLBACK(on_crashed), data);
  g_signal_connect(view, "drag-motion", G_CALLBACK(on_drag_motion), data);
  g_signal_connect(view, "drag-leave", G_CALLBACK(on_drag_leave), data);
  g_signal_connect(view, "drag-data-received", G_CALLBACK(on_drag_data), data);
  g_signal_connect(view, "drag-drop", G_CALLBACK(on_drag_drop), data);
  g_signal_connect(webkit_web_view_get_context(view), "download-started", G_CALLBACK(on_download), data);
  g_signal_connect(gtk, "delete-event", G_CALLBACK(on_delete), data);
  g_signal_connect(gtk, "destroy", G_CALLBACK(on_destroy), data);
  g_signal_connect(gtk, "notify::is-active", G_CALLBACK(on_active), data);
  g_signal_connect(gtk, "configure-event", G_CALLBACK(on_configure), data);
  g_signal_connect(gtk, "notify::scale-factor", G_CALLBACK(on_scale), data);
  GtkSettings *desktop = gtk_widget_get_settings(gtk);
  g_signal_connect(desktop, "notify::gtk-theme-name", G_CALLBACK(on_theme), data);
  g_signal_connect(desktop, "notify::gtk-application-prefer-dark-theme", G_CALLBACK(on_theme), data);
  return view;
}

void casement_window_disown(GtkWidget *gtk, WebKitWebView *view, uintptr_t window) {
  gpointer data = (gpointer)window;
  WebKitUserContentManager *manager = webkit_web_view_get_user_content_manager(view);
  g_signal_handlers_disconnect_by_data(manager, data);
  webkit_user_content_manager_unregister_script_message_handler(manager, "casement");
  g_signal_handlers_disconnect_by_data(webkit_web_view_get_context(view), data);
  g_signal_handlers_disconnect_by_data(view, data);
  g_signal_handlers_disconnect_by_data(gtk_widget_get_settings(gtk), data);
  g_signal_handlers_disconnect_by_data(gtk, data);
  g_object_set_data(G_OBJECT(view), "casement-window", NULL);
  g_object_set_data(G_OBJECT(gtk), "casement-window", NULL);
}

void casement_everywhere(WebKitWebView *view, const char *source) {
  WebKitUserScript *script = webkit_user_script_new(source, WEBKIT_USER_CONTENT_INJECT_ALL_FRAMES,
                                                    WEBKIT_USER_SCRIPT_INJECT_AT_DOCUMENT_START, NULL, NULL);
  webkit_user_content_manager_add_script(webkit_web_view_get_user_content_manager(view), script);
  webkit_user_script_unref(script);
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

// ---- the app: scheme

static void on_scheme(WebKitURISchemeRequest *request, gpointer unused) { casementScheme(g_object_ref(request)); }

void casement_scheme_register(void) {
  WebKitWebContext *context = webkit_web_context_get_default();
  if (g_object_get_data(G_OBJECT(context), "casement-scheme"))
    return;
  g_object_set_data(G_OBJECT(context), "casement-scheme", context);
  WebKitSecurityManager *security = webkit_web_context_get_security_manager(context);
  webkit_security_manager_register_uri_scheme_as_secure(security, "app");
  webkit_security_manager_register_uri_scheme_as_cors_enabled(security, "app");
  webkit_web_context_register_uri_scheme(context, "app", on_scheme, NULL, NULL);
}

uintptr_t casement_scheme_window(WebKitURISchemeRequest *request) {
  WebKitWebView *view = webkit_uri_scheme_request_get_web_view(request);
  return view ? (uintptr_t)g_object_get_data(G_OBJECT(view), "casement-window") : 0;
}

// What bodies are read into is kept, up to this size: memory that has been in use costs half as much to fill. All of
// it is the UI thread's.
static const gsize scheme_body_kept = 2 << 20;
static char *scheme_body;
static gsize scheme_body_room;

char *casement_scheme_body(WebKitURISchemeRequest *request, gsize limit, gsize *length, gboolean *too_long) {
  *length = 0;
  *too_long = FALSE;
#if WEBKIT_CHECK_VERSION(2, 40, 0)
  GInputStream *stream = webkit_uri_scheme_request_get_http_body(request);
  if (!stream)
    return NULL;
  gssize n = 1;
  while (n > 0 && *length <= limit) {
    if (scheme_body_room - *length < 16384)
      scheme_body = g_realloc(scheme_body, scheme_body_room = 2 * scheme_body_room + 65536);
    n = g_input_stream_read(stream, scheme_body + *length, scheme_body_room - *length, NULL, NULL);
    if (n > 0)
      *length += (gsize)n;
  }
  g_object_unref(stream);
  *too_long = *length > limit;
  return scheme_body;
#else
  return NULL;
#endif
}

void casement_scheme_body_done(void) {
  if (scheme_body_room <= scheme_body_kept)
    return;
  g_free(scheme_body);
  scheme_body = NULL;
  scheme_body_room = 0;
}

SoupMessageHeaders *casement_headers_new(void) { return soup_message_headers_new(SOUP_MESSAGE_HEADERS_RESPONSE); }

void casement_scheme_answer(WebKitURISchemeRequest *request, guint status, const char *reason, SoupMessageHeaders *headers,
                            const char *type, void *body, gsize length) {
  GInputStream *stream = g_memory_input_stream_new_from_data(body, (gssize)length, free);
  WebKitURISchemeResponse *response = webkit_uri_scheme_response_new(stream, (gint64)length);
  webkit_uri_scheme_response_set_status(response, status, reason);
  webkit_uri_scheme_response_set_content_type(response, type);
  webkit_uri_scheme_response_set_http_headers(response, headers);
  webkit_uri_scheme_request_finish_with_response(request, response);
  g_object_unref(response);
  g_object_unref(stream);
  g_object_unref(request);
}

void casement_scheme_fail(WebKitURISchemeRequest *request, const char *why) {
  GError *error = g_error_new_literal(WEBKIT_NETWORK_ERROR, WEBKIT_NETWORK_ERROR_FAILED, why);
  webkit_uri_scheme_request_finish_error(request, error);
  g_error_free(error);
  g_object_unref(request);
}

static void each_header(const char *name, const char *value, gpointer to) {
  casementHeader((uintptr_t)to, (char *)name, (char *)value);
}

void casement_headers_each(SoupMessageHeaders *headers, uintptr_t to) {
  soup_message_headers_foreach(headers, each_header, (gpointer)to);
}

// ---- content filters

static void on_filter(GObject *store, GAsyncResult *result, gpointer to) {
  GError *error = NULL;
  WebKitUserContentFilter *filter =
      webkit_user_content_filter_store_save_finish(WEBKIT_USER_CONTENT_FILTER_STORE(store), result, &error);
  casementFilter((uintptr_t)to, filter, error ? error->message : NULL);
  g_clear_error(&error);
}

void casement_filter_compile(const char *folder, const char *rules, const char *id, uintptr_t to) {
  WebKitUserContentFilterStore *store = webkit_user_content_filter_store_new(folder);
  GBytes *source = g_bytes_new(rules, strlen(rules));
  webkit_user_content_filter_store_save(store, id, source, NULL, on_filter, (gpointer)to);
  g_bytes_unref(source);
  g_object_unref(store);
}

// ---- dialogs

// belongs tells whether a window is another's dialog, or one of its dialogs'.
static gboolean belongs(GtkWindow *dialog, GtkWidget *owner) {
  for (int depth = 0; dialog && depth < 16; depth++) {
    dialog = gtk_window_get_transient_for(dialog);
    if (GTK_WIDGET(dialog) == owner)
      return TRUE;
  }
  return FALSE;
}

void casement_answer_dialogs(GtkWidget *owner) {
  GList *all = gtk_window_list_toplevels();
  g_list_foreach(all, (GFunc)g_object_ref, NULL); // an answer may destroy others
  for (GList *i = all; i; i = i->next)
    if (GTK_IS_DIALOG(i->data) && gtk_widget_get_visible(i->data) && (!owner || belongs(i->data, owner)))
      gtk_dialog_response(i->data, GTK_RESPONSE_DELETE_EVENT);
  g_list_free_full(all, g_object_unref);
}

static gboolean on_stop(gpointer unused) {
  casement_answer_dialogs(NULL);
  if (gtk_main_level() > 0)
    gtk_main_quit();
  return G_SOURCE_CONTINUE;
}

guint casement_stop(void) {
  on_stop(NULL);
  return g_timeout_add(50, on_stop, NULL);
}

void casement_alert(const char *title, const char *text) {
  GtkWidget *dialog = gtk_message_dialog_new(NULL, 0, GTK_MESSAGE_ERROR, GTK_BUTTONS_CLOSE, "%s", title);
  gtk_message_dialog_format_secondary_text(GTK_MESSAGE_DIALOG(dialog), "%s", text);
  gtk_window_set_title(GTK_WINDOW(dialog), title);
  gtk_window_set_position(GTK_WINDOW(dialog), GTK_WIN_POS_CENTER);
  gtk_window_set_skip_taskbar_hint(GTK_WINDOW(dialog), FALSE); // there is no other window to find it by
  gtk_dialog_run(GTK_DIALOG(dialog));
  gtk_widget_destroy(dialog);
  while (gtk_events_pending()) // so that it goes from the screen, too
    gtk_main_iteration();
}

static gboolean on_alert_end(gpointer unused) {
  casement_answer_dialogs(NULL);
  return G_SOURCE_REMOVE;
}

void casement_alert_end(void) { g_idle_add(on_alert_end, NULL); }

// ---- file chooser

static void on_picked(GtkNativeDialog *dialog, int response, gpointer to) {
  char *path = NULL;
  if (response == GTK_RESPONSE_ACCEPT)
    path = gtk_file_chooser_get_filename(GTK_FILE_CHOOSER(dialog));
  casementPicked((uintptr_t)to, path);
  g_free(path);
}

GtkNativeDialog *casement_pick(GtkWindow *parent, const char *title, uintptr_t to) {
  GtkNativeDialog *dialog = GTK_NATIVE_DIALOG(
      gtk_file_chooser_native_new(title, parent, GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL));
  gtk_native_dialog_set_modal(dialog, parent != NULL);
  g_signal_connect(dialog, "response", G_CALLBACK(on_picked), (gpointer)to);
  gtk_native_dialog_show(dialog);
  return dialog;
}

static gboolean forget_dialog(gpointer dialog) {
  gtk_native_dialog_destroy(dialog);
  g_object_unref(dialog);
  return G_SOURCE_REMOVE;
}

void casement_pick_end(GtkNativeDialog *dialog, uintptr_t to) {
  g_signal_handlers_disconnect_by_data(dialog, (gpointer)to);
  // A chooser that complains serves events until that is read, and goes on to use itself: let it return first.
  gboolean complains = FALSE;
  GList *all = gtk_window_list_toplevels();
  for (GList *i = all; i; i = i->next)
    if (GTK_IS_MESSAGE_DIALOG(i->data) && GTK_IS_FILE_CHOOSER(gtk_window_get_transient_for(i->data))) {
      complains = TRUE;
      gtk_dialog_response(i->data, GTK_RESPONSE_CANCEL);
    }
  g_list_free(all);
  if (complains) {
    gtk_native_dialog_hide(dialog);
    g_idle_add(forget_dialog, dialog);
  } else {
    forget_dialog(dialog);
  }
}
