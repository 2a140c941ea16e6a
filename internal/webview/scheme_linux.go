package webview

/*
#include <stdlib.h>
#include "native_linux.h"
*/
import "C"

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"math"
	"net/http"
	"net/url"
	"runtime/cgo"
	"strings"
	"unsafe"

	"casement/internal/panics"
)

// assets answers the app://localhost requests of a window with an http.Handler.
type assets struct {
	loop    *Loop
	handler http.Handler
	maxBody int
	ctx     context.Context
	cancel  context.CancelFunc
	pending map[*C.WebKitURISchemeRequest]struct{} // UI thread only; each has a reference
}

func newAssets(l *Loop, h http.Handler, maxBody int) *assets {
	a := &assets{loop: l, handler: h, maxBody: maxBody, pending: map[*C.WebKitURISchemeRequest]struct{}{}}
	a.ctx, a.cancel = context.WithCancel(l.ctx)
	return a
}

// close cancels the requests that are not answered yet.
func (a *assets) close() {
	a.cancel()
	for r := range a.pending {
		a.fail(r, "the window is closed")
	}
}

func (a *assets) fail(r *C.WebKitURISchemeRequest, why string) {
	delete(a.pending, r)
	failRequest(r, why)
}

func failRequest(r *C.WebKitURISchemeRequest, why string) {
	s := C.CString(why)
	defer C.free(unsafe.Pointer(s))
	C.casement_scheme_fail(r, s)
}

//export casementScheme
func casementScheme(r *C.WebKitURISchemeRequest) {
	h := C.casement_scheme_window(r)
	if h == 0 { // the window has closed, or a worker without a window sent the request
		failRequest(r, "the request belongs to no window")
		return
	}
	v, leave := enter(h)
	defer leave()
	a := v.assets
	if a.handler == nil {
		failRequest(r, "this window serves no files")
		return
	}
	a.pending[r] = struct{}{}
	req, fragment, err := a.request(r)
	if errors.Is(err, errBadPath) {
		delete(a.pending, r)
		badRequest().answer(r)
		return
	}
	if err != nil {
		a.fail(r, err.Error())
		return
	}
	a.loop.tasks.Go(func() {
		res := serve(a, req)
		if res != nil {
			res.redirect(req, fragment)
		}
		a.loop.Post(func() {
			if _, ok := a.pending[r]; !ok {
				return // the window has been closed
			}
			if res == nil {
				a.fail(r, "the handler failed")
				return
			}
			delete(a.pending, r)
			res.answer(r)
		})
	})
}

// errBadPath is answered with 400 Bad Request.
var errBadPath = errors.New("the path can't be parsed")

// request converts a request of WebKit to one of net/http. WebKit's has the fragment, too.
func (a *assets) request(r *C.WebKitURISchemeRequest) (req *http.Request, fragment string, err error) {
	target, fragment, ok := requestTarget(C.GoString(C.webkit_uri_scheme_request_get_uri(r)))
	if !ok {
		return nil, "", errors.New("the only host is " + nativeOrigin)
	}
	// Parsed as a server does: what begins with // is a path, too.
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", errBadPath, err)
	}
	method := C.GoString(C.webkit_uri_scheme_request_get_http_method(r))
	if method == "" {
		method = http.MethodGet
	}
	var length C.gsize
	var tooLong C.gboolean
	text := C.casement_scheme_body(r, C.gsize(min(a.maxBody, math.MaxInt32)), &length, &tooLong)
	var data []byte
	if text != nil {
		data = C.GoBytes(unsafe.Pointer(text), C.int(length))
		C.casement_scheme_body_done()
	}
	if tooLong != 0 {
		return nil, "", errors.New("the request's body is too long")
	}
	req, err = http.NewRequestWithContext(a.ctx, method, "/", bytes.NewReader(data))
	if err != nil {
		return nil, "", err
	}
	if len(data) > 0 {
		req.Body = &body{Reader: bytes.NewReader(data), data: data}
	}
	req.URL = u
	req.Host = nativeHost
	req.RequestURI = target
	req.RemoteAddr = "localhost:0"
	if headers := C.webkit_uri_scheme_request_get_http_headers(r); headers != nil {
		to := cgo.NewHandle(req.Header)
		C.casement_headers_each(headers, C.uintptr_t(to))
		to.Delete()
	}
	return req, fragment, nil
}

// requestTarget returns the request target that a browser sends to a server for a URL of the native
// origin, and the fragment. It replaces backslashes with slashes, which WebKit does in http URLs
// only.
func requestTarget(raw string) (target, fragment string, ok bool) {
	rest, ok := strings.CutPrefix(raw, nativeOrigin)
	if !ok || (rest != "" && !strings.ContainsRune(`/\?#`, rune(rest[0]))) {
		return "", "", false
	}
	rest, fragment, _ = strings.Cut(rest, "#")
	path, query, found := strings.Cut(rest, "?")
	target = strings.ReplaceAll(path, `\`, "/")
	if target == "" {
		target = "/"
	}
	if found {
		target += "?" + query
	}
	return target, fragment, true
}

// body is a request body that is in memory.
type body struct {
	*bytes.Reader
	data []byte
}

// Whole returns all of the body, read or not. The caller may keep it.
func (b *body) Whole() []byte { return b.data }

// Close implements io.Closer.
func (*body) Close() error { return nil }

//export casementHeader
func casementHeader(to C.uintptr_t, name, value *C.char) {
	cgo.Handle(to).Value().(http.Header).Add(C.GoString(name), C.GoString(value))
}

// response records a handler's response. WebKit gets all of it at once.
type response struct {
	status int
	header http.Header // the handler may change it at any time
	sent   http.Header // a copy from when the status was written
	body   bytes.Buffer
	head   bool
}

// serve calls the handler as a server does. It returns nil if the handler panicked, which includes
// http.ErrAbortHandler.
func serve(a *assets, req *http.Request) (res *response) {
	res = &response{header: http.Header{}, head: req.Method == http.MethodHead}
	defer func() {
		if p := recover(); p != nil {
			if p != http.ErrAbortHandler { //nolint:errorlint // net/http compares it like this
				a.loop.log.Error("an asset handler panicked", append([]any{"url", req.URL}, panics.Attributes(p)...)...)
			}
			res = nil
		}
	}()
	a.handler.ServeHTTP(res, req)
	_, _ = io.Copy(io.Discard, req.Body)
	res.WriteHeader(http.StatusOK)
	if res.sent.Get("Content-Type") == "" && res.body.Len() > 0 {
		res.sent.Set("Content-Type", http.DetectContentType(res.body.Bytes()))
	}
	return res
}

// badRequest returns a server's response to a path that it can't parse.
func badRequest() *response {
	r := &response{header: http.Header{}}
	http.Error(r, "400 Bad Request", http.StatusBadRequest)
	return r
}

// redirect replaces a document's redirection within the origin by a page that loads the new URL,
// because WebKit follows no redirections of a custom scheme. As with a redirection, the URL keeps
// the fragment and the history gets one entry.
func (r *response) redirect(req *http.Request, fragment string) {
	if r.status < 300 || r.status > 399 || !strings.Contains(req.Header.Get("Accept"), "text/html") {
		return
	}
	location := r.sent.Get("Location")
	base := *req.URL
	base.Scheme, base.Host = nativeScheme, nativeHost
	to, err := base.Parse(location)
	if err != nil || location == "" || to.Scheme != nativeScheme || to.Host != nativeHost {
		return
	}
	next := to.String()
	if to.Fragment == "" && fragment != "" {
		next += "#" + fragment
	}
	r.status = http.StatusOK
	r.sent = http.Header{
		"Content-Type":            {"text/html; charset=utf-8"},
		"Content-Security-Policy": {"default-src 'none'"},
		"Cache-Control":           {"no-store"},
	}
	r.body.Reset()
	if !r.head {
		fmt.Fprintf(&r.body, `<!doctype html><meta http-equiv="refresh" content="0;url=%s">`, html.EscapeString(next))
	}
}

func (r *response) Header() http.Header { return r.header }

func (r *response) WriteHeader(status int) {
	if r.status == 0 && status >= 200 { // others are informational
		r.status = status
		r.sent = r.header.Clone()
	}
}

func (r *response) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	if r.head {
		return len(p), nil
	}
	return r.body.Write(p)
}

// answer passes the response to WebKit, which copies it to the page's process.
func (r *response) answer(to *C.WebKitURISchemeRequest) {
	headers := C.casement_headers_new()
	for name, values := range r.sent {
		for _, value := range values {
			n, v := C.CString(name), C.CString(value)
			C.soup_message_headers_append(headers, n, v)
			C.free(unsafe.Pointer(n))
			C.free(unsafe.Pointer(v))
		}
	}
	reason := C.CString(http.StatusText(r.status))
	kind := C.CString(r.sent.Get("Content-Type"))
	defer C.free(unsafe.Pointer(reason))
	defer C.free(unsafe.Pointer(kind))
	C.casement_scheme_answer(to, C.guint(r.status), reason, headers, kind, C.CBytes(r.body.Bytes()), C.gsize(r.body.Len()))
}
