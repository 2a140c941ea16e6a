package shell

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"

	"casement/events"
	"casement/internal/flood"
	"casement/internal/names"
	"casement/internal/origin"
	"casement/internal/serial"
	"casement/internal/webview"
	"casement/internal/wire"
	"casement/ipc"
)

var (
	// ErrNoDisplay is returned by Run where there is no display to open windows on.
	ErrNoDisplay = webview.ErrNoDisplay
	// ErrNoWebView2 is returned by Run on a Windows machine without Microsoft's WebView2 runtime.
	ErrNoWebView2 = webview.ErrNoWebView2
	// ErrNotMainThread is returned by Run if main calls it on another goroutine than its own.
	ErrNotMainThread = webview.ErrNotMainThread
	// ErrClosed is returned by what would reach a window that is closed, or an app that has ended.
	ErrClosed = errors.New("shell: closed")
	// ErrUIThread is returned on the UI thread, where ipc.Inline commands run, by what would have to wait.
	ErrUIThread = ipc.ErrUIThread
	// ErrShutdownTimeout is returned by Run if commands did not return in time.
	ErrShutdownTimeout = errors.New("shell: commands were still running at the end of the shutdown's time")
)

// An App is a process with windows. All methods are safe for concurrent use; Run is called once, by main.
type App struct {
	options  Options
	log      *slog.Logger
	commands ipc.Router
	events   *events.Bus
	bus      wire.AppBus // events, as the windows and their pages use them
	assets   http.Handler
	csp      string        // of the documents, but for their own inline scripts
	dev      origin.Origin // of Options.DevURL
	invalid  error         // what is wrong with the options
	ctx      context.Context
	cancel   context.CancelFunc
	tasks    tasks
	quit     sync.Once

	announcements *serial.Queue // of the shell's own events
	gate          flood.Gate    // for what pages can have logged

	up atomic.Bool // Run has opened its windows

	mu      sync.Mutex
	loop    *webview.Loop // nil before Run
	windows []*Window     // open ones and, before Run, those that Run will open
	state   state
	begun   bool  // Run has been called
	err     error // what Run will return
}

type state uint8

const (
	fresh state = iota
	running
	ending // no more windows
)

// New returns an app that Run will start.
func New(options Options) *App {
	a := &App{options: options, log: options.Logger}
	if a.log == nil {
		a.log = slog.Default()
	}
	o := &a.options
	if o.ShutdownTimeout <= 0 {
		o.ShutdownTimeout = DefaultShutdownTimeout
	}
	if o.MaxMessage <= 0 {
		o.MaxMessage = wire.DefaultMaxMessage
	}
	if o.MaxBacklog <= 0 {
		o.MaxBacklog = wire.DefaultMaxBacklog
	}
	if o.CloseTimeout <= 0 {
		o.CloseTimeout = DefaultCloseTimeout
	}
	if o.DevURL != "" {
		var err error
		if a.dev, err = origin.Parse(o.DevURL); err != nil {
			a.invalid = fmt.Errorf("shell: Options.DevURL: %w", err)
		}
	}
	a.invalid = errors.Join(a.invalid, a.serve())
	a.events, a.bus = events.New(a.log)
	a.announcements = serial.New(maxAnnouncements, a.tasks.run, a.log)
	a.registerOwn()
	a.ctx, a.cancel = context.WithCancel(context.Background())
	return a
}

// Commands returns the commands that the app's pages can call; ipc.Handle adds to them.
func (a *App) Commands() *ipc.Router { return &a.commands }

// Context returns a context that is cancelled when the app shuts down.
func (a *App) Context() context.Context { return a.ctx }

// Windows returns the open windows, oldest first.
func (a *App) Windows() []*Window {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]*Window(nil), a.windows...)
}

// Window returns the open window with this label, nil if there is none.
func (a *App) Window(label ipc.Label) *Window {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.find(label)
}

func (a *App) find(label ipc.Label) *Window {
	for _, w := range a.windows {
		if w.label == label {
			return w
		}
	}
	return nil
}

// WindowFrom returns the window whose page has called the command that has this context, nil if it is
// closed or the context is not a command's. Another window that has got its label since is not it.
func (a *App) WindowFrom(ctx context.Context) *Window {
	call := wire.CallFrom(ctx)
	if call == nil {
		return nil
	}
	w := a.Window(call.Window)
	if w == nil {
		return nil
	}
	if e, err := w.wire(); err != nil || e == nil || !e.Owns(call.Page()) {
		return nil
	}
	return w
}

// OpenWindow opens a window. Before Run it only notes what Run will open. It returns an error if the
// label is malformed or taken or another option is wrong, if the app runs and has no document for the window, and
// ErrClosed once the app shuts down.
//
// On the UI thread, where ipc.Inline commands run, it does not wait: the window opens when the command has returned, and
// takes what is sent to it until then. If that fails it is logged, and the window's Done closes.
func (a *App) OpenWindow(options WindowOptions) (*Window, error) {
	if a.invalid != nil {
		return nil, a.invalid
	}
	label := ipc.Label(options.Label)
	if err := names.Label(options.Label); err != nil {
		return nil, fmt.Errorf("shell: opening a window: %w", err)
	}
	w, err := newWindow(a, label, options)
	if err != nil {
		return nil, fmt.Errorf("shell: opening window %q: %w", label, err)
	}
	documentErr := w.document()
	a.mu.Lock()
	switch {
	case a.state == running && documentErr != nil: // before, it is Run's to return
		err = documentErr
	case a.state == ending:
		err = ErrClosed
	case a.find(label) != nil:
		err = fmt.Errorf("shell: opening a window: there is a window %q already", label)
	case w.options.URL == "" && a.assets == nil:
		err = fmt.Errorf("shell: opening window %q: neither Options.Assets nor a URL is set", label)
	}
	if err != nil {
		a.mu.Unlock()
		return nil, err
	}
	a.windows = append(a.windows, w)
	a.bus.OpenWindow(label)
	loop, opened, posted := a.loop, make(chan error, 1), true
	inline := loop != nil && loop.OnThread()
	if loop != nil {
		// With the lock, so that nothing for the window comes before: it is found from here on.
		posted = loop.Post(func() {
			err := w.open(loop)
			if err != nil && inline {
				a.log.Error("a window does not open", "error", err)
			}
			opened <- err
		})
	}
	a.mu.Unlock()
	switch {
	case !posted:
		w.end()
		return nil, ErrClosed
	case loop == nil, inline:
		return w, nil
	}
	if err := <-opened; err != nil {
		return nil, err
	}
	return w, nil
}

// onUIThread reports whether the caller is on the UI thread, which must not wait.
func (a *App) onUIThread() bool {
	a.mu.Lock()
	loop := a.loop
	a.mu.Unlock()
	return loop != nil && loop.OnThread()
}

// forget takes a window off the list and reports whether it was the last.
func (a *App) forget(w *Window) (last bool) {
	a.bus.CloseWindow(w.label)
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, other := range a.windows {
		if other == w {
			a.windows = append(a.windows[:i:i], a.windows[i+1:]...)
			return len(a.windows) == 0
		}
	}
	return false
}

// Run opens the windows and serves them until the last one has closed, Quit is called or ctx is done. It
// must be called by main, on its own goroutine: desktops know one UI thread, the first.
//
// At the end, contexts are cancelled, and Run waits for the commands that are still running, for
// Options.ShutdownTimeout at most. It leaves no goroutine behind unless it returns ErrShutdownTimeout. However it ends,
// even if it could not begin, all windows are closed then, those that were never opened too.
//
// An error that ends the app before its windows are open is shown to the person who has started it, see
// Options.Unattended. Run returns it once they have closed the dialog.
func (a *App) Run(ctx context.Context) error {
	a.mu.Lock()
	again := a.begun
	a.begun = true
	a.mu.Unlock()
	if again {
		return errors.New("shell: an app runs once")
	}
	err := a.runToEnd(ctx)
	if err != nil && !a.up.Load() && ctx.Err() == nil {
		a.alert(ctx, err)
	}
	return err
}

func (a *App) runToEnd(ctx context.Context) error {
	defer a.end()
	return a.run(ctx)
}

// end has the app end, and closes the windows that were never opened.
func (a *App) end() {
	a.cancel()
	a.mu.Lock()
	a.state = ending
	a.mu.Unlock()
	for _, w := range a.Windows() {
		w.end()
	}
}

func (a *App) run(ctx context.Context) error {
	if a.invalid != nil {
		return a.invalid
	}
	if err := a.commands.Err(); err != nil {
		return err
	}
	if err := a.options.validate(); err != nil {
		return err
	}
	for _, w := range a.Windows() {
		if err := w.document(); err != nil {
			return err
		}
	}
	release, first, err := a.claim(ctx)
	if !first {
		return err
	}
	defer release()
	if a.options.DevURL != "" {
		a.tellDev(ctx)
	}
	loop, err := a.start()
	if loop == nil {
		return err
	}
	a.open(a.own())
	stop := context.AfterFunc(ctx, a.Quit)
	err = loop.Run()
	stop()
	a.mu.Lock()
	defer a.mu.Unlock()
	return errors.Join(err, a.err)
}

// start makes the event loop and has it open the windows that there are. There is neither a loop nor an
// error if the app has quit before.
func (a *App) start() (*webview.Loop, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.state == ending {
		return nil, nil // Quit came first.
	}
	loop, err := webview.NewLoop(webview.LoopOptions{
		ID: a.options.ID, Name: a.options.Name, Portable: a.options.Portable, Debug: a.options.Debug, Logger: a.log,
	})
	if err != nil {
		return nil, fmt.Errorf("shell: %w", err)
	}
	a.loop, a.state = loop, running
	waiting := append([]*Window(nil), a.windows...)
	loop.Post(func() {
		for _, w := range waiting {
			if err := w.open(loop); err != nil {
				a.fail(err)
				return
			}
		}
		if len(waiting) == 0 && !a.options.KeepRunning {
			a.fail(errors.New("shell: there is no window to open"))
			return
		}
		a.up.Store(true)
	})
	return loop, nil
}

// fail ends the app with an error.
func (a *App) fail(err error) {
	a.mu.Lock()
	a.err = errors.Join(a.err, err)
	a.mu.Unlock()
	a.Quit()
}

// Quit ends the app: Run closes all windows without asking, waits for the commands and returns. It may be
// called at any time, more than once, and does not wait.
func (a *App) Quit() {
	a.quit.Do(func() {
		a.mu.Lock()
		a.state = ending
		loop := a.loop
		a.mu.Unlock()
		a.cancel()
		if loop == nil {
			a.end()
			return
		}
		loop.Post(func() {
			for _, w := range a.Windows() {
				w.destroy()
			}
			go a.drain(loop)
		})
	})
}

// drain waits for what is still running and then ends the loop. Run, which waits for the loop, owns it.
func (a *App) drain(loop *webview.Loop) {
	defer loop.Quit()
	if a.tasks.wait(a.options.ShutdownTimeout) {
		return
	}
	a.log.Error("commands have not returned after their contexts were cancelled; the app ends without them",
		"waited", a.options.ShutdownTimeout)
	a.mu.Lock()
	a.err = errors.Join(a.err, ErrShutdownTimeout)
	a.mu.Unlock()
}
