// The C half of the Linux files. A Go file that needs C has a C file of the same name. All
// functions are called on the UI thread unless their comment says otherwise. A window's handle is
// the cgo.Handle of its Go nativeView; every callback gets it.
#ifndef CASEMENT_NATIVE_H
#define CASEMENT_NATIVE_H

#include <gtk/gtk.h>
#include <stdint.h>
#include <webkit2/webkit2.h>

// ---- native_linux.c: the event loop

// casement_source_new makes a GSource that calls casementDrain(loop) on the UI thread after
// g_source_set_ready_time(source, 0), which any thread may call.
GSource *casement_source_new(uintptr_t loop, int priority);
void casement_source_free(GSource *source);

// casement_stop ends gtk_main and every event loop nested in it. It tries again until the source
// that it returns is removed.
guint casement_stop(void);

// ---- window_linux.c: GTK's window

// casement_window_new makes a window that is not on the screen yet. webview_go puts its view into
// it.
GtkWidget *casement_window_new(const char *title, int width, int height, int min_width, int min_height,
                               gboolean fixed);

// casement_window_own takes the view over from webview_go and connects all signals. It returns the
// view with a reference, or NULL if the window has none. casement_window_disown disconnects them.
WebKitWebView *casement_window_own(GtkWidget *gtk, uintptr_t window);
void casement_window_disown(GtkWidget *gtk, WebKitWebView *view, uintptr_t window);

// casement_window_of returns the handle of an owned window or view, or 0.
uintptr_t casement_window_of(gpointer object);

// casement_dark reports whether the desktop's theme is dark, by the rule that WebKit uses for
// pages.
gboolean casement_dark(GtkWidget *gtk);

// ---- page_linux.c: what a view exchanges with its documents

// casement_window_own calls each topic's connect function, and casement_window_disown its
// disconnect function, which undoes all but the signals of the view.
void casement_page_connect(WebKitWebView *view, gpointer window);
void casement_page_disconnect(WebKitWebView *view, gpointer window);
void casement_eval(WebKitWebView *view, const char *script, gssize length);

// casement_everywhere runs a script at document start in every frame.
void casement_everywhere(WebKitWebView *view, const char *script);

// ---- navigation_linux.c: loads, their policy, and downloads

void casement_navigation_connect(WebKitWebView *view, gpointer window);
void casement_navigation_disconnect(WebKitWebView *view, gpointer window);

// ---- filter_linux.c: content filters

// casement_filter_compile compiles rules into a filter that it keeps in a folder under an id.
// casementFilter(to, filter or NULL, error) is called once, later.
void casement_filter_compile(const char *folder, const char *rules, const char *id, uintptr_t to);

// ---- scheme_linux.c: the app: scheme

// casement_scheme_register makes the default context send app: requests to casementScheme. Only the
// first call in a process does anything.
void casement_scheme_register(void);

// casement_scheme_window returns the handle of the window that sent a request, or 0.
uintptr_t casement_scheme_window(WebKitURISchemeRequest *request);

// casement_scheme_body returns a request's body, or NULL if it has none. The memory is valid until
// casement_scheme_body_done.
char *casement_scheme_body(WebKitURISchemeRequest *request, gsize limit, gsize *length, gboolean *too_long);
void casement_scheme_body_done(void);

// casement_scheme_answer and casement_scheme_fail end a request and drop its reference. The answer
// takes ownership of headers, and of body, which it frees with free().
void casement_scheme_answer(WebKitURISchemeRequest *request, guint status, const char *reason,
                            SoupMessageHeaders *headers, const char *type, void *body, gsize length);
void casement_scheme_fail(WebKitURISchemeRequest *request, const char *why);

SoupMessageHeaders *casement_headers_new(void);

// casement_headers_each calls casementHeader(to, name, value) for each header.
void casement_headers_each(SoupMessageHeaders *headers, uintptr_t to);

// ---- drop_linux.c: drag and drop

void casement_drop_connect(WebKitWebView *view, gpointer window);

// ---- input_linux.c: a person's input

enum { CASEMENT_PRESS, CASEMENT_RELEASE, CASEMENT_LEFT };

// casement_watch_input calls casementInput for each key, button and touch in a window, or in one of
// its menus, popups and dialogs, until casement_unwatch_input.
gulong casement_watch_input(void);
void casement_unwatch_input(gulong hook);

// ---- dialog_linux.c: dialogs of pages, and the alert

// casement_answer_dialogs cancels the dialogs of a window, or all of the process if owner is NULL.
// A dialog that runs its own event loop, as the print dialog does, leaves it one iteration later.
void casement_answer_dialogs(GtkWidget *owner);

// casement_alert shows a message until it is closed, or until casement_alert_end, which any thread
// may call.
void casement_alert(const char *title, const char *text);
void casement_alert_end(void);

// ---- pick_linux.c: the file chooser

// casement_pick shows a file chooser until casement_pick_end. casementPicked(to, path or NULL) is
// called when the user has answered.
GtkNativeDialog *casement_pick(GtkWindow *parent, const char *title, uintptr_t to);
void casement_pick_end(GtkNativeDialog *dialog, uintptr_t to);

// ---- signals_linux.c: JavaScriptCore's signal handlers, see signals_linux.go

// casement_warm_up starts JavaScriptCore in this process and keeps its SIGUSR1 handler off Go's
// stacks.
void casement_warm_up(void);

// casement_onstack sets SA_ONSTACK on the fault handlers that JavaScriptCore has installed. It
// returns how many it had to change.
int casement_onstack(void);

#endif
