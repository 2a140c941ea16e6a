// Package webview is the native side of a window: the event loop of the process, and windows that
// hold one web view each.
//
// It hides webview_go and the differences between platforms behind one small interface. On Linux
// the windows are GTK's, with an eval, a message handler and an app: scheme of this package: the
// native path. Other platforms, and Linux if LoopOptions.Portable is set, use the API of webview_go
// alone: the portable path.
//
// Unless a comment says otherwise, all functions must be called on the UI thread, which is the one
// that calls NewLoop and Run. Loop.Post reaches it from any goroutine. Handlers run on it and must
// not block.
package webview

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"casement/internal/thread"
)

var (
	// ErrNoDisplay is returned by NewLoop if there is no X11 or Wayland display.
	ErrNoDisplay = errors.New("no display to open windows on")
	// ErrNoWebView2 is returned by NewLoop on a Windows machine without the WebView2 runtime.
	ErrNoWebView2 = errors.New("the WebView2 runtime is not installed")
	// ErrNotMainThread is returned by NewLoop and Run on any other thread than the main one.
	ErrNotMainThread = errors.New("not on the main thread")
	// ErrEnded is returned by a loop that has quit or that was run before.
	ErrEnded = errors.New("the event loop has ended")
)

// LoopOptions describe the process to the desktop.
type LoopOptions struct {
	// ID is the application's id, such as "com.example.hasher". It names the program, the class of
	// its windows and the folder with the data of its pages.
	ID string
	// Name is the application's name for people. Empty means ID.
	Name string
	// Portable uses the API of webview_go alone. Windows and macOS always do.
	Portable bool
	// Debug enables developer tools and writes console messages of pages to standard output.
	Debug bool
	// Logger receives warnings and errors. Nil means slog.Default().
	Logger *slog.Logger
}

// goroutineGrace is how long Run waits for asset handlers after it has cancelled their contexts. A
// handler that reads files takes milliseconds; one that ignores its context must not keep the
// process alive.
const goroutineGrace = 2 * time.Second

// Loop is the event loop of a process. Post, Quit, OnThread and Portable may be called from any
// goroutine, all other methods on the UI thread.
type Loop struct {
	opts    LoopOptions
	log     *slog.Logger
	queue   queue
	backend backend
	windows []*Window // open ones, oldest first
	dialogs []*dialog // the app's own that are shown
	stopped bool      // Quit's function has run
	started bool
	quit    sync.Once
	thread  uint64 // the UI thread's id

	ctx    context.Context // asset handlers get it; it is done when the loop ends
	cancel context.CancelFunc
	tasks  sync.WaitGroup
}

// backend is the loop's side of the native or the portable path.
type backend interface {
	// wake makes the UI thread call queue.drain soon. It is called on any goroutine, with the
	// queue's lock held. A polite wake lets painting and messages from pages go first.
	wake(polite bool)
	// run serves events until Loop.stopped is set.
	run()
	// stop makes run check Loop.stopped.
	stop()
	// free releases everything. It is the last call.
	free()
	open(w *Window, o WindowOptions) (view, error)
	// origin returns the origin of a window with files of its own.
	origin(o WindowOptions) (string, error)
	// pickFile shows a dialog that calls Loop.answer. remove takes it off the screen.
	pickFile(w *Window, title string, d *dialog) (remove func())
}

// NewLoop prepares the process for windows. It must be called on the main thread, where main and
// init functions run. A process may have one loop at a time.
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

// Portable reports whether the loop uses the portable path.
func (l *Loop) Portable() bool { return l.opts.Portable }

// OnThread reports whether the caller is on the UI thread, which must not block. It may be called
// from any goroutine.
func (l *Loop) OnThread() bool { return thread.ID() == l.thread }

// Post queues f to run on the UI thread and returns at once. Posted functions run in order and
// never nest; those posted before Run are the first to run. Once the loop has ended, Post returns
// false and f never runs. Post may be called from any goroutine. The queue is unbounded: callers
// bound what they post.
func (l *Loop) Post(f func()) bool { return l.queue.post(f) }

// Quit makes Run close all windows and return, after the functions that were posted before. It may
// be called from any goroutine, at any time and more than once.
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

// Run serves windows until Quit is called. It does not end with the last window. When it returns,
// every function that Post accepted has run. A loop runs once.
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

// wait waits for the loop's goroutines, for goroutineGrace at most.
func (l *Loop) wait() {
	done := make(chan struct{})
	go func() { l.tasks.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(goroutineGrace):
		l.log.Warn("an asset handler is still running after its request was cancelled")
	}
}
