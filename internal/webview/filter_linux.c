#include "native_linux.h"
#include "_cgo_export.h"

#include <string.h>

static void on_filter(GObject *store, GAsyncResult *result, gpointer to) {
  GError *error = NULL;
  WebKitUserContentFilter *filter =
      webkit_user_content_filter_store_save_finish(WEBKIT_USER_CONTENT_FILTER_STORE(store), result, &error);
  casementFilter((uintptr_t)to, filter, error ? error->message : NULL);
  g_clear_error(&error);
}

void casement_filter_compile(const char *folder, const char *rules, const char *id, uintptr_t to) {
  WebKitUserContentFilterStore *store = webkit_user_content_filter_store_new(folder);
  GBytes *source = g_bytes_new(rules, strlen(rules));
  webkit_user_content_filter_store_save(store, id, source, NULL, on_filter, (gpointer)to);
  g_bytes_unref(source);
  g_object_unref(store);
}
