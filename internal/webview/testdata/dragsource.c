// Shows a window with the title "drag source". Dragging from it drags the files on the command
// line.
#include <gtk/gtk.h>

static char **uris;

static void give(GtkWidget *widget, GdkDragContext *context, GtkSelectionData *data, guint info, guint time, gpointer unused) {
  gtk_selection_data_set_uris(data, uris);
}

int main(int argc, char **argv) {
  gtk_init(&argc, &argv);
  uris = g_new0(char *, argc);
  for (int i = 1; i < argc; i++)
    uris[i - 1] = g_str_has_prefix(argv[i], "file:") ? argv[i] : g_filename_to_uri(argv[i], NULL, NULL);
  GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL), *box = gtk_event_box_new();
  gtk_window_set_title(GTK_WINDOW(window), "drag source");
  gtk_window_set_default_size(GTK_WINDOW(window), 200, 200);
  gtk_container_add(GTK_CONTAINER(window), box);
  gtk_drag_source_set(box, GDK_BUTTON1_MASK, NULL, 0, GDK_ACTION_COPY);
  gtk_drag_source_add_uri_targets(box);
  g_signal_connect(box, "drag-data-get", G_CALLBACK(give), NULL);
  g_signal_connect(window, "destroy", gtk_main_quit, NULL);
  gtk_widget_show_all(window);
  gtk_main();
  return 0;
}
