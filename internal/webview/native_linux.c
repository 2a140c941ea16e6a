#include "native_linux.h"
#include "_cgo_export.h"

#if !WEBKIT_CHECK_VERSION(2, 36, 0)
#error "WebKitGTK 2.36 or newer is required: older versions can't answer an app: request with a status and headers"
#endif

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
  // A print dialog in a posted function must not stop the loop.
  g_source_set_can_recurse(source, TRUE);
  g_source_attach(source, NULL);
  return source;
}

void casement_source_free(GSource *source) {
  g_source_destroy(source);
  g_source_unref(source);
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
