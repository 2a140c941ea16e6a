#include "native_linux.h"
#include "_cgo_export.h"

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

static gboolean destroy_dialog(gpointer dialog) {
  gtk_native_dialog_destroy(dialog);
  g_object_unref(dialog);
  return G_SOURCE_REMOVE;
}

void casement_pick_end(GtkNativeDialog *dialog, uintptr_t to) {
  g_signal_handlers_disconnect_by_data(dialog, (gpointer)to);
  // A chooser that shows an error runs an event loop until the error is closed, and then uses
  // itself again. So the error is closed first and the chooser is destroyed after that loop has
  // returned.
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
    g_idle_add(destroy_dialog, dialog);
  } else {
    destroy_dialog(dialog);
  }
}
