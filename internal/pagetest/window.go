// Package pagetest runs the real page runtime against the real wire in a JavaScript engine inside the
// test process: windows without a display.
package pagetest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
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

// Origin is the origin of the app in these windows.
const Origin = "app://localhost"

// patience is how long a test waits for what should come at once. A machine that does much else at the
// same time, and the race detector, make an engine slow.
const patience = 2 * time.Minute

// A Window stands for a native window: a UI thread, a document, and the endpoint behind it.
type Window struct {
	// Endpoint is Go's end of the wire.
	Endpoint *wire.Endpoint
	// Log holds what was logged.
	Log *Log
	// Distrusts makes the window say that it does not know its document. It is for the UI thread.
	Distrusts bool
	// NoUploads fails what documents upload, as a Content-Security-Policy does, and LoseUploads as a network does that
	// has failed. Refused counts both, and Uploads what has gone well. All of them are for the UI thread.
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

	// What follows belongs to the UI thread.
	vm      *quickjs.VM
	origin  string // of the document
	evals   int
	size    int
	runs    int
	results map[int]chan Result
	posted  []string
	frozen  bool
}

// A Result is what became of a script in the page.
type Result struct {
	// Text is what it returned, as JSON.
	Text string
	Err  error
}

// Open opens a window whose page can call the router's commands. It closes with the test.
func Open(t testing.TB, router *ipc.Router, configure ...func(*wire.EndpointOptions)) *Window {
	t.Helper()
	return OpenContext(t, context.Background(), router, configure...)
}

// OpenContext opens a window whose calls' contexts come from ctx.
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

// Close closes the window and waits for its commands.
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

// settle runs the microtasks.
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

// Load loads a document at a URL, in the place of the one before.
func (w *Window) Load(url string) {
	w.OnUI(func() { w.load(url, true, "") })
}

// LoadWith loads a document in which a script has run before the page runtime does.
func (w *Window) LoadWith(url, early string) {
	w.OnUI(func() { w.load(url, true, early) })
}

// LoadForeign loads a document of another origin in which a script runs as soon as it can, behind the
// page runtime.
func (w *Window) LoadForeign(url, script string) {
	w.OnUI(func() {
		w.load(url, true, "")
		if _, err := w.vm.Eval(script, quickjs.EvalGlobal); err != nil {
			w.t.Error(err)
		}
	})
}

// LoadFrame loads a document as if in a frame.
func (w *Window) LoadFrame(url string) {
	w.OnUI(func() { w.load(url, false, "") })
}

func (w *Window) unload() {
	if w.vm == nil {
		return
	}
	_, _ = w.vm.Eval("__fire('pagehide')", quickjs.EvalGlobal)
	w.settle()
	w.vm.Close()
	w.vm = nil
	for id, waiting := range w.results {
		waiting <- Result{Err: fmt.Errorf("the document is gone")}
		delete(w.results, id)
	}
}

// document is the little of a browser that the runtime needs.
const document = `
globalThis.self = globalThis;
globalThis.window = globalThis;
globalThis.__listeners = {};
globalThis.addEventListener = (name, f) => (__listeners[name] ??= []).push(f);
globalThis.removeEventListener = (name, f) => { __listeners[name] = (__listeners[name] ?? []).filter((g) => g !== f); };
globalThis.__fire = (name, event = {}) => { for (const f of __listeners[name] ?? []) f(event); };
globalThis.queueMicrotask ??= async (f) => { await undefined; f(); };
globalThis.crypto = { getRandomValues(array) { const octets = new Uint8Array(array.buffer); for (let i = 0; i < octets.length; i++) octets[i] = Math.random() * 256; return array; } };
globalThis.webkit = { messageHandlers: { casement: { postMessage(text) { __post(text); } } } };
globalThis.fetch = (url, { body, headers }) => new Promise((resolve, reject) => {
  const raw = typeof body !== 'string';
  let text = body;
  if (raw) { text = ''; for (const octet of body) text += String.fromCharCode(octet); text = btoa(text); }
  setTimeout(() => {
    const status = __fetch(url, headers.ipc, text, raw);
    if (status > 0) return resolve({ status, ok: status === 204 });
    if (status < 0) __fire('securitypolicyviolation', { blockedURI: url, effectiveDirective: 'connect-src', disposition: 'enforce' });
    reject(new TypeError('refused'));
  }, 0);
});
globalThis.console = { error: (...args) => __log(args.map((a) => a?.stack ? a + '' : String(a)).join(' ')), log: (...args) => __log(args.join(' ')) };
globalThis.__timers = new Map();
globalThis.setTimeout = (f, ms = 0) => { const id = __timer(ms); __timers.set(id, f); return id; };
globalThis.__settled = (id, promise) => Promise.resolve(promise).then(
  (value) => __done(id, JSON.stringify(value) ?? 'null', ''),
  (error) => __done(id, '', error?.code ? error.code + ': ' + error.message : String(error)));
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
globalThis.atob ??= (text) => {
  let out = '', bits = 0, have = 0;
  for (const c of text.replace(/=+$/, '')) {
    const digit = alphabet.indexOf(c);
    if (digit < 0) throw new TypeError('not base64');
    bits = (bits << 6) | digit; have += 6;
    if (have >= 8) { have -= 8; out += String.fromCharCode((bits >> have) & 255); }
  }
  return out;
};
globalThis.btoa ??= (text) => {
  let out = '';
  for (let i = 0; i < text.length; i += 3) {
    const n = (text.charCodeAt(i) << 16) | ((text.charCodeAt(i + 1) || 0) << 8) | (text.charCodeAt(i + 2) || 0);
    out += alphabet[n >> 18] + alphabet[(n >> 12) & 63] + (i + 1 < text.length ? alphabet[(n >> 6) & 63] : '=') + (i + 2 < text.length ? alphabet[n & 63] : '=');
  }
  return out;
};
globalThis.AbortController ??= class {
  signal = { aborted: false, reason: undefined, fs: [], addEventListener(_, f) { this.fs.push(f); }, removeEventListener(_, f) { this.fs = this.fs.filter((g) => g !== f); } };
  abort(reason) { this.signal.aborted = true; this.signal.reason = reason; for (const f of this.signal.fs) f(); }
};
`

// UploadPath is where documents upload, if their endpoint says so.
const UploadPath = "/upload"

// upload answers a document's request with a status, with 0 if it has failed, or with -1 if the document's policy forbids it.
func (w *Window) upload(path, header string, body []byte) int {
	switch {
	case path != Origin+UploadPath:
		return 404
	case w.NoUploads:
		w.Refused++
		return -1
	case w.LoseUploads:
		w.Refused++
		return 0
	case w.Endpoint.Upload(header, body) != nil:
		return 507
	}
	w.Uploads++
	return 204
}

func (w *Window) load(url string, top bool, early string) {
	w.unload()
	vm, err := quickjs.NewVM()
	if err != nil {
		w.t.Error(err)
		return
	}
	w.vm = vm
	must := func(err error) {
		if err != nil {
			w.t.Error(err)
		}
	}
	host := func(name string, f func(args []any) (any, error)) { must(vm.RegisterHostFunc(name, f)) }
	host("__post", func(args []any) (any, error) {
		text := args[0].(string)
		w.posted = append(w.posted, text)
		w.Endpoint.Receive([]byte(text))
		return nil, nil
	})
	host("__fetch", func(args []any) (any, error) {
		body := []byte(args[2].(string))
		if args[3].(bool) {
			body, _ = base64.StdEncoding.DecodeString(string(body)) // The document has encoded it.
		}
		return w.upload(args[0].(string), args[1].(string), body), nil
	})
	host("__log", func(args []any) (any, error) {
		w.Log.add("console: " + args[0].(string))
		return nil, nil
	})
	host("__done", func(args []any) (any, error) {
		id := args[0].(int)
		if waiting := w.results[id]; waiting != nil {
			delete(w.results, id)
			r := Result{Text: args[1].(string)}
			if message := args[2].(string); message != "" {
				r.Err = errors.New(message)
			}
			waiting <- r
		}
		return nil, nil
	})
	timers := 0
	host("__timer", func(args []any) (any, error) {
		timers++
		id, ms := timers, 0.0
		switch v := args[0].(type) {
		case int:
			ms = float64(v)
		case float64:
			ms = v
		}
		time.AfterFunc(time.Duration(ms*float64(time.Millisecond)), func() {
			w.Post(func() {
				if w.vm == vm {
					_, _ = vm.Eval(fmt.Sprintf("{const f = __timers.get(%d); __timers.delete(%d); f();}", id, id), quickjs.EvalGlobal)
					w.settle()
				}
			})
		})
		return id, nil
	})
	parent := "globalThis.top = globalThis;"
	if !top {
		parent = "globalThis.top = {};"
	}
	origin := "null"
	if scheme, rest, ok := strings.Cut(url, "://"); ok {
		host, _, _ := strings.Cut(rest, "/")
		origin = scheme + "://" + host
	}
	w.origin = origin
	place, _ := json.Marshal(map[string]string{"origin": origin, "href": url})
	for _, script := range []string{document, parent + "globalThis.location = " + string(place), early, w.Endpoint.Script()} {
		_, err := vm.Eval(script, quickjs.EvalGlobal)
		must(err)
	}
	w.settle()
}

// Run runs the body of an async function in the page and returns what it returns, as JSON. An error of
// the page, such as a rejected call, is returned as "code: message".
func (w *Window) Run(body string) (string, error) {
	w.t.Helper()
	return w.Await(w.Start(body))
}

// Await returns the result of what Start started.
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

// Must runs a body as Run does and ends the test if it fails.
func (w *Window) Must(body string) string {
	w.t.Helper()
	text, err := w.Run(body)
	if err != nil {
		w.t.Fatalf("%s: %v", body, err)
	}
	return text
}

// Start begins to run a body and returns where its result will arrive.
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

// Evals returns how many scripts Go has evaluated in the window and how many bytes they had.
func (w *Window) Evals() (scripts, size int) {
	w.OnUI(func() { scripts, size = w.evals, w.size })
	return scripts, size
}

// Posted returns what the documents have sent so far.
func (w *Window) Posted() (posted []string) {
	w.OnUI(func() { posted = append(posted, w.posted...) })
	return posted
}

// Freeze makes the document deaf, as a web process is that hangs: scripts for it are lost.
func (w *Window) Freeze() { w.OnUI(func() { w.frozen = true }) }

// Thaw takes back what Freeze did. What was lost stays lost.
func (w *Window) Thaw() { w.OnUI(func() { w.frozen = false }) }

// Collect collects the garbage in the document.
func (w *Window) Collect() {
	w.OnUI(func() {
		if w.vm != nil {
			w.vm.SetGCThreshold(1)
			_, _ = w.vm.Eval("void [{}, {}]", quickjs.EvalGlobal)
			w.settle()
		}
	})
}

// Head returns the line that begins what the page sends: the window's key and the page's id.
func (w *Window) Head() (head string) {
	w.OnUI(func() {
		if n := len(w.posted); n > 0 {
			head, _, _ = strings.Cut(w.posted[n-1], "\n")
		}
	})
	return head
}

// Receive hands the endpoint a message as if a document had sent it.
func (w *Window) Receive(raw string) { w.OnUI(func() { w.Endpoint.Receive([]byte(raw)) }) }

// Until waits until a condition holds, and ends the test if it does not come to that.
func Until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for until := time.Now().Add(patience); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("it did not happen within %v: %s", patience, what)
		}
	}
}

// NoGoroutines waits until no goroutine runs code of the app's packages any more, except the calling
// test's. Nothing else may run at the same time.
func NoGoroutines(t testing.TB) {
	t.Helper()
	var left []string
	stacks := make([]byte, 4<<20)
	for until := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		left = left[:0]
		all := string(stacks[:runtime.Stack(stacks, true)])
		// The first is the caller's own.
		for _, stack := range strings.Split(all, "\n\n")[1:] {
			if strings.Contains(stack, "casement/") && !strings.Contains(stack, "testing.tRunner") &&
				!strings.Contains(stack, "testing.(*") {
				left = append(left, stack)
			}
		}
		if len(left) == 0 {
			return
		}
		if time.Now().After(until) {
			t.Fatalf("%d goroutines are left:\n%s", len(left), strings.Join(left, "\n\n"))
		}
	}
}

// A Log is a slog.Handler that keeps what is logged.
type Log struct {
	mu    sync.Mutex
	lines []string
}

func (l *Log) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
}

// Enabled implements slog.Handler.
func (l *Log) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements slog.Handler.
func (l *Log) Handle(_ context.Context, r slog.Record) error {
	line := r.Level.String() + " " + r.Message
	r.Attrs(func(a slog.Attr) bool {
		line += " " + a.String()
		return true
	})
	l.add(line)
	return nil
}

// WithAttrs implements slog.Handler.
func (l *Log) WithAttrs([]slog.Attr) slog.Handler { return l }

// WithGroup implements slog.Handler.
func (l *Log) WithGroup(string) slog.Handler { return l }

// Has reports whether a line was logged that contains text.
func (l *Log) Has(text string) bool { return l.Count(text) > 0 }

// Count returns how many lines that contain text were logged.
func (l *Log) Count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, line := range l.lines {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// String returns all lines.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}
