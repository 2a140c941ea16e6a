package webview

import (
	"context"
	"crypto/subtle"
	_ "embed"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"syscall"
)

// mediaPath is the URL path at which a document asks for the address of its window's stream. No
// file of an app has this path.
const mediaPath = "/__casement/media"

//go:embed media_linux.js
var mediaScript string

// media streams the audio and video files of windows over loopback HTTP, because GStreamer has no
// source for app: URLs. The port is reserved when the first window opens, so that the policies of
// documents can allow it. It is not open until a document asks for it: an app that plays nothing
// listens nowhere.
//
// Every request must have the token of a window in its path. It gets audio and video only.
type media struct {
	loop *Loop
	host string // 127.0.0.1 and the port

	mu      sync.Mutex
	socket  int     // bound to the port; -1 after the server has taken it over
	server  *server // nil until a document asks for the address
	windows map[string]*mediaWindow
}

// mediaWindow is the stream of one window.
type mediaWindow struct {
	media   *media
	token   string
	handler http.Handler
	ctx     context.Context // ends with the window
	cancel  context.CancelFunc
}

// stream makes the window play audio and video of its own files. It returns the handler that
// answers the window's requests.
func (v *nativeView) stream(files http.Handler) http.Handler {
	n := v.native
	if files == nil || v.window.origin != nativeOrigin {
		return files
	}
	if n.media == nil {
		m, err := newMedia(n.loop)
		if err != nil {
			n.loop.log.Error("the app's audio and video can't be played", "error", err)
			return files
		}
		n.media = m
	}
	v.media = n.media.open(files)
	v.everywhere(fmt.Sprintf("%s(%q, %q)", strings.TrimSpace(mediaScript), nativeOrigin, mediaPath))
	return v.media
}

// newMedia reserves a port.
func newMedia(l *Loop) (*media, error) {
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("reserving a port for audio and video: %w", err)
	}
	var own syscall.Sockaddr
	if err = syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err == nil {
		own, err = syscall.Getsockname(socket)
	}
	address, ok := own.(*syscall.SockaddrInet4)
	if err != nil || !ok {
		_ = syscall.Close(socket)
		return nil, fmt.Errorf("reserving a port for audio and video: %w", err)
	}
	return &media{
		loop: l, socket: socket, host: fmt.Sprintf("127.0.0.1:%d", address.Port), windows: map[string]*mediaWindow{},
	}, nil
}

// open returns the stream of a window whose files a handler serves, until it is closed.
func (m *media) open(handler http.Handler) *mediaWindow {
	w := &mediaWindow{media: m, token: newSecret(), handler: handler}
	w.ctx, w.cancel = context.WithCancel(m.loop.ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.windows[w.token] = w
	return w
}

func (w *mediaWindow) close() {
	w.cancel()
	w.media.mu.Lock()
	defer w.media.mu.Unlock()
	delete(w.media.windows, w.token)
}

// address replaces the window's origin in the URL of a streamed file.
func (w *mediaWindow) address() string { return "http://" + w.media.host + "/" + w.token }

// ServeHTTP answers the window's requests to its own origin. It answers mediaPath with the stream's
// address, passes all other requests to the handler, and adds that address to the policies in its
// answers.
func (w *mediaWindow) ServeHTTP(to http.ResponseWriter, r *http.Request) {
	if r.URL.Path != mediaPath {
		p := &policyWriter{ResponseWriter: to, source: w.address() + "/"}
		w.handler.ServeHTTP(p, r)
		p.finish()
		return
	}
	if err := w.media.listen(); err != nil {
		w.media.loop.log.Error("the app's audio and video can't be played", "error", err)
		http.Error(to, "no port", http.StatusServiceUnavailable)
		return
	}
	to.Header().Set("Cache-Control", "no-store")
	to.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = to.Write([]byte(w.address()))
}

// listen opens the port. Only the first call does anything.
func (m *media) listen() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.server != nil {
		return nil
	}
	if m.socket < 0 {
		return ErrEnded
	}
	if err := syscall.Listen(m.socket, syscall.SOMAXCONN); err != nil {
		return err
	}
	f := os.NewFile(uintptr(m.socket), "media")
	m.socket = -1
	l, err := net.FileListener(f) // duplicates the socket
	_ = f.Close()
	if err != nil {
		return err
	}
	m.server = startServer(m.loop.ctx, m.loop.log, l, m, "the server of the app's audio and video has failed")
	return nil
}

func (m *media) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.socket >= 0 {
		_ = syscall.Close(m.socket)
		m.socket = -1
	}
	if m.server != nil {
		m.server.close()
	}
}

// find returns the window with a token, or nil.
func (m *media) find(token string) (found *mediaWindow) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for own, w := range m.windows {
		if subtle.ConstantTimeCompare([]byte(own), []byte(token)) == 1 {
			found = w
		}
	}
	return found
}

// ServeHTTP answers GStreamer, which requests ranges of files.
func (m *media) ServeHTTP(to http.ResponseWriter, r *http.Request) {
	to.Header().Set("Cache-Control", "no-store")
	to.Header().Set("X-Content-Type-Options", "nosniff")
	token, rest, found := strings.Cut(strings.TrimPrefix(r.RequestURI, "/"), "/")
	w := m.find(token)
	origins := r.Header["Origin"]
	switch {
	case r.Host != m.host, !found, w == nil, len(origins) > 1, len(origins) == 1 && origins[0] != nativeOrigin:
		http.Error(to, "forbidden", http.StatusForbidden)
		return
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		to.Header().Set("Allow", "GET, HEAD")
		http.Error(to, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	u, err := url.ParseRequestURI("/" + rest)
	if err != nil {
		http.Error(to, "bad request", http.StatusBadRequest)
		return
	}
	to.Header().Set("Access-Control-Allow-Origin", nativeOrigin)
	to.Header().Set("Access-Control-Allow-Credentials", "true")
	to.Header().Set("Timing-Allow-Origin", nativeOrigin)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(w.ctx, cancel)()
	// To the handler, the request looks like one of the window.
	own := r.Clone(ctx)
	own.URL, own.RequestURI, own.Host, own.RemoteAddr = u, u.RequestURI(), strings.TrimPrefix(nativeOrigin, "app://"), "localhost:0"
	own.Header.Del("Cookie") // it belongs to other servers on this host
	own.Header.Del("Origin")
	w.handler.ServeHTTP(&mediaWriter{ResponseWriter: to}, own)
}

// mediaWriter passes audio and video through and replaces all other content with 403 Forbidden.
type mediaWriter struct {
	http.ResponseWriter
	begun, refused bool
}

// WriteHeader implements http.ResponseWriter.
func (w *mediaWriter) WriteHeader(status int) {
	if w.begun || status < 200 {
		return
	}
	w.begun = true
	ok := status == http.StatusOK || status == http.StatusPartialContent
	if ok && isMedia(w.Header().Get("Content-Type")) {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	w.refused = true
	if ok {
		status = http.StatusForbidden
	}
	for _, name := range []string{"Content-Length", "Content-Type", "Content-Encoding"} {
		w.Header().Del(name)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *mediaWriter) Write(p []byte) (int, error) {
	if !w.begun && w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", http.DetectContentType(p))
	}
	w.WriteHeader(http.StatusOK)
	if w.refused {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

func isMedia(contentType string) bool {
	kind, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	return strings.HasPrefix(kind, "audio/") || strings.HasPrefix(kind, "video/") || strings.TrimSpace(kind) == "application/ogg"
}
