package shell

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	json "github.com/goccy/go-json"

	"casement/internal/origin"
	"casement/internal/panics"
	"casement/internal/webview"
	"casement/internal/wire"
	"casement/ipc"
)

// WindowOptions configure a window. Only Label is required.
type WindowOptions struct {
	// Label names the window and must be unique among open windows. It consists of letters, digits
	// and - / : _
	Label string
	// Title is the text of the title bar. A window without a Title shows its document's title, or
	// Options.Name if the document has none. On Windows and macOS it always shows Options.Name,
	// because webview_go does not report the document's title.
	Title string
	// Width and Height are the size of the content in logical pixels. Zero means 800 by 600.
	Width, Height       int
	MinWidth, MinHeight int
	// Fixed keeps the user from resizing the window.
	Fixed bool
	// Path is the first document, as a URL relative to the top of the app's origin:
	// "settings.html", "/docs/?page=2", "#about". Empty means "/". OpenWindow returns an error for
	// a path that leaves the origin, such as "//example.com".
	Path string
	// URL replaces the app's own files: an absolute http or https URL, such as a development
	// server's. Pages of its origin may then call Go.
	URL string

	// Access grants the window's pages control over windows.
	Access Access

	// OnClose decides whether the window closes when the user or Close requests it; false keeps it
	// open. The window closes if there is no answer within Options.CloseTimeout, which is the
	// deadline of ctx. If OnClose returns true, a page that called onCloseRequested is asked next.
	// On Windows and macOS, webview_go closes windows without asking.
	OnClose func(ctx context.Context) bool
	// AllowedOrigins are http or https origins, such as "https://login.example.com", whose
	// documents the window may show beside the app's own. Those documents can't call Go. Origins
	// are compared as browsers compare them: letter case, a default port and the spelling of an
	// internationalised host make no difference. OpenWindow returns an error for an origin with a
	// path or a pattern.
	//
	// A link to any other origin opens in the system's browser, once for each key, click or touch
	// in the window and within two seconds of it. Without one the link is refused. On Windows and
	// macOS, webview_go does not ask before it navigates, so the window may show any document;
	// there too, only the app's own origin can call Go.
	AllowedOrigins []string
	// OnDrop receives the paths of files that the user drops on the page. Linux only.
	OnDrop func(paths []string)
}

// A Window is one native window with one webview. All methods are safe for concurrent use. After
// the window has closed they do nothing and return ErrClosed.
type Window struct {
	app     *App
	label   ipc.Label
	options WindowOptions
	allowed []origin.Origin // origins that the window may show beside the app's own
	log     *slog.Logger
	opened  chan struct{} // closed when the native window is open
	done    chan struct{}

	mu       sync.Mutex
	endpoint *wire.Endpoint  // nil before the window opens
	native   *webview.Window // likewise; its methods are the UI thread's
	scripts  []string        // for Eval, before the window opens
	waiting  int             // their cost in bytes
	closed   bool

	asksClose *wire.Page // the page that called onCloseRequested
	closing   *closing   // the pending request to close
	closes    uint64     // requests so far
}

// newWindow returns a window that is not open yet. An error names the invalid option.
func newWindow(a *App, label ipc.Label, options WindowOptions) (*Window, error) {
	w := &Window{app: a, label: label, log: a.log.With("window", label),
		opened: make(chan struct{}), done: make(chan struct{})}
	var err error
	if options.Path, err = origin.Path(options.Path); err != nil {
		return nil, fmt.Errorf("WindowOptions.Path: %w", err)
	}
	if options.URL == "" && a.dev != "" {
		options.URL = string(a.dev) + options.Path
	}
	if options.URL != "" {
		if _, err := origin.Of(options.URL); err != nil {
			return nil, fmt.Errorf("WindowOptions.URL: %w", err)
		}
	}
	for i, text := range options.AllowedOrigins {
		o, err := origin.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("WindowOptions.AllowedOrigins[%d]: %w", i, err)
		}
		w.allowed = append(w.allowed, o)
	}
	w.options = options
	return w, nil
}

// Label returns the window's label.
func (w *Window) Label() ipc.Label { return w.label }

// Done returns a channel that is closed when the window has closed.
func (w *Window) Done() <-chan struct{} { return w.done }

// wire returns the endpoint, or nil before the window opens.
func (w *Window) wire() (*wire.Endpoint, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, ErrClosed
	}
	return w.endpoint, nil
}

// Eval runs a script in the window's page, in order with all other messages to the page. A window
// without a page keeps the script for its first page. Eval does not wait: if the script does not
// fit in Options.MaxBacklog, it returns ipc.ErrBacklog. Use ipc.Scriptf to put Go values into a
// script.
func (w *Window) Eval(script string) error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return ErrClosed
	}
	e := w.endpoint
	if e == nil {
		defer w.mu.Unlock()
		// A waiting script costs more than its bytes.
		cost := len(script) + 256
		if w.waiting > 0 && w.waiting+cost > w.app.options.MaxBacklog {
			return ipc.ErrBacklog
		}
		w.scripts = append(w.scripts, script)
		w.waiting += cost
		return nil
	}
	w.mu.Unlock()
	return e.Eval(script)
}

// EvalResult evaluates a script in the window's page and returns its value as JSON. It waits for
// the window's first page. The script is an expression, awaited if it is a promise, or a function
// body with a return statement. An exception of the script is returned as an *ipc.ScriptError. On
// the UI thread, where ipc.Inline commands run, EvalResult returns ErrUIThread.
func (w *Window) EvalResult(ctx context.Context, script string) (json.RawMessage, error) {
	if _, err := w.wire(); err != nil {
		return nil, err
	}
	if w.app.onUIThread() {
		return nil, ErrUIThread
	}
	select {
	case <-w.opened:
	case <-w.done:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	e, err := w.wire()
	if err != nil {
		return nil, err
	}
	return e.EvalResult(ctx, script)
}

// SetTitle sets the text of the title bar. An empty title restores the document's title, as in a
// window without WindowOptions.Title.
func (w *Window) SetTitle(title string) error {
	return w.onNative(func(n *webview.Window) { n.SetTitle(title) })
}

// SetSize resizes the content; width and height are in logical pixels.
func (w *Window) SetSize(width, height int) error {
	return w.onNative(func(n *webview.Window) { n.SetSize(width, height) })
}

// Focus brings the window to the front, if the desktop allows it.
func (w *Window) Focus() error { return w.onNative((*webview.Window).Focus) }

// Reload loads the window's document again. The current page ends.
func (w *Window) Reload() error { return w.onNative((*webview.Window).Reload) }

// Navigate shows another document. url is an absolute http or https URL, which AllowedOrigins does
// not restrict, or is relative to the top of the app's origin, as in WindowOptions.Path. Navigate
// does not wait; a document that fails to load is logged.
func (w *Window) Navigate(url string) error {
	w.mu.Lock()
	n := w.native
	w.mu.Unlock()
	if n != nil {
		if _, err := n.Resolve(url); err != nil {
			return fmt.Errorf("shell: navigating window %q: %w", w.label, err)
		}
	}
	return w.onNative(func(n *webview.Window) { _ = n.Navigate(url) }) // The URL was resolved above, so this cannot fail.
}

// Close closes the window if OnClose agrees. It does not wait.
func (w *Window) Close() error { return w.onNative(func(*webview.Window) { w.requestClose() }) }

// Destroy closes the window without asking. It does not wait; use Done.
func (w *Window) Destroy() error { return w.onNative(func(*webview.Window) { w.destroy() }) }

// PickFile asks the user for a file to open and returns its path, or "" if the user cancels. The
// dialog disappears when ctx ends, the window closes or the app quits. Several dialogs may be open
// at once. On the UI thread, where ipc.Inline commands run, PickFile returns ErrUIThread.
func (w *Window) PickFile(ctx context.Context, title string) (string, error) {
	if w.app.onUIThread() {
		return "", ErrUIThread
	}
	type answer struct {
		path string
		err  error
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	answered := make(chan answer, 1)
	err := w.onNative(func(n *webview.Window) {
		var forget func() bool
		cancel := w.app.loop.PickFile(n, title, func(path string, err error) {
			forget()
			answered <- answer{path, err}
		})
		forget = context.AfterFunc(ctx, func() { w.app.loop.Post(cancel) })
	})
	if err != nil {
		return "", err
	}
	select {
	case a := <-answered:
		return a.path, a.err
	case <-w.done:
		return "", ErrClosed
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// onNative posts a call of the native window to the UI thread.
func (w *Window) onNative(f func(*webview.Window)) error {
	w.mu.Lock()
	closed := w.closed
	w.mu.Unlock()
	w.app.mu.Lock()
	loop := w.app.loop
	w.app.mu.Unlock()
	switch {
	case closed:
		return ErrClosed
	case loop == nil:
		return fmt.Errorf("shell: window %q is not open yet", w.label)
	}
	posted := loop.Post(func() {
		w.mu.Lock()
		n := w.native
		w.mu.Unlock()
		if n.Alive() {
			f(n)
		}
	})
	if !posted {
		return ErrClosed
	}
	return nil
}

// recover logs the panic of a callback, so that the app stays alive.
func (w *Window) recover(callback string) {
	if v := recover(); v != nil {
		w.log.Error("a callback panicked", append([]any{"callback", callback}, panics.Attributes(v)...)...)
	}
}

// destroy closes the native window. It runs on the UI thread.
func (w *Window) destroy() {
	w.mu.Lock()
	n := w.native
	w.mu.Unlock()
	if n != nil {
		n.Close()
	}
}

// onClosed runs on the UI thread after the native window has closed. It ends the page, and the app
// if this was its last window.
func (w *Window) onClosed() {
	if w.end() && !w.app.options.KeepRunning {
		w.app.Quit()
	}
}

// end marks the window as closed, whether or not its native window ever opened. It reports whether
// it was the app's last.
func (w *Window) end() (last bool) {
	w.mu.Lock()
	closed, e := w.closed, w.endpoint
	w.closed, w.scripts = true, nil
	w.mu.Unlock()
	if closed {
		return false
	}
	last = w.app.forget(w)
	select {
	case <-w.opened:
		tellAll(w.app, WindowDestroyed, WindowInfo{string(w.label)}, false)
	default:
	}
	if e != nil {
		e.Close()
		w.app.tasks.run(e.Wait)
	}
	close(w.done)
	return last
}
