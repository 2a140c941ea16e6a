package webview

import (
	"fmt"
	"net/http"
	"slices"

	"casement/internal/origin"
)

// WindowOptions describe a window and its first document.
type WindowOptions struct {
	// Title is the text of the title bar. If it is empty, the native path shows the document's
	// title, or LoopOptions.Name while the document has none; the portable path always shows the
	// name.
	Title               string
	Width, Height       int // of the content, in logical pixels; zero means 800 by 600
	MinWidth, MinHeight int
	Fixed               bool // the user can't resize the window

	// Script runs at document start in the top frame of every document.
	Script string
	// Assets serves the app's own files: it answers all requests to the window's origin. It is
	// called on other goroutines than the UI thread's. The context of a request ends with the
	// window.
	Assets http.Handler
	// MaxBody is the size limit in bytes for the body of a request to Assets. Zero means 16 MiB. It
	// applies to the native path; on the portable path, Assets must enforce its own limit.
	MaxBody int
	// Path is the URL of the first document, relative to the root of the origin: "settings.html",
	// "#about", "/a?b=c". Empty means "/".
	Path string
	// URL replaces Assets and Path if it is set. It is an absolute http or https URL, for a
	// development server or a test.
	URL string

	Handlers Handlers
}

// Handlers are called on the UI thread and must not block. Each may be nil.
type Handlers struct {
	// Message receives a string that a document in the window posted. It may come from any
	// document; the caller must check which. raw is valid only during the call.
	Message func(raw []byte)
	// Navigate decides whether the top frame may load a URL that Go did not request. Nil allows the
	// window's own origin only. It is not called for what is always refused: a new window, and a
	// scheme that pages can't load, such as mailto and file. Native path only.
	//
	// userGesture reports that a real key, button or touch event on the window in the two seconds
	// before is behind the navigation. With one, a refused http, https or mailto URL of another
	// origin opens in the system's browser or mail program. One event opens one URL.
	Navigate func(url string, userGesture bool) bool
	// Committed is called when a new document is in the top frame. Native path only: on the
	// portable path the page must report it.
	Committed func(url string)
	// CloseRequested is called when the user asks to close the window. The window stays until Close
	// is called. Nil closes it. Native path only: on the portable path the window closes.
	CloseRequested func()
	// Closed is called once, however the window was closed. It is the last call.
	Closed func()
	// Crashed is called when the page's process has ended. The window stays and can be reloaded.
	// Native path only.
	Crashed func(reason string)

	// DragEntered is called when files are dragged onto the page, at x, y in the page. DraggedOver
	// follows each time they move. Dropped or DragLeft comes last. The native path alone calls
	// these and the handlers below.
	DragEntered func(paths []string, x, y int)
	DraggedOver func(x, y int)
	Dropped     func(paths []string, x, y int)
	DragLeft    func()

	Focused func(bool)
	Resized func(w, h int)
	Moved   func(x, y int)
	// ScaleChanged receives the number of physical pixels per logical pixel. It changes when the
	// window moves to another screen, for instance.
	ScaleChanged func(scale float64)
	// ThemeChanged reports whether the desktop's theme is dark. It agrees with prefers-color-scheme
	// in pages.
	ThemeChanged func(dark bool)
}

// Window is a native window with one web view. Unless a comment says otherwise, its methods must be
// called on the UI thread. After the window has closed they do nothing.
type Window struct {
	loop   *Loop
	view   view
	on     Handlers
	origin origin.Origin
	alive  bool
}

// view is a window of the native or the portable path. No method is called after destroy.
type view interface {
	eval(script []byte)
	trusted() bool
	url() string
	navigate(url string)
	reload()
	setTitle(string)
	setSize(w, h int)
	focus()
	// destroy takes the window off the screen at once and frees it as soon as that is safe.
	destroy()
}

// defaultMaxBody is the default of WindowOptions.MaxBody.
const defaultMaxBody = 16 << 20

// Origin returns the origin of a window that Open would open with these options. On the portable
// path Assets must be comparable for that.
func (l *Loop) Origin(o WindowOptions) (string, error) {
	if o.URL != "" {
		of, err := origin.Of(o.URL)
		return string(of), err
	}
	return l.backend.origin(o)
}

// Open opens a window and starts to load its first document.
func (l *Loop) Open(o WindowOptions) (*Window, error) {
	if l.stopped {
		return nil, fmt.Errorf("opening a window: %w", ErrEnded)
	}
	if o.Width <= 0 || o.Height <= 0 {
		o.Width, o.Height = 800, 600
	}
	if o.MaxBody <= 0 {
		o.MaxBody = defaultMaxBody
	}
	w := &Window{loop: l, on: o.Handlers, alive: true}
	var err error
	if o.URL != "" {
		w.origin, err = origin.Of(o.URL)
	} else {
		o.Path, err = origin.Path(o.Path)
	}
	if err != nil {
		return nil, fmt.Errorf("opening a window: the first document: %w", err)
	}
	if o.URL == "" && o.Assets == nil {
		o.Assets = http.NotFoundHandler()
	}
	v, err := l.backend.open(w, o)
	if err != nil {
		return nil, fmt.Errorf("opening a window: %w", err)
	}
	w.view = v
	l.windows = append(l.windows, w)
	return w, nil
}

// Alive reports whether the window is open. A nil window is not.
func (w *Window) Alive() bool { return w != nil && w.alive }

// Origin returns the origin of the app's own documents: that of WindowOptions.URL if it was set,
// else "app://localhost" on the native path and "http://127.0.0.1:PORT" on the portable one. It may
// be called from any goroutine.
func (w *Window) Origin() string { return string(w.origin) }

// Resolve returns the URL that Navigate loads for a reference. An absolute URL of http, https or
// the window's own origin stays as it is. A relative one, such as "settings.html" or "/a#b", is
// resolved at the root of that origin. Everything else is an error. Resolve may be called from any
// goroutine.
func (w *Window) Resolve(reference string) (string, error) {
	if w.origin.Has(reference) {
		return reference, nil
	}
	path, err := origin.Path(reference)
	if err == nil {
		return string(w.origin) + path, nil
	}
	if _, e := origin.Of(reference); e == nil {
		return reference, nil
	}
	return "", err
}

// Trusted reports whether a script that is evaluated now can only run in a document of the window's
// own origin, or in none: no other document was allowed, and none is loading. It is always false on
// the portable path, which can't tell.
func (w *Window) Trusted() bool { return w.Alive() && w.view.trusted() }

// MaxScript returns the largest script, in bytes, that one Eval should get. Callers split what is
// larger.
func MaxScript() int { return maxScript() }

// Eval queues a script to run in the document of the top frame. Scripts run in order. The caller
// may reuse the slice after Eval has returned.
func (w *Window) Eval(script []byte) {
	if w.Alive() && len(script) > 0 {
		w.view.eval(script)
	}
}

// URL returns the URL of the document in the top frame. It is empty on the portable path, which
// can't tell.
func (w *Window) URL() string {
	if !w.Alive() {
		return ""
	}
	return w.view.url()
}

// Navigate loads a reference in the top frame, as Resolve resolves it. It does not ask
// Handlers.Navigate.
func (w *Window) Navigate(reference string) error {
	url, err := w.Resolve(reference)
	if err == nil && w.Alive() {
		w.view.navigate(url)
	}
	return err
}

// Reload reloads the document of the top frame.
func (w *Window) Reload() {
	if w.Alive() {
		w.view.reload()
	}
}

// SetTitle sets the title. An empty one has the meaning that it has in WindowOptions.Title.
func (w *Window) SetTitle(title string) {
	if w.Alive() {
		w.view.setTitle(title)
	}
}

// SetSize resizes the content. Width and height are in logical pixels.
func (w *Window) SetSize(width, height int) {
	if w.Alive() && width > 0 && height > 0 {
		w.view.setSize(width, height)
	}
}

// Focus brings the window to the front, if the desktop allows it.
func (w *Window) Focus() {
	if w.Alive() {
		w.view.focus()
	}
}

// Close closes the window without asking. It calls Handlers.Closed before it returns. Any handler
// may call it.
func (w *Window) Close() {
	if !w.Alive() {
		return
	}
	w.view.destroy()
	w.gone()
}

// gone ends the window after its view was destroyed by either side.
func (w *Window) gone() {
	if !w.alive {
		return
	}
	w.alive = false
	w.loop.closeDialogs(w)
	w.loop.windows = slices.DeleteFunc(w.loop.windows, func(o *Window) bool { return o == w })
	if w.on.Closed != nil {
		w.on.Closed()
	}
}
