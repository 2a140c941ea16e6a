#include "native_linux.h"
#include "_cgo_export.h"

#include <stdlib.h>

static void on_scheme(WebKitURISchemeRequest *request, gpointer unused) { casementScheme(g_object_ref(request)); }

void casement_scheme_register(void) {
  WebKitWebContext *context = webkit_web_context_get_default();
  if (g_object_get_data(G_OBJECT(context), "casement-scheme"))
    return;
  g_object_set_data(G_OBJECT(context), "casement-scheme", context);
  WebKitSecurityManager *security = webkit_web_context_get_security_manager(context);
  webkit_security_manager_register_uri_scheme_as_secure(security, "app");
  webkit_security_manager_register_uri_scheme_as_cors_enabled(security, "app");
  webkit_web_context_register_uri_scheme(context, "app", on_scheme, NULL, NULL);
}

uintptr_t casement_scheme_window(WebKitURISchemeRequest *request) {
  WebKitWebView *view = webkit_uri_scheme_request_get_web_view(request);
  return view ? casement_window_of(view) : 0;
}

// body_buffer holds one request's body at a time. It is kept between requests up to buffer_kept
// bytes: memory that was in use before costs half as much to fill.
static const gsize buffer_kept = 2 << 20;
static char *body_buffer;
static gsize body_capacity;

char *casement_scheme_body(WebKitURISchemeRequest *request, gsize limit, gsize *length, gboolean *too_long) {
  *length = 0;
  *too_long = FALSE;
#if WEBKIT_CHECK_VERSION(2, 40, 0)
  GInputStream *stream = webkit_uri_scheme_request_get_http_body(request);
  if (!stream)
    return NULL;
  gssize n = 1;
  while (n > 0 && *length <= limit) {
    if (body_capacity - *length < 16384)
      body_buffer = g_realloc(body_buffer, body_capacity = 2 * body_capacity + 65536);
    n = g_input_stream_read(stream, body_buffer + *length, body_capacity - *length, NULL, NULL);
    if (n > 0)
      *length += (gsize)n;
  }
  g_object_unref(stream);
  *too_long = *length > limit;
  return body_buffer;
#else
  return NULL;
#endif
}

void casement_scheme_body_done(void) {
  if (body_capacity <= buffer_kept)
    return;
  g_free(body_buffer);
  body_buffer = NULL;
  body_capacity = 0;
}

void casement_scheme_answer(WebKitURISchemeRequest *request, guint status, const char *reason,
                            SoupMessageHeaders *headers, const char *type, void *body, gsize length) {
  GInputStream *stream = g_memory_input_stream_new_from_data(body, (gssize)length, free);
  WebKitURISchemeResponse *response = webkit_uri_scheme_response_new(stream, (gint64)length);
  webkit_uri_scheme_response_set_status(response, status, reason);
  webkit_uri_scheme_response_set_content_type(response, type);
  webkit_uri_scheme_response_set_http_headers(response, headers);
  webkit_uri_scheme_request_finish_with_response(request, response);
  g_object_unref(response);
  g_object_unref(stream);
  g_object_unref(request);
}

void casement_scheme_fail(WebKitURISchemeRequest *request, const char *why) {
  GError *error = g_error_new_literal(WEBKIT_NETWORK_ERROR, WEBKIT_NETWORK_ERROR_FAILED, why);
  webkit_uri_scheme_request_finish_error(request, error);
  g_error_free(error);
  g_object_unref(request);
}

SoupMessageHeaders *casement_headers_new(void) { return soup_message_headers_new(SOUP_MESSAGE_HEADERS_RESPONSE); }

static void each_header(const char *name, const char *value, gpointer to) {
  casementHeader((uintptr_t)to, (char *)name, (char *)value);
}

void casement_headers_each(SoupMessageHeaders *headers, uintptr_t to) {
  soup_message_headers_foreach(headers, each_header, (gpointer)to);
}
