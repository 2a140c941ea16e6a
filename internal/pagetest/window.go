// Package pagetest runs the real page runtime against the real wire in a JavaScript engine inside
// the test process: windows without a display.
package pagetest

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"modernc.org/quickjs"

	"casement/internal/thread"
	"casement/internal/wire"
	"casement/ipc"
)

// Origin is the app's origin in these windows.
const Origin = "app://localhost"

// A Window stands in for a native window: a UI thread, a document, and its endpoint.
type Window struct {
	// Endpoint is Go's end of the wire.
	Endpoint *wire.Endpoint
	// Log holds the log records.
	Log *Log
	// Distrusts makes Trusted return false. Only the UI thread uses it.
	Distrusts bool
	// NoUploads makes uploads fail as a Content-Security-Policy does, LoseUploads as a broken
	// network does. Refused counts both, and Uploads the successful uploads. Only the UI thread
	// uses these fields.
	NoUploads, LoseUploads bool
	Refused, Uploads       int

	t      testing.TB
	ctx    context.Context
	mu     sync.Mutex
	queue  []func()
	wake   chan struct{}
	ended  bool
	joined sync.WaitGroup
	thread atomic.Uint64

	// The UI thread owns these fields.
	vm      *quickjs.VM
	origin  string // of the document
	evals   int
	size    int
	runs    int
	results map[int]chan Result
	posted  []string
	frozen  bool
}

// A Result is the result of a script in the page.
type Result struct {
	// Text is the returned value as JSON.
	Text string
	Err  error
}

// Open opens a window whose page can call the router's commands. It closes at the end of the test.
func Open(t testing.TB, router *ipc.Router, configure ...func(*wire.EndpointOptions)) *Window {
	t.Helper()
	return OpenContext(t, context.Background(), router, configure...)
}

// OpenContext opens a window whose contexts of calls derive from ctx.
func OpenContext(t testing.TB, ctx context.Context, router *ipc.Router, configure ...func(*wire.EndpointOptions)) *Window {
	t.Helper()
	w := &Window{t: t, ctx: t.Context(), Log: new(Log), wake: make(chan struct{}, 1), results: map[int]chan Result{}}
	options := wire.EndpointOptions{Label: "main", Host: w, Router: router, Origin: Origin, Logger: slog.New(w.Log)}
	for _, f := range configure {
		f(&options)
	}
	ctx, cancel := context.WithCancel(ctx)
	endpoint, err := wire.NewEndpoint(ctx, options)
	if err != nil {
		t.Fatal(err)
	}
	w.Endpoint = endpoint
	w.joined.Go(w.loop)
	t.Cleanup(func() {
		w.Close()
		cancel()
	})
	w.Load(Origin + "/")
	return w
}

// Close closes the window and waits for its running commands.
func (w *Window) Close() {
	w.OnUI(func() {
		w.Endpoint.Close()
		w.unload()
	})
	w.Endpoint.Wait()
	w.mu.Lock()
	w.ended = true
	w.mu.Unlock()
	w.poke()
	w.joined.Wait()
}

func (w *Window) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Post implements wire.Host.
func (w *Window) Post(f func()) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return false
	}
	w.queue = append(w.queue, f)
	w.poke()
	return true
}

// Trusted implements wire.Host.
func (w *Window) Trusted() bool { return w.origin == Origin && !w.Distrusts }

// Eval implements wire.Host.
func (w *Window) Eval(script []byte) {
	if w.vm == nil {
		return
	}
	w.evals++
	w.size += len(script)
	if w.frozen {
		return
	}
	if _, err := w.vm.Eval(string(script), quickjs.EvalGlobal); err != nil {
		w.Log.add("a script failed: " + err.Error())
	}
	w.settle()
}

// settle runs all microtasks.
func (w *Window) settle() {
	for w.vm != nil {
		if n, err := w.vm.ExecutePendingJobs(); n == 0 {
			if err != nil {
				w.Log.add("a job failed: " + err.Error())
			}
			return
		}
	}
}

// UIThread implements wire.Host.
func (w *Window) UIThread() bool { return thread.ID() == w.thread.Load() }

func (w *Window) loop() {
	runtime.LockOSThread()
	w.thread.Store(thread.ID())
	for range w.wake {
		for {
			w.mu.Lock()
			if len(w.queue) == 0 {
				ended := w.ended
				w.mu.Unlock()
				if ended {
					return
				}
				break
			}
			f := w.queue[0]
			w.queue = w.queue[1:]
			w.mu.Unlock()
			f()
		}
	}
}

// OnUI runs f on the UI thread and waits for it.
func (w *Window) OnUI(f func()) {
	done := make(chan struct{})
	if !w.Post(func() { defer close(done); f() }) {
		return
	}
	<-done
}

// Run runs the body of an async function in the page and returns its result as JSON. An error in
// the page, such as a rejected call, becomes "code: message".
func (w *Window) Run(body string) (string, error) {
	w.t.Helper()
	return w.Await(w.Start(body))
}

// Await waits for the result of a script from Start.
func (w *Window) Await(waiting <-chan Result) (string, error) {
	w.t.Helper()
	select {
	case r := <-waiting:
		return r.Text, r.Err
	case <-time.After(patience):
		w.t.Fatalf("the page did not answer within %v", patience)
		return "", nil
	}
}

// Must is Run, but ends the test on an error.
func (w *Window) Must(body string) string {
	w.t.Helper()
	text, err := w.Run(body)
	if err != nil {
		w.t.Fatalf("%s: %v", body, err)
	}
	return text
}

// Start starts a body as Run does, and returns the channel for its result.
func (w *Window) Start(body string) <-chan Result {
	waiting := make(chan Result, 1)
	w.OnUI(func() {
		if w.vm == nil {
			waiting <- Result{Err: fmt.Errorf("there is no document")}
			return
		}
		w.runs++
		w.results[w.runs] = waiting
		script := fmt.Sprintf("__settled(%d, (async () => {const {invoke, channel, IpcError} = globalThis.__ipc ?? {};\n%s\n})())", w.runs, body)
		if _, err := w.vm.Eval(script, quickjs.EvalGlobal); err != nil {
			delete(w.results, w.runs)
			waiting <- Result{Err: err}
		}
		w.settle()
	})
	return waiting
}

// Evals returns the number of scripts that Go has evaluated in the window, and their total size in
// bytes.
func (w *Window) Evals() (scripts, size int) {
	w.OnUI(func() { scripts, size = w.evals, w.size })
	return scripts, size
}

// Posted returns all batches that documents have sent.
func (w *Window) Posted() (posted []string) {
	w.OnUI(func() { posted = append(posted, w.posted...) })
	return posted
}

// Freeze makes the document drop all scripts, as a web process that hangs does.
func (w *Window) Freeze() { w.OnUI(func() { w.frozen = true }) }

// Thaw ends Freeze. Dropped scripts stay lost.
func (w *Window) Thaw() { w.OnUI(func() { w.frozen = false }) }

// Collect runs the document's garbage collector.
func (w *Window) Collect() {
	w.OnUI(func() {
		if w.vm != nil {
			w.vm.SetGCThreshold(1)
			_, _ = w.vm.Eval("void [{}, {}]", quickjs.EvalGlobal)
			w.settle()
		}
	})
}

// Head returns the first line of the page's batches: the window's key and the page's id.
func (w *Window) Head() (head string) {
	w.OnUI(func() {
		if n := len(w.posted); n > 0 {
			head, _, _ = strings.Cut(w.posted[n-1], "\n")
		}
	})
	return head
}

// Receive passes a batch to the endpoint as if a document had sent it.
func (w *Window) Receive(raw string) { w.OnUI(func() { w.Endpoint.Receive([]byte(raw)) }) }
