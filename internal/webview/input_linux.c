#include "native_linux.h"
#include "_cgo_export.h"

// owner_of returns the handle of the window that a widget belongs to, or 0. aside is set if the
// widget is not in the window itself but in one of its menus, popups or dialogs.
static uintptr_t owner_of(GtkWidget *widget, gboolean *aside) {
  for (int depth = 0; widget && depth < 16; depth++) {
    GtkWidget *top = gtk_widget_get_toplevel(widget);
    uintptr_t window = casement_window_of(top);
    *aside = depth > 0;
    if (window)
      return window;
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

// on_event sees each event before its widget does. It skips events that a program made, by
// XSendEvent for instance: these are marked.
static gboolean on_event(GSignalInvocationHint *hint, guint n, const GValue *values, gpointer unused) {
  GtkWidget *widget = g_value_get_object(&values[0]);
  GdkEvent *event = g_value_get_boxed(&values[1]);
  int kind = CASEMENT_PRESS;
  guint32 code = 0;
  switch (event->type) {
  case GDK_KEY_RELEASE:
    kind = CASEMENT_RELEASE; // fall through
  case GDK_KEY_PRESS:
    code = event->key.hardware_keycode;
    break;
  case GDK_BUTTON_RELEASE:
    kind = CASEMENT_RELEASE; // fall through
  case GDK_BUTTON_PRESS:
    code = 1 << 16 | event->button.button;
    break;
  case GDK_TOUCH_END:
  case GDK_TOUCH_CANCEL:
    kind = CASEMENT_RELEASE; // fall through
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
  uintptr_t window = owner_of(widget, &aside);
  if (window)
    casementInput(window, kind, code, aside, time);
  return TRUE;
}

gulong casement_watch_input(void) {
  g_type_ensure(GTK_TYPE_WINDOW);
  return g_signal_add_emission_hook(g_signal_lookup("event", GTK_TYPE_WIDGET), 0, on_event, NULL, NULL);
}

void casement_unwatch_input(gulong hook) { g_signal_remove_emission_hook(g_signal_lookup("event", GTK_TYPE_WIDGET), hook); }
