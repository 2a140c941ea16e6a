#include "native_linux.h"
#include "_cgo_export.h"

// These handlers only watch: WebKit goes on to send the page its drag and drop events. WebKit
// requests the data while the drag is above the view, so it has arrived before the drop.

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

void casement_drop_connect(WebKitWebView *view, gpointer window) {
  g_signal_connect(view, "drag-motion", G_CALLBACK(on_drag_motion), window);
  g_signal_connect(view, "drag-leave", G_CALLBACK(on_drag_leave), window);
  g_signal_connect(view, "drag-data-received", G_CALLBACK(on_drag_data), window);
  g_signal_connect(view, "drag-drop", G_CALLBACK(on_drag_drop), window);
}
