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

// WindowOptions describe a window. Only Label must be set.
type WindowOptions struct {
	// Label names the window, uniquely while it lives: letters, digits and any of - / : _
	Label string
	// Title is what the title bar says. A window without one follows its document's title, and says
	// Options.Name as long as the document has none. On Windows and macOS, webview_go does not tell of the
	// document's title, and the window says Options.Name.
	Title string
	// Width and Height are the content's, in logical pixels. Zero means 800 by 600.
	Width, Height       int
	MinWidth, MinHeight int
	// Fixed windows can't be resized by the user.
	Fixed bool
	// Path is the first document's, as a URL relative to the top of the app's origin: "settings.html",
	// "/docs/?page=2", "#about". Empty means "/". One that leads elsewhere, such as "//example.com", is an
	// error of OpenWindow.
	Path string
	// URL is shown instead of the app's own files: an absolute http or https URL, such as a development
	// server's. Its origin may then talk to Go.
	URL string

	// Access says what the window's pages may do with windows.
	Access Access

	// OnClose is asked when the user, or Close, wants the window closed. False keeps it open. If it does
	// not answer within Options.CloseTimeout, which its context knows, the window closes. A page that wants
	// to be asked is asked after it. On Windows and
	// macOS, webview_go closes windows without asking.
	OnClose func(ctx context.Context) bool
	// AllowedOrigins are http or https origins, such as "https://login.example.com", whose documents the
	// window may show beside the app's own. They are compared as browsers do: case, a default port and an
	// internationalised host's spelling make no difference; anything with a path or a pattern is an error of
	// OpenWindow. They can't talk to Go. A link to anywhere else opens in the system's browser if
	// there was a key, a click or a touch in the window in the two seconds before, once for each, and is
	// refused otherwise. On Windows and macOS, webview_go does not ask, and
	// the window may show anything; nothing but the app's own origin can talk to Go there either.
	AllowedOrigins []string
	// OnDrop is told of files that the user drops on the page. Linux only.
	OnDrop func(paths []string)
}

// A Window is one native window with one webview. All methods are safe for concurrent use; once the
// window is closed they do nothing and return ErrClosed.
type Window struct {
	app     *App
	label   ipc.Label
	options WindowOptions
	allowed []origin.Origin // to be shown beside the app's own
	log     *slog.Logger
	opened  chan struct{} // closed when the native window is there
	done    chan struct{}

	mu       sync.Mutex
	endpoint *wire.Endpoint  // nil before the window opens
	native   *webview.Window // likewise; its methods are the UI thread's
	scripts  []string        // for Eval, before the window opens
	waiting  int             // what those cost
	closed   bool

	asksClose *wire.Page // the page that wants to be asked before the window closes
	closing   *closing   // a request to close under way
	closes    uint64     // requests so far
}

// newWindow returns a window that is not open yet. An error names the option.
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

// wire returns the endpoint, nil before the window opens.
func (w *Window) wire() (*wire.Endpoint, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, ErrClosed
	}
	return w.endpoint, nil
}

// Eval runs a script in the window's page, in order with everything else that is sent there; a window
// without a page keeps it for its first, as far as Options.MaxBacklog goes. It does not wait: where there is no room it
// returns ipc.ErrBacklog. Go values get into a script by ipc.Scriptf.
func (w *Window) Eval(script string) error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return ErrClosed
	}
	e := w.endpoint
	if e == nil {
		defer w.mu.Unlock()
		// Each costs more than its bytes.
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

// EvalResult evaluates a script in the window's page, waiting for its first, and returns its value as
// JSON: that of an expression, awaited if it is a promise, or what a function's body returns. What the
// script throws is an *ipc.ScriptError. On the UI thread, where ipc.Inline commands run, it returns ErrUIThread.
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

// SetTitle sets what the title bar says. An empty title has it follow the document's, as that of a window
// without WindowOptions.Title does.
func (w *Window) SetTitle(title string) error {
	return w.onNative(func(n *webview.Window) { n.SetTitle(title) })
}

// SetSize resizes the content to so many logical pixels.
func (w *Window) SetSize(width, height int) error {
	return w.onNative(func(n *webview.Window) { n.SetSize(width, height) })
}

// Focus brings the window to the front, as far as the desktop lets it.
func (w *Window) Focus() error { return w.onNative((*webview.Window).Focus) }

// Reload loads the window's document again. The page that it shows ends.
func (w *Window) Reload() error { return w.onNative((*webview.Window).Reload) }

// Navigate shows another document: that of an absolute http or https URL, AllowedOrigins or not, or of one
// that is relative to the top of the app's origin, as WindowOptions.Path is. It does not wait; a document that
// can't be loaded is logged.
func (w *Window) Navigate(url string) error {
	w.mu.Lock()
	n := w.native
	w.mu.Unlock()
	if n != nil {
		if _, err := n.Resolve(url); err != nil {
			return fmt.Errorf("shell: navigating window %q: %w", w.label, err)
		}
	}
	return w.onNative(func(n *webview.Window) { _ = n.Navigate(url) }) // It has been resolved once.
}

// Close closes the window if OnClose agrees. It does not wait.
func (w *Window) Close() error { return w.onNative(func(*webview.Window) { w.requestClose() }) }

// Destroy closes the window without asking. It does not wait; Done does.
func (w *Window) Destroy() error { return w.onNative(func(*webview.Window) { w.destroy() }) }

// PickFile asks the user for a file to open and returns its path, empty if they cancelled. The dialog goes when
// ctx ends, the window closes or the app quits. Several may be open at once. On the UI thread, where ipc.Inline
// commands run, it returns ErrUIThread.
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

// onNative posts a use of the native window.
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

// recover keeps the app alive when one of its callbacks panics.
func (w *Window) recover(callback string) {
	if v := recover(); v != nil {
		w.log.Error("a callback panicked", append([]any{"callback", callback}, panics.Attributes(v)...)...)
	}
}

// destroy closes the native window, on the UI thread.
func (w *Window) destroy() {
	w.mu.Lock()
	n := w.native
	w.mu.Unlock()
	if n != nil {
		n.Close()
	}
}

// onClosed follows the native window, on the UI thread: the page ends, and with the last window the app.
func (w *Window) onClosed() {
	if w.end() && !w.app.options.KeepRunning {
		w.app.Quit()
	}
}

// end ends the window: the native one is gone or never was there. It reports whether the window was the app's last.
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
