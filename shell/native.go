package shell

import (
	"fmt"
	"slices"

	"casement/internal/origin"
	"casement/internal/webview"
	"casement/internal/wire"
)

// host gives the wire access to the native window.
type host struct{ window *Window }

func (h host) Post(f func()) bool { return h.window.app.loop.Post(f) }

func (h host) Eval(script []byte) { h.window.native.Eval(script) }

func (h host) Trusted() bool { return h.window.native.Trusted() }

func (h host) UIThread() bool { return h.window.app.loop.OnThread() }

// open opens the native window. It runs on the UI thread.
func (w *Window) open(loop *webview.Loop) error {
	a, o := w.app, w.options
	options := webview.WindowOptions{
		Title: o.Title, Width: o.Width, Height: o.Height, MinWidth: o.MinWidth, MinHeight: o.MinHeight, Fixed: o.Fixed,
		Path: o.Path, URL: o.URL, Assets: a.assets, MaxBody: a.options.MaxMessage,
	}
	endpoint, err := w.newEndpoint(loop, options)
	var native *webview.Window
	if err == nil {
		options.Script, options.Handlers = endpoint.Script(), w.handlers(endpoint)
		if native, err = loop.Open(options); err != nil {
			endpoint.Close()
		}
	}
	if err != nil {
		w.end()
		return fmt.Errorf("shell: opening window %q: %w", w.label, err)
	}
	w.mu.Lock()
	// Scripts that waited go first: nobody else can use the endpoint before w.mu is released.
	for _, script := range w.scripts {
		if err := endpoint.Eval(script); err != nil {
			w.log.Error("a script is dropped", "error", err)
		}
	}
	w.native, w.endpoint, w.scripts = native, endpoint, nil
	w.mu.Unlock()
	close(w.opened)
	tellAll(a, WindowCreated, WindowInfo{string(w.label)}, false)
	return nil
}

// newEndpoint returns Go's end of the wire to a window that will be opened with these options.
func (w *Window) newEndpoint(loop *webview.Loop, options webview.WindowOptions) (*wire.Endpoint, error) {
	a := w.app
	origin, err := loop.Origin(options)
	if err != nil {
		return nil, err
	}
	return wire.NewEndpoint(a.ctx, wire.EndpointOptions{
		Label: w.label, Host: host{w}, Router: &a.commands, Bus: a.bus, Origin: origin, Logger: a.log,
		MaxMessage: a.options.MaxMessage, MaxBacklog: a.options.MaxBacklog, MaxCalls: a.options.MaxCalls,
		MaxHeld: a.options.MaxHeld, MaxScript: webview.MaxScript(), Upload: w.uploadPath(),
		Arrived: func(*wire.Page) { tell(w, PageLoaded, struct{}{}) },
	})
}

// handlers returns the callbacks of the native window.
func (w *Window) handlers(endpoint *wire.Endpoint) webview.Handlers {
	return webview.Handlers{
		Message:        endpoint.Receive,
		Navigate:       w.mayNavigate,
		Committed:      func(string) { endpoint.Gone() },
		CloseRequested: w.requestClose,
		Closed:         w.onClosed,
		Crashed: func(reason string) {
			w.log.Error("the page's process has ended", "reason", reason)
			endpoint.Gone()
			tell(w, PageCrashed, Crash{reason})
		},

		Focused:      w.focused,
		Resized:      func(width, height int) { tell(w, Resized, Size{width, height}) },
		Moved:        func(x, y int) { tell(w, Moved, Position{x, y}) },
		ScaleChanged: func(scale float64) { tell(w, ScaleChanged, Scale{scale}) },
		ThemeChanged: func(dark bool) { tell(w, ThemeChanged, Theme{dark}) },

		DragEntered: func(paths []string, x, y int) {
			tell(w, DragEntered, Drag{paths, Position{x, y}})
		},
		DraggedOver: func(x, y int) { tell(w, DraggedOver, DragPosition{Position{x, y}}) },
		DragLeft:    func() { tell(w, DragLeft, struct{}{}) },
		Dropped:     w.dropped,
	}
}

func (w *Window) focused(focused bool) {
	if focused {
		tell(w, Focused, struct{}{})
	} else {
		tell(w, Blurred, struct{}{})
	}
}

// mayNavigate reports whether the page may navigate to this URL.
func (w *Window) mayNavigate(to string, _ bool) bool {
	if origin.Origin(w.native.Origin()).Has(to) {
		return true
	}
	o, err := origin.Of(to)
	return err == nil && slices.Contains(w.allowed, o)
}

// dropped emits the event and calls OnDrop on a goroutine.
func (w *Window) dropped(paths []string, x, y int) {
	tell(w, Dropped, Drag{paths, Position{x, y}})
	if w.options.OnDrop == nil {
		return
	}
	w.app.tasks.run(func() {
		defer w.recover("OnDrop")
		w.options.OnDrop(paths)
	})
}
