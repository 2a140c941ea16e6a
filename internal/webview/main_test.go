package webview_test

import (
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"casement/internal/webview"
	"casement/internal/windowtest"
)

// helper is the variable that makes this binary run a helper program instead of tests.
const helper = "CASEMENT_WEBVIEW_HELPER"

func TestMain(m *testing.M) {
	if name := os.Getenv(helper); name != "" {
		os.Exit(helpers[name]())
	}
	windowtest.Main(m)
}

const testID = "com.example.webviewtest"

// page serves one document at every path. WebKit must not cache it: otherwise it prefetches the
// files that the document at this origin used in another test.
func page(html string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write([]byte("<!doctype html>" + html))
	})
}

// postScript defines post, which sends a string on either path. post is the same as an element.
const (
	postScript = `const post=t=>window.__casement_post?window.__casement_post(t):webkit.messageHandlers.casement.postMessage(t)`
	post       = `<script>` + postScript + `</script>`
)

// painted posts "ready" when the page is on the screen.
const painted = `<script>requestAnimationFrame(()=>requestAnimationFrame(()=>post("ready")))</script>`

// app is a loop that runs on the main thread for one test.
type app struct {
	t        testing.TB
	loop     *webview.Loop
	messages chan string
	closed   chan struct{}
	ended    chan struct{}
	once     sync.Once
}

// limit is the timeout of every wait. Without a fault, each takes well under two seconds.
const limit = 20 * time.Second

// lines is a log that can be read while it is written.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func start(t testing.TB, portable bool, logs ...io.Writer) *app {
	t.Helper()
	a := &app{t: t, messages: make(chan string, 1<<16), closed: make(chan struct{}), ended: make(chan struct{})}
	ready := make(chan error)
	go windowtest.OnMain(func() {
		defer close(a.ended)
		level := slog.LevelWarn
		if len(logs) > 0 {
			level = slog.LevelInfo
		}
		if os.Getenv("CASEMENT_TEST_LOG") != "" {
			level = slog.LevelDebug
		}
		loop, err := webview.NewLoop(webview.LoopOptions{
			ID: testID, Name: "Webview test", Portable: portable, Debug: os.Getenv("CASEMENT_TEST_LOG") != "",
			Logger: slog.New(slog.NewTextHandler(io.MultiWriter(append(logs, t.Output())...), &slog.HandlerOptions{Level: level})),
		})
		a.loop = loop
		ready <- err
		if err == nil {
			if err := loop.Run(); err != nil {
				t.Error(err)
			}
		}
	})
	if err := <-ready; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.quit)
	return a
}

func (a *app) quit() {
	a.loop.Quit()
	select {
	case <-a.ended:
	case <-time.After(limit):
		a.t.Fatal("Run did not return after Quit")
	}
}

// ui runs f on the UI thread and waits.
func (a *app) ui(f func()) {
	a.t.Helper()
	done := make(chan struct{})
	if !a.loop.Post(func() { f(); close(done) }) {
		a.t.Fatal("the loop has ended")
	}
	select {
	case <-done:
	case <-time.After(limit):
		a.t.Fatal("timed out waiting for the UI thread")
	}
}

// open opens a window. Its messages go to a.messages unless the options have a handler for them.
func (a *app) open(o webview.WindowOptions) (w *webview.Window) {
	a.t.Helper()
	a.openInto(&w, o)
	return w
}

// openInto is open for handlers that use the window: w is set before the first call of a handler.
func (a *app) openInto(w **webview.Window, o webview.WindowOptions) {
	a.t.Helper()
	if o.Handlers.Message == nil {
		o.Handlers.Message = func(raw []byte) { a.messages <- string(raw) }
	}
	if o.Handlers.Closed == nil {
		o.Handlers.Closed = func() { a.once.Do(func() { close(a.closed) }) }
	}
	if o.Width == 0 {
		o.Width, o.Height = 400, 300
	}
	var err error
	a.ui(func() { *w, err = a.loop.Open(o) })
	if err != nil {
		a.t.Fatal(err)
	}
}

func wait[T any](t testing.TB, c <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(limit):
		t.Fatalf("timed out waiting for %s", what)
	}
	return v
}

// eventually waits until a condition holds.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("timed out waiting for %s", what)
		}
	}
}

func (a *app) message() string {
	a.t.Helper()
	return wait(a.t, a.messages, "a message")
}

func (a *app) expect(want string) {
	a.t.Helper()
	if got := a.message(); got != want {
		a.t.Fatalf("message %q, want %q", got, want)
	}
}

func (a *app) eval(w *webview.Window, script string) {
	a.t.Helper()
	a.ui(func() { w.Eval([]byte(script)) })
}

// quiet fails if a message comes within 300 ms.
func (a *app) quiet() {
	a.t.Helper()
	select {
	case m := <-a.messages:
		a.t.Fatalf("message %q, want none", m)
	case <-time.After(300 * time.Millisecond):
	}
}

// bothPaths runs a test on the native and on the portable path.
func bothPaths(t *testing.T, f func(t *testing.T, portable bool)) {
	t.Run("native", func(t *testing.T) { f(t, false) })
	t.Run("portable", func(t *testing.T) { f(t, true) })
}

// newLoop makes a loop that does not run yet.
func newLoop(t *testing.T, portable bool) (loop *webview.Loop) {
	t.Helper()
	windowtest.OnMain(func() {
		var err error
		if loop, err = webview.NewLoop(webview.LoopOptions{ID: testID, Portable: portable}); err != nil {
			t.Error(err)
		}
	})
	return loop
}

func run(t *testing.T, loop *webview.Loop) {
	t.Helper()
	windowtest.OnMain(func() {
		if err := loop.Run(); err != nil {
			t.Error(err)
		}
	})
}
