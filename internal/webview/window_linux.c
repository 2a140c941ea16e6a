#include "native_linux.h"
#include "_cgo_export.h"

// The key under which a window and its view hold the window's handle.
static const char owner_key[] = "casement-window";

uintptr_t casement_window_of(gpointer object) { return (uintptr_t)g_object_get_data(G_OBJECT(object), owner_key); }

GtkWidget *casement_window_new(const char *title, int width, int height, int min_width, int min_height,
                               gboolean fixed) {
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
  return TRUE; // only Window.Close destroys the window
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

static void on_theme(GObject *settings, GParamSpec *p, gpointer window) { casementThemed((uintptr_t)window); }

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

WebKitWebView *casement_window_own(GtkWidget *gtk, uintptr_t window) {
  GtkWidget *child = gtk_bin_get_child(GTK_BIN(gtk));
  if (!child || !WEBKIT_IS_WEB_VIEW(child))
    return NULL;
  WebKitWebView *view = WEBKIT_WEB_VIEW(g_object_ref(child));
  gpointer data = (gpointer)window;
  g_object_set_data(G_OBJECT(view), owner_key, data);
  g_object_set_data(G_OBJECT(gtk), owner_key, data);

  casement_page_connect(view, data);
  casement_navigation_connect(view, data);
  casement_drop_connect(view, data);

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
  casement_page_disconnect(view, data);
  casement_navigation_disconnect(view, data);
  g_signal_handlers_disconnect_by_data(view, data);
  g_signal_handlers_disconnect_by_data(gtk_widget_get_settings(gtk), data);
  g_signal_handlers_disconnect_by_data(gtk, data);
  g_object_set_data(G_OBJECT(view), owner_key, NULL);
  g_object_set_data(G_OBJECT(gtk), owner_key, NULL);
}
