// Publishes settings to the programs on a display, as the settings daemon of a desktop does. It
// reads lines such as "2 Adwaita-dark" from standard input: the window scale and the name of the
// theme.
#include <X11/Xatom.h>
#include <X11/Xlib.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static unsigned char *put(unsigned char *to, const void *from, size_t n) {
  memset(to, 0, (n + 3) & ~(size_t)3);
  memcpy(to, from, n);
  return to + ((n + 3) & ~(size_t)3);
}

static unsigned char *put_number(unsigned char *to, uint32_t n) { return put(to, &n, sizeof n); }

static unsigned char *put_name(unsigned char *to, char type, const char *name) {
  uint16_t length = (uint16_t)strlen(name);
  to[0] = type;
  to[1] = 0;
  memcpy(to + 2, &length, 2);
  return put_number(put(to + 4, name, length), 0);
}

int main(void) {
  Display *display = XOpenDisplay(NULL);
  if (!display)
    return 1;
  Atom selection = XInternAtom(display, "_XSETTINGS_S0", False), property = XInternAtom(display, "_XSETTINGS_SETTINGS", False);
  if (XGetSelectionOwner(display, selection) != None) {
    fprintf(stderr, "the display has a settings daemon\n");
    return 1;
  }
  Window root = DefaultRootWindow(display), window = XCreateSimpleWindow(display, root, 0, 0, 1, 1, 0, 0, 0);
  uint32_t scale, serial = 0;
  char theme[200];
  while (scanf("%u %199s", &scale, theme) == 2) {
    // Little-endian: WebKitGTK runs on no other machines.
    unsigned char settings[1000] = {0}, *end = put_number(settings, 0);
    end = put_number(end, serial++);
    end = put_number(end, 2);
    end = put_number(put_name(end, 0, "Gdk/WindowScalingFactor"), scale);
    end = put_name(end, 1, "Net/ThemeName");
    end = put(put_number(end, (uint32_t)strlen(theme)), theme, strlen(theme));
    XChangeProperty(display, window, property, property, 8, PropModeReplace, settings, (int)(end - settings));
    if (serial == 1) {
      XSetSelectionOwner(display, selection, window, CurrentTime);
      XEvent e = {.xclient = {.type = ClientMessage, .window = root, .format = 32}};
      e.xclient.message_type = XInternAtom(display, "MANAGER", False);
      e.xclient.data.l[1] = (long)selection;
      e.xclient.data.l[2] = (long)window;
      XSendEvent(display, root, False, StructureNotifyMask, &e);
    }
    XSync(display, False);
    printf("published\n");
    fflush(stdout);
  }
  return 0;
}
