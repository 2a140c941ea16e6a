// Package webview is the native side of a window: the process's event loop, and windows that each hold one web view.
//
// It puts webview_go and everything that a platform does in its own way behind one small interface. On Linux the windows
// are GTK's own, with the shell's eval, posting, messages and app:// scheme; elsewhere, and on Linux on request, only what
// webview_go offers is used (the portable path).
//
// Unless a comment says otherwise, everything here is for the UI thread, the one that NewLoop and Run are called on:
// reach it with Loop.Post. Handlers are called on it and must not block it.
package webview

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"casement/internal/thread"
)

var (
	// ErrNoDisplay is returned by NewLoop where there is no X11 or Wayland display to open windows on.
	ErrNoDisplay = errors.New("no display to open windows on")
	// ErrNoWebView2 is returned by NewLoop on a Windows machine without Microsoft's WebView2 runtime.
	ErrNoWebView2 = errors.New("the WebView2 runtime is not installed")
	// ErrNotMainThread is returned by NewLoop and Run when called anywhere but on the process's main thread.
	ErrNotMainThread = errors.New("not on the main thread")
	// ErrEnded is returned by a loop that has quit, or that was run before.
	ErrEnded = errors.New("the event loop has ended")
)

// LoopOptions describe the process to the desktop.
type LoopOptions struct {
	// ID is the application's id, such as "com.example.hasher". It names the program, its windows' class and the folder
	// that pages store their data in.
	ID string
	// Name is what a person calls the application.
	Name string
	// Portable uses only what webview_go offers. It is always set on Windows and macOS.
	Portable bool
	// Debug turns on developer tools, and writes pages' console messages to standard output.
	Debug bool
	// Logger takes what goes wrong. Nil means slog.Default().
	Logger *slog.Logger
}

// goroutineGrace is how long Run waits, once it has cancelled their contexts, for asset handlers that are still answering.
// A handler that reads files takes milliseconds; one that ignores its context must not keep the process alive.
const goroutineGrace = 2 * time.Second

// Loop is a process's event loop. Post, Quit, OnThread and Portable are for any goroutine, all else is for the UI thread.
type Loop struct {
	opts    LoopOptions
	log     *slog.Logger
	queue   queue
	backend backend
	windows []*Window // open ones, oldest first
	dialogs []*dialog // shown, and the shell's to close
	stopped bool      // Quit's function has run
	started bool
	quit    sync.Once
	thread  uint64 // the UI thread's id

	ctx    context.Context // of asset handlers; done when the loop ends
	cancel context.CancelFunc
	tasks  sync.WaitGroup
}

// backend is what a path, native or portable, does for a loop.
type backend interface {
	// wake makes the UI thread call queue.drain soon: any goroutine, with the queue's lock held. A polite wake lets
	// painting and messages from pages go first.
	wake(polite bool)
	// run serves events until Loop.stopped.
	run()
	// stop makes run look at Loop.stopped.
	stop()
	// free gives up what the backend holds. Nothing is called after it.
	free()
	open(w *Window, o WindowOptions) (view, error)
	// pickFile shows a dialog that ends with Loop.answer. It returns what takes it off the screen.
	pickFile(w *Window, title string, d *dialog) (remove func())
}

// NewLoop readies the process for windows. It is to be called on the main thread, where main and init functions run, and
// once at a time: a second loop may be made when the first has ended.
func NewLoop(o LoopOptions) (*Loop, error) {
	if !onMainThread() {
		return nil, fmt.Errorf("making the event loop: %w", ErrNotMainThread)
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Name == "" {
		o.Name = o.ID
	}
	l := &Loop{opts: o, log: o.Logger, thread: thread.ID()}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	if err := preparePlatform(o); err != nil {
		l.cancel()
		return nil, fmt.Errorf("making the event loop: %w", err)
	}
	if b := newNative(l); b != nil {
		l.backend = b
	} else {
		l.opts.Portable = true
		l.backend = newPortable(l)
	}
	l.queue.wake = l.backend.wake
	return l, nil
}

// Portable tells whether windows are webview_go's own, without what only the native path can do.
func (l *Loop) Portable() bool { return l.opts.Portable }

// OnThread tells whether the caller is on the UI thread, which must not wait. Any goroutine may ask.
func (l *Loop) OnThread() bool { return thread.ID() == l.thread }

// Post runs f on the UI thread, in the order in which Post was called, and never inside another posted function. What was
// posted before Run is run first by it. It reports false, and never runs f, once the loop has ended. Any goroutine may post.
// The queue has no bound of its own: the caller's business.
func (l *Loop) Post(f func()) bool { return l.queue.post(f) }

// Quit makes Run close the windows that are still open and return, once what was posted before has run. It may be called
// from any goroutine, at any time, more than once.
func (l *Loop) Quit() {
	l.quit.Do(func() {
		l.Post(func() {
			l.stopped = true
			l.closeDialogs(nil)
			l.closeAll()
			l.backend.stop()
		})
	})
}

// Run serves windows until Quit is called; the last window closing does not end it. Everything that Post accepted has run
// when it returns. A loop runs once.
func (l *Loop) Run() error {
	if !onMainThread() {
		return fmt.Errorf("running the event loop: %w", ErrNotMainThread)
	}
	if l.started {
		return fmt.Errorf("running the event loop: %w", ErrEnded)
	}
	l.started = true
	l.backend.run()
	l.closeAll()
	l.queue.end()
	l.cancel()
	l.wait()
	l.backend.free()
	return nil
}

func (l *Loop) closeAll() {
	for len(l.windows) > 0 {
		l.windows[len(l.windows)-1].Close()
	}
}

// wait is for the goroutines that answer pages' requests.
func (l *Loop) wait() {
	done := make(chan struct{})
	go func() { l.tasks.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(goroutineGrace):
		l.log.Warn("an asset handler still runs after its request was cancelled")
	}
}

// PickFile asks the user for a file to open. done is called on the UI thread, once, with an empty path if they cancelled,
// and not at all once the loop has ended. w, which may be nil, is the window that the dialog belongs to: closing it cancels,
// as do cancel, which is for the UI thread, too, and Quit.
func (l *Loop) PickFile(w *Window, title string, done func(path string, err error)) (cancel func()) {
	d := &dialog{owner: w, done: done}
	l.dialogs = append(l.dialogs, d)
	d.remove = l.backend.pickFile(w, title, d)
	return func() { l.answer(d, "", nil) }
}

// dialog is one that stays until it is answered, its window closes or the loop quits.
type dialog struct {
	owner  *Window // or nil
	remove func()  // takes it off the screen
	done   func(path string, err error)
}

// answer ends a dialog, unless that was done before.
func (l *Loop) answer(d *dialog, path string, err error) {
	if i := slices.Index(l.dialogs, d); i >= 0 {
		l.dialogs = slices.Delete(l.dialogs, i, i+1)
		d.remove()
		l.Post(func() { d.done(path, err) })
	}
}

// closeDialogs cancels the dialogs of a window, or all.
func (l *Loop) closeDialogs(w *Window) {
	for _, d := range slices.Clone(l.dialogs) {
		if w == nil || d.owner == w {
			l.answer(d, "", nil)
		}
	}
}
