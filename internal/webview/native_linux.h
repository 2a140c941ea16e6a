// What the Linux files ask of GTK and WebKitGTK, all on the UI thread.
#ifndef CASEMENT_NATIVE_H
#define CASEMENT_NATIVE_H

#include <gtk/gtk.h>
#include <signal.h>
#include <stdint.h>
#include <webkit2/webkit2.h>

// casement_run is gtk_main with the signal stack put away: see signals_linux.go.
void casement_run(void);

// GO makes a call from C to Go on the main thread.
#define GO(call)                                                                                                       \
  do {                                                                                                                 \
    stack_t was;                                                                                                       \
    casement_to_go(&was);                                                                                              \
    call;                                                                                                              \
    casement_to_c(&was);                                                                                               \
  } while (0)
void casement_to_go(stack_t *was);
void casement_to_c(const stack_t *was);

// casement_source_new makes a GSource that calls casementDrain(loop) on the UI thread once g_source_set_ready_time(source, 0)
// has been called, on any thread.
GSource *casement_source_new(uintptr_t loop, int priority);
void casement_source_free(GSource *source);

// casement_window_new makes a window that is not on the screen yet; webview_go puts its view into it.
GtkWidget *casement_window_new(const char *title, int width, int height, int min_width, int min_height, gboolean fixed);
// casement_window_own takes over the view from webview_go and connects every signal; `window` is handed to each callback.
// It returns the view with a reference, or NULL.
WebKitWebView *casement_window_own(GtkWidget *gtk, uintptr_t window);
void casement_window_disown(GtkWidget *gtk, WebKitWebView *view, uintptr_t window);

void casement_eval(WebKitWebView *view, const char *script, gssize length);

// casement_scheme_register makes the default context send requests to app: to casementScheme; once per process.
void casement_scheme_register(void);
uintptr_t casement_scheme_window(WebKitURISchemeRequest *request);
char *casement_scheme_body(WebKitURISchemeRequest *request, gsize limit, gsize *length, gboolean *too_long);
SoupMessageHeaders *casement_headers_new(void);
void casement_scheme_answer(WebKitURISchemeRequest *request, guint status, const char *reason, SoupMessageHeaders *headers,
                            const char *type, void *body, gsize length);
void casement_scheme_fail(WebKitURISchemeRequest *request, const char *why);
void casement_headers_each(SoupMessageHeaders *headers, uintptr_t to);

// casement_filter_compile compiles content filter rules; casementFilter(window, filter or NULL, error) is called later.
void casement_filter_compile(const char *folder, const char *rules, const char *id, uintptr_t to);

// casement_pick shows a file chooser; casementPicked(to, path or NULL) is called later.
void casement_pick(GtkWindow *parent, const char *title, uintptr_t to);

// casement_warm_up starts JavaScriptCore in this process; casement_onstack repairs the handlers of faults that it installed,
// and returns how many it had to. See signals_linux.go.
void casement_warm_up(void);
int casement_onstack(void);

#endif
