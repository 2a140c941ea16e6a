#include "native_linux.h"

// belongs reports whether owner is the parent of a dialog, or the parent of its parent, and so on.
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
  g_list_foreach(all, (GFunc)g_object_ref, NULL); // a response may destroy other dialogs
  for (GList *i = all; i; i = i->next)
    if (GTK_IS_DIALOG(i->data) && gtk_widget_get_visible(i->data) && (!owner || belongs(i->data, owner)))
      gtk_dialog_response(i->data, GTK_RESPONSE_DELETE_EVENT);
  g_list_free_full(all, g_object_unref);
}

void casement_alert(const char *title, const char *text) {
  GtkWidget *dialog = gtk_message_dialog_new(NULL, 0, GTK_MESSAGE_ERROR, GTK_BUTTONS_CLOSE, "%s", title);
  gtk_message_dialog_format_secondary_text(GTK_MESSAGE_DIALOG(dialog), "%s", text);
  gtk_window_set_title(GTK_WINDOW(dialog), title);
  gtk_window_set_position(GTK_WINDOW(dialog), GTK_WIN_POS_CENTER);
  // The app has no other window in the taskbar.
  gtk_window_set_skip_taskbar_hint(GTK_WINDOW(dialog), FALSE);
  gtk_dialog_run(GTK_DIALOG(dialog));
  gtk_widget_destroy(dialog);
  while (gtk_events_pending()) // takes it off the screen
    gtk_main_iteration();
}

static gboolean on_alert_end(gpointer unused) {
  casement_answer_dialogs(NULL);
  return G_SOURCE_REMOVE;
}

void casement_alert_end(void) { g_idle_add(on_alert_end, NULL); }
