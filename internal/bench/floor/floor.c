/*
 * The floor that make bench measures beside Casement: WebKitGTK, used directly. It sends scripts down
 * and receives strings unprocessed, and neither validates, escapes nor stores anything.
 *
 *     floor PAGE.js ROW
 */
#include <gtk/gtk.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <webkit2/webkit2.h>

/* The number of scripts that the page may have left unacknowledged, as in Casement. */
enum { WINDOW = 64, ASK = 16, SCRIPT = 96 << 10, VALUES = 1024 };
/* The number of distinct values. It is prime, so that scripts differ: WebKit compiles equal ones once. */
enum { DIFFERENT = 1021 };

static WebKitWebView *view;
static const char *row;

static GString *script;

static void eval(void) {
  webkit_web_view_evaluate_javascript(view, script->str, (gssize)script->len, NULL, NULL, NULL, NULL, NULL);
}

/* base64 appends the base64 of bytes. Only the last call may have a length that is no multiple of 3. */
static void base64(const uint8_t *in, size_t n) {
  static char pairs[4096][2];
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (!pairs[0][0]) {
    for (int i = 0; i < 4096; i++) {
      pairs[i][0] = digits[i >> 6];
      pairs[i][1] = digits[i & 63];
    }
  }
  size_t at = script->len;
  g_string_set_size(script, at + (n + 2) / 3 * 4);
  char *out = script->str + at;
  for (; n >= 3; n -= 3, in += 3, out += 4) {
    uint32_t v = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
    memcpy(out, pairs[v >> 12], 2);
    memcpy(out + 2, pairs[v & 4095], 2);
  }
  if (n > 0) {
    uint32_t v = (uint32_t)in[0] << 16 | (n > 1 ? (uint32_t)in[1] << 8 : 0);
    memcpy(out, pairs[v >> 12], 2);
    out[2] = n > 1 ? pairs[v & 4095][0] : '=';
    out[3] = '=';
  }
}

/* A stream that is being sent: of events, of values or, if size is not 0, of bytes. */
static struct {
  long id, left, size, sent;
  const char *function;
  int flight, unasked;
  uint8_t *data;
} stream;

/* value returns one of the values, with a comma before it. */
enum { VALUE = 51 };
static const char *value(long n) {
  static char values[DIFFERENT][VALUE + 1];
  char *v = values[n % DIFFERENT];
  if (!v[0]) g_snprintf(v, VALUE + 1, ",\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx%08ld\"", n % DIFFERENT);
  return v;
}

static void pump(void) {
  while (stream.left > 0 && stream.flight < WINDOW) {
    g_string_assign(script, stream.function);
    // One literal for each function: JavaScriptCore reads such a script as JSONP, and does not compile it.
    g_string_append(script, "([");
    if (stream.size == 0) {
      g_string_append(script, "'[");
      for (int n = 0; n < VALUES && stream.left > 0; n++, stream.left--) {
        g_string_append_len(script, value(stream.sent++) + (n == 0), VALUE - (n == 0));
      }
      g_string_append(script, "]'");
    } else {
      for (int n = 0; stream.left > 0 && (n == 0 || script->len + stream.size / 3 * 4 < SCRIPT); n++, stream.left--) {
        g_string_append(script, n ? ",'" : "'");
        memcpy(stream.data, &stream.sent, sizeof stream.sent);
        stream.sent++;
        base64(stream.data, (size_t)stream.size);
        g_string_append_c(script, '\'');
      }
    }
    g_string_append(script, "])");
    stream.flight++;
    if (++stream.unasked == ASK) {
      stream.unasked = 0;
      g_string_append(script, ";ack([])");
    }
    eval();
  }
  if (stream.left == 0 && stream.id) {
    g_string_printf(script, "done([%ld])", stream.id);
    stream.id = 0;
    eval();
  }
}

static void begin(const char *function, long id, long count, long size) {
  stream.function = function;
  stream.id = id;
  stream.left = count;
  stream.size = size;
  stream.flight = stream.unasked = 0;
  g_free(stream.data);
  stream.data = g_malloc((gsize)size);
  for (long n = 0; n < size; n++) stream.data[n] = (uint8_t)g_random_int();
  pump();
}

static void received(WebKitUserContentManager *manager, WebKitJavascriptResult *result, gpointer data) {
  (void)manager, (void)data;
  char *message = jsc_value_to_string(webkit_javascript_result_get_js_value(result));
  char *number = strchr(message, ' ');
  char *rest = NULL;
  long id = number ? strtol(number, &rest, 10) : 0;
  if (rest) rest++;
  if (message[0] == 'a') {
    stream.flight = stream.flight > ASK ? stream.flight - ASK : 0;
    pump();
  } else if (g_str_has_prefix(message, "echo ")) {
    g_string_printf(script, "done([%ld,'", id);
    g_string_append(script, rest);
    g_string_append(script, "'])");
    eval();
  } else if (g_str_has_prefix(message, "up ")) {
    gsize length = 0;
    g_free(g_base64_decode(rest, &length));
    g_string_printf(script, "done([%ld,%zu])", id, (size_t)length);
    eval();
  } else if (g_str_has_prefix(message, "down ")) {
    size_t size = (size_t)strtol(rest, NULL, 10);
    uint8_t *bytes = g_malloc0(size);
    g_string_printf(script, "bytesDone([%ld,'", id);
    base64(bytes, size);
    g_string_append(script, "'])");
    g_free(bytes);
    eval();
  } else if (g_str_has_prefix(message, "emit ")) {
    begin("events", id, strtol(rest, NULL, 10), 0);
  } else if (g_str_has_prefix(message, "stream ")) {
    char *size = NULL;
    long count = strtol(rest, &size, 10);
    long bytes = strtol(size, NULL, 10);
    begin(bytes ? "bytes" : "values", id, count, bytes);
  } else if (g_str_has_prefix(message, "row ")) {
    g_string_printf(script, "done([%ld,'%s'])", id, row);
    eval();
  } else if (g_str_has_prefix(message, "report ")) {
    puts(rest);
    fflush(stdout);
    g_string_printf(script, "done([%ld])", id);
    eval();
  }
  g_free(message);
}

int main(int argc, char **argv) {
  gtk_init(&argc, &argv);
  char *source = NULL;
  GError *error = NULL;
  if (argc != 3 || !g_file_get_contents(argv[1], &source, NULL, &error)) {
    fprintf(stderr, "floor: %s\n", error ? error->message : "usage: floor PAGE.js ROW");
    return 2;
  }
  row = argv[2];
  script = g_string_new(NULL);
  WebKitUserContentManager *manager = webkit_user_content_manager_new();
  g_signal_connect(manager, "script-message-received::floor", G_CALLBACK(received), NULL);
  webkit_user_content_manager_register_script_message_handler(manager, "floor");
  view = WEBKIT_WEB_VIEW(webkit_web_view_new_with_user_content_manager(manager));
  GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
  gtk_window_set_default_size(GTK_WINDOW(window), 800, 600);
  gtk_container_add(GTK_CONTAINER(window), GTK_WIDGET(view));
  g_signal_connect(window, "destroy", G_CALLBACK(gtk_main_quit), NULL);
  char *page = g_strconcat("<!doctype html><title>floor</title><body><script>", source, "</script>", NULL);
  webkit_web_view_load_html(view, page, "http://localhost/");
  gtk_widget_show_all(window);
  gtk_main();
  return 0;
}
