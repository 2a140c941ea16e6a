package shell_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/fstest"
	"time"

	"casement/internal/apptest"
	"casement/internal/pagetest"
	"casement/ipc"
	"casement/shell"
)

// over checks that an app that will never run, or never again, leaves no goroutine waiting for its
// window.
func over(t *testing.T, a *shell.App, w *shell.Window, waiting <-chan error) {
	t.Helper()
	patience := time.After(apptest.Patience)
	select {
	case <-w.Done():
	case <-patience:
		t.Fatal("the window's Done is not closed")
	}
	select {
	case err := <-waiting:
		if !errors.Is(err, shell.ErrClosed) {
			t.Errorf("an EvalResult under way: %v", err)
		}
	case <-patience:
		t.Fatal("EvalResult does not return")
	}
	if _, err := w.EvalResult(context.Background(), "1"); !errors.Is(err, shell.ErrClosed) {
		t.Errorf("EvalResult: %v", err)
	}
	_, picked := w.PickFile(context.Background(), "x")
	for what, err := range map[string]error{"Eval": w.Eval("1"), "SetTitle": w.SetTitle("x"), "Close": w.Close(), "PickFile": picked} {
		if !errors.Is(err, shell.ErrClosed) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := a.OpenWindow(shell.WindowOptions{Label: "other"}); !errors.Is(err, shell.ErrClosed) {
		t.Errorf("OpenWindow: %v", err)
	}
	if n := len(a.Windows()); n != 0 {
		t.Errorf("%d windows", n)
	}
	if a.Context().Err() == nil {
		t.Error("the app's context is not cancelled")
	}
}

// idle returns an app with a window that is not open, and the channel of an EvalResult that waits
// for that window.
func idle(t *testing.T, options shell.Options) (*shell.App, *shell.Window, <-chan error) {
	t.Helper()
	options.ID, options.Assets = apptest.ID, fstest.MapFS{"index.html": {}}
	options.Logger = slog.New(new(pagetest.Log))
	a := shell.New(options)
	w, err := a.OpenWindow(shell.WindowOptions{Label: "main"})
	if err != nil {
		t.Fatal(err)
	}
	waiting := make(chan error, 1)
	go func() {
		_, err := w.EvalResult(context.Background(), "1")
		waiting <- err
	}()
	return a, w, waiting
}

func TestQuitBeforeRunClosesTheWindows(t *testing.T) {
	t.Parallel()
	a, w, waiting := idle(t, shell.Options{})
	a.Quit()
	over(t, a, w, waiting)
	if err := a.Run(t.Context()); err != nil {
		t.Errorf("Run: %v", err)
	}
	if err := a.Run(t.Context()); err == nil {
		t.Error("the second Run: no error")
	}
}

// TestARunThatCannotBeginClosesTheWindows checks that no window opens in any case and that each
// returns its error.
func TestARunThatCannotBeginClosesTheWindows(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(*shell.App) bool{
		"a command is registered twice": func(a *shell.App) bool {
			for range 2 {
				ipc.Handle(a.Commands(), "x", func(context.Context, none) (none, error) { return none{}, nil })
			}
			return a.Run(t.Context()) != nil
		},
		"it is not on the main goroutine": func(a *shell.App) bool {
			return errors.Is(a.Run(t.Context()), shell.ErrNotMainThread)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, w, waiting := idle(t, shell.Options{})
			if !begin(a) {
				t.Error("Run began, or returned another error")
			}
			over(t, a, w, waiting)
		})
	}
}

// TestAWindowThatCannotOpenIsClosed checks that nothing waits for the window, and that the app ends
// with the error of the window that it should have opened first.
func TestAWindowThatCannotOpenIsClosed(t *testing.T) {
	app := apptest.Start(t, apptest.Config{})
	begun := make(chan *shell.Window, 1)
	waiting := make(chan error, 1)
	go func() {
		for app.App.Window("bad") == nil {
			if app.Context().Err() != nil {
				return
			}
		}
		w := app.App.Window("bad")
		if w == nil {
			waiting <- shell.ErrClosed // The window was closed already.
			return
		}
		begun <- w
		_, err := w.EvalResult(context.Background(), "1")
		waiting <- err
	}()
	if _, err := app.OpenWindow(shell.WindowOptions{Label: "bad", URL: "ftp://example.com/"}); err == nil {
		t.Fatal("OpenWindow: no error")
	}
	if app.App.Window("bad") != nil {
		t.Error("the window is in Windows()")
	}
	select {
	case w := <-begun:
		<-w.Done()
		if err := <-waiting; !errors.Is(err, shell.ErrClosed) {
			t.Error(err)
		}
	default: // The goroutine was not scheduled in time.
		_ = app.Stop()
	}
}
