package webview

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

// mediaPath is where a document asks for the address at which its window's files are streamed. No file of an app's can be
// there.
const mediaPath = "/__casement/media"

//go:embed media_linux.js
var mediaScript string

// media streams audio and video of windows' own files over loopback HTTP, since GStreamer has no source for app:. The port is
// reserved when the first window opens, so that documents' policies can allow it, and closed until a document asks for it: an
// app that plays nothing listens nowhere.
//
// Any program on the machine can connect. It has to know a window's token, 128 random bits in the path, and is given nothing
// but audio and video.
type media struct {
	loop *Loop
	host string // 127.0.0.1 and the port

	mu      sync.Mutex
	socket  int // bound; -1 once it is the server's
	server  *http.Server
	done    chan struct{} // the server has ended
	windows map[string]*mediaWindow
}

// A mediaWindow is a window's share of the stream.
type mediaWindow struct {
	media   *media
	token   string
	handler http.Handler
	ctx     context.Context // ends with the window
	cancel  context.CancelFunc
}

// newMedia reserves a port.
func newMedia(l *Loop) (*media, error) {
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("a port for audio and video: %w", err)
	}
	var own syscall.Sockaddr
	if err = syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err == nil {
		own, err = syscall.Getsockname(socket)
	}
	address, ok := own.(*syscall.SockaddrInet4)
	if err != nil || !ok {
		_ = syscall.Close(socket)
		return nil, fmt.Errorf("a port for audio and video: %w", err)
	}
	return &media{
		loop: l, socket: socket, host: fmt.Sprintf("127.0.0.1:%d", address.Port), windows: map[string]*mediaWindow{},
	}, nil
}

// open admits a window whose requests a handler answers. close takes that back.
func (m *media) open(handler http.Handler) *mediaWindow {
	token := make([]byte, 16)
	rand.Read(token)
	w := &mediaWindow{media: m, token: hex.EncodeToString(token), handler: handler}
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

// address is what stands for the window's origin in the URL of a file that is streamed.
func (w *mediaWindow) address() string { return "http://" + w.media.host + "/" + w.token }

// ServeHTTP answers the window's requests to its own origin: for its stream's address, and all others by its handler, whose
// policies then allow that address.
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

// listen makes connections to the port possible.
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
	l, err := net.FileListener(f) // which has a socket of its own
	_ = f.Close()
	if err != nil {
		return err
	}
	m.server = &http.Server{
		Handler:           m,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return m.loop.ctx },
	}
	m.done = make(chan struct{})
	go func() {
		defer close(m.done)
		if err := m.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			m.loop.log.Error("the app's audio and video are no longer streamed", "error", err)
		}
	}()
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
		_ = m.server.Close()
		<-m.done
	}
}

// find returns the window that has a token.
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

// ServeHTTP streams a file: GStreamer asks for ranges of it.
func (m *media) ServeHTTP(to http.ResponseWriter, r *http.Request) {
	to.Header().Set("Cache-Control", "no-store")
	to.Header().Set("X-Content-Type-Options", "nosniff")
	token, rest, found := strings.Cut(strings.TrimPrefix(r.RequestURI, "/"), "/")
	w := m.find(token)
	origins := r.Header["Origin"]
	switch {
	case r.Host != m.host, !found, w == nil, len(origins) > 1, len(origins) == 1 && origins[0] != nativeOrigin:
		http.Error(to, "not for you", http.StatusForbidden)
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
	// The handler is asked as by a request of the window's.
	own := r.Clone(ctx)
	own.URL, own.RequestURI, own.Host, own.RemoteAddr = u, u.RequestURI(), strings.TrimPrefix(nativeOrigin, "app://"), "localhost:0"
	own.Header.Del("Cookie") // of other servers on this host
	own.Header.Del("Origin")
	w.handler.ServeHTTP(&mediaWriter{ResponseWriter: to}, own)
}

// A mediaWriter lets audio and video through, and nothing else.
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
