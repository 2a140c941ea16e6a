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
	// ErrNoDisplay is returned by Run when there is no display to open windows on.
	ErrNoDisplay = webview.ErrNoDisplay
	// ErrNoWebView2 is returned by Run on Windows when Microsoft's WebView2 runtime is not
	// installed.
	ErrNoWebView2 = webview.ErrNoWebView2
	// ErrNotMainThread is returned by Run when it is not called on the main goroutine.
	ErrNotMainThread = webview.ErrNotMainThread
	// ErrClosed is returned by methods of a closed window and of an app that has ended.
	ErrClosed = errors.New("shell: closed")
	// ErrUIThread is returned by functions that would have to wait when an ipc.Inline command calls
	// them on the UI thread.
	ErrUIThread = ipc.ErrUIThread
	// ErrShutdownTimeout is returned by Run if commands are still running after
	// Options.ShutdownTimeout.
	ErrShutdownTimeout = errors.New("shell: commands were still running after Options.ShutdownTimeout")
)

// An App is a process with windows. All methods are safe for concurrent use. Main calls Run once.
type App struct {
	options  Options
	log      *slog.Logger
	commands ipc.Router
	events   *events.Bus
	bus      wire.AppBus // the internal interface of events
	assets   http.Handler
	csp      string        // of all documents, without the hashes of their inline scripts
	dev      origin.Origin // of Options.DevURL
	invalid  error         // an error in the options, which OpenWindow and Run return
	ctx      context.Context
	cancel   context.CancelFunc
	tasks    tasks
	quit     sync.Once

	announcements *serial.Queue // of the shell's own events
	gate          flood.Gate    // limits log lines that pages can cause

	up atomic.Bool // Run has opened its windows

	mu      sync.Mutex
	loop    *webview.Loop // nil before Run
	windows []*Window     // the open ones; before Run, those that Run will open
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

// New returns an app. Run starts it and returns any error in the options.
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

// Commands returns the router of the app's commands. Register commands with ipc.Handle.
func (a *App) Commands() *ipc.Router { return &a.commands }

// Context returns a context that is cancelled when the app shuts down.
func (a *App) Context() context.Context { return a.ctx }

// Windows returns the open windows, oldest first. Before Run it returns the windows that Run will
// open.
func (a *App) Windows() []*Window {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]*Window(nil), a.windows...)
}

// Window returns the open window with this label, or nil.
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

// WindowFrom returns the window whose page called the command that received ctx. It returns nil if
// that window is closed, even if a newer window has its label, and if ctx does not come from a
// command.
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

// OpenWindow opens a window and waits until it is open. Before Run it does not wait: Run opens the
// window. OpenWindow returns an error if the label is malformed or in use, if another option is
// invalid, or if a running app has no document for the window. After the app has begun to shut down
// it returns ErrClosed.
//
// On the UI thread, where ipc.Inline commands run, OpenWindow does not wait either: the window
// opens after the command returns. Until then the window keeps the scripts and events that it is
// sent. A failure is logged and closes the window's Done channel.
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
	case a.state == running && documentErr != nil: // before Run, Run returns it
		err = documentErr
	case a.state == ending:
		err = ErrClosed
	case a.find(label) != nil:
		err = fmt.Errorf("shell: opening window %q: another window has this label", label)
	case w.options.URL == "" && a.assets == nil:
		err = fmt.Errorf("shell: opening window %q: set Options.Assets or WindowOptions.URL", label)
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
		// a.mu is held, so that this is posted before anything that uses the window: others can
		// find it from here on.
		posted = loop.Post(func() {
			err := w.open(loop)
			if err != nil && inline {
				a.log.Error("a window cannot be opened", "error", err)
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

// onUIThread reports whether the caller runs on the UI thread, where nothing may wait.
func (a *App) onUIThread() bool {
	a.mu.Lock()
	loop := a.loop
	a.mu.Unlock()
	return loop != nil && loop.OnThread()
}

// forget removes a window from the list and reports whether it was the last.
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

// Run opens the windows and serves them until the last one has closed, Quit is called or ctx is
// done. Main must call Run on its own goroutine, because desktops allow UI calls on the process's
// first thread only.
//
// At the end Run closes all windows, including those that were never opened, and cancels all
// contexts. It then waits at most Options.ShutdownTimeout for running commands. Run leaves no
// goroutine behind unless it returns ErrShutdownTimeout.
//
// If an error ends the app before its windows are open, Run shows it in a dialog and returns when
// the user closes the dialog; see Options.Unattended.
func (a *App) Run(ctx context.Context) error {
	a.mu.Lock()
	again := a.begun
	a.begun = true
	a.mu.Unlock()
	if again {
		return errors.New("shell: Run was called before; an App runs once")
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

// end shuts the app down and closes the windows that were never opened.
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

// start creates the event loop and posts the opening of the waiting windows. It returns neither a
// loop nor an error if Quit came first.
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
			a.fail(errors.New("shell: no window to open: call OpenWindow before Run, or set Options.KeepRunning"))
			return
		}
		a.up.Store(true)
	})
	return loop, nil
}

// fail records an error that Run will return, and quits.
func (a *App) fail(err error) {
	a.mu.Lock()
	a.err = errors.Join(a.err, err)
	a.mu.Unlock()
	a.Quit()
}

// Quit ends the app: all windows close without asking, and Run waits for running commands and
// returns. Quit does not wait. It may be called at any time and more than once.
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

// drain waits for running commands and then ends the loop. Run, which waits for the loop, owns it.
func (a *App) drain(loop *webview.Loop) {
	defer loop.Quit()
	if a.tasks.wait(a.options.ShutdownTimeout) {
		return
	}
	a.log.Error("commands did not return after their contexts were cancelled; the app ends without them",
		"waited", a.options.ShutdownTimeout)
	a.mu.Lock()
	a.err = errors.Join(a.err, ErrShutdownTimeout)
	a.mu.Unlock()
}
