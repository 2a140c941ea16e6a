package webview

import (
	"fmt"
	"net/http"
	"slices"

	"casement/internal/origin"
)

// WindowOptions describe a window and its first document.
type WindowOptions struct {
	// Title is what the title bar says. A window without one follows its document's title, and says LoopOptions.Name as long
	// as the document has none; on the portable path it always does.
	Title               string
	Width, Height       int // of the content, in logical pixels; zero means 800 by 600
	MinWidth, MinHeight int
	Fixed               bool // the user can't resize it

	// Init returns a script that runs at document start in the top frame of every document. It is called once, while the
	// window opens, with what Origin will return.
	Init func(origin string) string
	// Assets answers requests to the window's origin: the app's own files. Its requests come on goroutines; their contexts
	// end with the window.
	Assets http.Handler
	// MaxBody is the largest body that a request to Assets may have, in bytes, on the native path; on the portable one
	// that is for Assets to say. Zero means 16 MiB.
	MaxBody int
	// Path is the first document's, as a URL relative to the top of the origin: "settings.html", "#about", "/a?b=c". Empty
	// means "/".
	Path string
	// URL is used instead of Assets and Path if set: an absolute http or https URL, of a development server or a test.
	URL string

	Handlers Handlers
}

// Handlers are told what happens to a window. They are called on the UI thread and must not block; any may be nil.
type Handlers struct {
	// Message is a string that some document in the window posted: which one is for the caller to find out. raw is valid
	// only during the call.
	Message func(raw []byte)
	// Navigate decides whether the top frame may load a URL that the app's Go side has not asked for. Nil allows the
	// window's own origin only. A URL that is refused opens in the system's browser if it is http, https or mailto and there
	// was a real key, button or touch event on the window in the two seconds before, which is what userGesture tells: one
	// opening for one event. Native path only.
	Navigate func(url string, userGesture bool) bool
	// Committed tells that a new document is in the top frame. Native path only: elsewhere the page has to tell.
	Committed func(url string)
	// CloseRequested tells that the user asked to close the window, which stays until Close is called. Nil closes it.
	// Native path only: elsewhere it closes.
	CloseRequested func()
	// Closed is called once, whichever way the window went, and nothing is called after it.
	Closed func()
	// Crashed tells that the page's process has ended. The window stays, and can Reload. Native path only.
	Crashed func(reason string)

	// DragEntered tells of files that are being dragged above the page, at x, y in it. DraggedOver follows whenever they move,
	// and in the end either Dropped or DragLeft. Native path only, as all that follow.
	DragEntered func(paths []string, x, y int)
	DraggedOver func(x, y int)
	Dropped     func(paths []string, x, y int)
	DragLeft    func()

	Focused func(bool)
	Resized func(w, h int)
	Moved   func(x, y int)
	// ScaleChanged has the physical pixels that a logical one is now wide, as when the window moves to another screen.
	ScaleChanged func(scale float64)
	// ThemeChanged tells whether the desktop's theme is dark now, as pages' prefers-color-scheme does.
	ThemeChanged func(dark bool)
}

// Window is a native window with one web view. All of its methods are for the UI thread, and do nothing once it is gone.
type Window struct {
	loop   *Loop
	view   view
	on     Handlers
	origin origin.Origin
	alive  bool
}

// view is a window as a path, native or portable, makes it. It is not called after destroy.
type view interface {
	eval(script []byte)
	trusted() bool
	url() string
	navigate(url string)
	reload()
	setTitle(string)
	setSize(w, h int)
	focus()
	// destroy takes the window off the screen at once and gives it up as soon as that is safe.
	destroy()
}

// defaultMaxBody suits a small form.
const defaultMaxBody = 16 << 20

// Open opens a window and starts loading its first document.
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

// Alive tells whether the window is still open.
func (w *Window) Alive() bool { return w != nil && w.alive }

// Origin is that of the app's own documents: "app://localhost" natively, "http://127.0.0.1:PORT" on the portable path, or
// that of WindowOptions.URL. Any goroutine may ask.
func (w *Window) Origin() string { return string(w.origin) }

// Resolve returns the URL that Navigate would load: an absolute one of http, https or the window's own origin as it is, and
// one that is relative to the top of that origin, such as "settings.html" or "/a#b", as an absolute one. All others are
// errors. Any goroutine may ask.
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

// Trusted tells whether a script that is evaluated now can only meet a document of the window's own origin, or none: no
// other has been let in, nor is one on its way. On the portable path nobody knows.
func (w *Window) Trusted() bool { return w.Alive() && w.view.trusted() }

// Eval runs a script in the top frame's document, some time soon and in order. The caller may reuse script afterwards.
func (w *Window) Eval(script []byte) {
	if w.Alive() && len(script) > 0 {
		w.view.eval(script)
	}
}

// URL is what the top frame shows, or empty where that can't be told.
func (w *Window) URL() string {
	if !w.Alive() {
		return ""
	}
	return w.view.url()
}

// Navigate loads what Resolve makes of a URL in the top frame, without asking Handlers.Navigate.
func (w *Window) Navigate(reference string) error {
	url, err := w.Resolve(reference)
	if err == nil && w.Alive() {
		w.view.navigate(url)
	}
	return err
}

// Reload loads the top frame's document again.
func (w *Window) Reload() {
	if w.Alive() {
		w.view.reload()
	}
}

// SetTitle sets what the title bar says, as WindowOptions.Title does.
func (w *Window) SetTitle(title string) {
	if w.Alive() {
		w.view.setTitle(title)
	}
}

// SetSize resizes the content to so many logical pixels.
func (w *Window) SetSize(width, height int) {
	if w.Alive() && width > 0 && height > 0 {
		w.view.setSize(width, height)
	}
}

// Focus brings the window to the front, as far as the desktop lets it.
func (w *Window) Focus() {
	if w.Alive() {
		w.view.focus()
	}
}

// Close closes the window without asking. Handlers.Closed is called before it returns; it may be called from any handler.
func (w *Window) Close() {
	if !w.Alive() {
		return
	}
	w.view.destroy()
	w.gone()
}

// gone is the end of a window, whichever way it came.
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
