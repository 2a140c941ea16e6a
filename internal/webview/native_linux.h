// What the Linux files ask of GTK and WebKitGTK, all on the UI thread.
#ifndef CASEMENT_NATIVE_H
#define CASEMENT_NATIVE_H

#include <gtk/gtk.h>
#include <stdint.h>
#include <webkit2/webkit2.h>

// casement_source_new makes a GSource that calls casementDrain(loop) on the UI thread once g_source_set_ready_time(source, 0)
// has been called, on any thread.
GSource *casement_source_new(uintptr_t loop, int priority);
void casement_source_free(GSource *source);

// casement_watch_input makes casementInput be called for what a person does in a window, its menus, popups and dialogs, until
// casement_unwatch_input: with a key's, button's or touch's code, whether it was in one of these, and the display's time.
enum { CASEMENT_PRESS, CASEMENT_RELEASE, CASEMENT_LEFT };
gulong casement_watch_input(void);
void casement_unwatch_input(gulong hook);

// casement_window_new makes a window that is not on the screen yet; webview_go puts its view into it.
GtkWidget *casement_window_new(const char *title, int width, int height, int min_width, int min_height, gboolean fixed);
// casement_window_own takes over the view from webview_go and connects every signal; `window` is handed to each callback.
// It returns the view with a reference, or NULL.
WebKitWebView *casement_window_own(GtkWidget *gtk, uintptr_t window);
void casement_window_disown(GtkWidget *gtk, WebKitWebView *view, uintptr_t window);

// casement_dark tells whether the desktop's theme is dark, as WebKit tells it to pages.
gboolean casement_dark(GtkWidget *gtk);

// casement_everywhere makes a script run at document start in every frame.
void casement_everywhere(WebKitWebView *view, const char *script);

void casement_eval(WebKitWebView *view, const char *script, gssize length);

// casement_scheme_register makes the default context send requests to app: to casementScheme; once per process.
void casement_scheme_register(void);
uintptr_t casement_scheme_window(WebKitURISchemeRequest *request);
// casement_scheme_body returns a request's body, which holds until casement_scheme_body_done, or NULL if there is none.
char *casement_scheme_body(WebKitURISchemeRequest *request, gsize limit, gsize *length, gboolean *too_long);
void casement_scheme_body_done(void);
SoupMessageHeaders *casement_headers_new(void);
void casement_scheme_answer(WebKitURISchemeRequest *request, guint status, const char *reason, SoupMessageHeaders *headers,
                            const char *type, void *body, gsize length);
void casement_scheme_fail(WebKitURISchemeRequest *request, const char *why);
void casement_headers_each(SoupMessageHeaders *headers, uintptr_t to);

// casement_filter_compile compiles content filter rules; casementFilter(window, filter or NULL, error) is called later.
void casement_filter_compile(const char *folder, const char *rules, const char *id, uintptr_t to);

// casement_answer_dialogs cancels the dialogs that belong to a window, all of the process' if it is NULL. One that runs an event
// loop of its own, such as that for printing, leaves it a turn later.
void casement_answer_dialogs(GtkWidget *owner);
// casement_stop ends gtk_main, and whatever has begun an event loop inside it, until the source that it returns is removed.
guint casement_stop(void);

// casement_alert shows a message until it is closed, or casement_alert_end is called, on any thread.
void casement_alert(const char *title, const char *text);
void casement_alert_end(void);

// casement_pick shows a file chooser until casement_pick_end; casementPicked(to, path or NULL) is called when it is answered.
GtkNativeDialog *casement_pick(GtkWindow *parent, const char *title, uintptr_t to);
void casement_pick_end(GtkNativeDialog *dialog, uintptr_t to);

// casement_warm_up starts JavaScriptCore in this process and keeps its SIGUSR1 off Go's stacks; casement_onstack repairs the
// handlers of faults that it installed, and returns how many it had to. See signals_linux.go.
void casement_warm_up(void);
int casement_onstack(void);

#endif
