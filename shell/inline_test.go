package shell_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"casement/events"
	"casement/internal/apptest"
	"casement/ipc"
	"casement/shell"
)

// TestNothingWaitsForTheUIThreadOnIt calls every function that would wait from an inline command,
// in a real window. At the end the window must respond, and so must the one that the command
// opened.
func TestNothingWaitsForTheUIThreadOnIt(t *testing.T) {
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		opened := make(chan *shell.Window, 1)
		app := apptest.Start(t, apptest.Config{Portable: portable, Setup: func(app *shell.App) {
			ipc.Handle(app.Commands(), "all", func(ctx context.Context, _ none) (none, error) {
				own := app.WindowFrom(ctx)
				if _, err := own.EvalResult(ctx, "1"); !errors.Is(err, shell.ErrUIThread) {
					t.Errorf("EvalResult: %v", err)
				}
				if _, err := own.PickFile(ctx, "x"); !errors.Is(err, shell.ErrUIThread) {
					t.Errorf("PickFile: %v", err)
				}
				w, err := app.OpenWindow(shell.WindowOptions{Label: "second", Width: 300, Height: 200})
				if err != nil {
					return none{}, err
				}
				if _, err := w.EvalResult(ctx, "1"); !errors.Is(err, shell.ErrUIThread) {
					t.Errorf("EvalResult of the new window: %v", err)
				}
				for i := range 100 {
					if err := w.Eval(fmt.Sprintf("(globalThis.order ??= []).push(%d)", i)); err != nil {
						t.Errorf("Eval: %v", err)
					}
				}
				if err := errors.Join(w.SetTitle("second"), w.SetSize(310, 210), w.Focus(), app.Emit("x", 1)); err != nil {
					t.Error(err)
				}
				if _, err := app.OpenWindow(shell.WindowOptions{Label: "bad", URL: "ftp://example.com/"}); err == nil {
					t.Error("a window that can't open: no error")
				}
				opened <- w
				return none{}, nil
			}, ipc.Inline())
			ipc.Handle(app.Commands(), "exit", func(context.Context, none) (none, error) {
				runtime.Goexit()
				return none{}, nil
			}, ipc.Inline())
			ipc.Handle(app.Commands(), "listener", func(context.Context, none) (none, error) {
				return none{}, app.Emit("exit", nil)
			}, ipc.Inline())
			ipc.Handle(app.Commands(), "fine", func(context.Context, none) (int, error) { return 7, nil }, ipc.Inline())
			if _, err := app.Listen("exit", func(events.Event) { runtime.Goexit() }); err != nil {
				t.Fatal(err)
			}
		}})
		app.JS(app.Window, "await __ipc.invoke('all'); return 1")
		w := <-opened
		if got := app.JS(w, "order.length === 100 && order.every((n, i) => n === i)"); got != "true" {
			t.Error("order of the scripts:", app.JS(w, "order"))
		}
		for range 3 {
			for _, command := range []string{"exit", "listener"} {
				if got := app.JS(app.Window, "__ipc.invoke('"+command+"').catch((e) => e.code)"); got != `"panicked"` {
					t.Errorf("%s: %s", command, got)
				}
			}
			if got := app.JS(app.Window, "__ipc.invoke('fine')"); got != "7" {
				t.Error("the window does not respond:", got)
			}
		}
	})
}

// TestScriptsForAWindowThatOpensKeepTheirOrder evaluates thousands of scripts from one goroutine
// before, while and after the window opens.
func TestScriptsForAWindowThatOpensKeepTheirOrder(t *testing.T) {
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		type scripts struct {
			window *shell.Window
			count  int
		}
		sent := make(chan scripts, 2)
		// The scripts go on until the window has a page, so that the moment of opening lies among
		// them.
		send := func(w *shell.Window) {
			n := 0
			for ; n < 5000 || (w.Page() == nil && n < 200_000); n++ {
				if err := w.Eval(fmt.Sprintf("(globalThis.order ??= []).push(%d)", n)); err != nil {
					t.Errorf("script %d: %v", n, err)
					break
				}
				if n%10 == 0 && n > 2000 {
					time.Sleep(20 * time.Microsecond)
				}
			}
			sent <- scripts{w, n}
		}
		app := apptest.Start(t, apptest.Config{Portable: portable, Setup: func(app *shell.App) {
			w, err := app.OpenWindow(shell.WindowOptions{Label: "early", Width: 300, Height: 200})
			if err != nil {
				t.Fatal(err)
			}
			go send(w)
		}})
		// This goroutine uses the window as soon as App.Window finds it.
		go func() {
			for {
				if w := app.App.Window("late"); w != nil {
					if err := w.SetTitle("late"); err != nil {
						t.Errorf("a title while it opens: %v", err)
					}
					send(w)
					return
				}
			}
		}()
		if _, err := app.OpenWindow(shell.WindowOptions{Label: "late", Width: 300, Height: 200}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			all := <-sent
			w := all.window
			app.Eventually("all to run", func() bool { return app.JS(w, "globalThis.order?.length ?? 0") == fmt.Sprint(all.count) })
			if got := app.JS(w, "order.findIndex((n, i) => n !== i)"); got != "-1" {
				t.Errorf("%s: the first script out of order is at %s", w.Label(), got)
			}
		}
	})
}

// TestAListenerThatEndsItsGoroutineLosesNoLaterEvent relies on the queue that all Go listeners of
// the shell's events share.
func TestAListenerThatEndsItsGoroutineLosesNoLaterEvent(t *testing.T) {
	heard := make(chan string, 100)
	app := apptest.Start(t, apptest.Config{Setup: func(app *shell.App) {
		for _, name := range []string{shell.WindowCreated.Name(), shell.WindowDestroyed.Name()} {
			if _, err := app.Listen(name, func(e events.Event) {
				heard <- e.Name + string(e.Payload())
				runtime.Goexit()
			}); err != nil {
				t.Fatal(err)
			}
		}
	}})
	want(t, heard, `casement://window-created{"label":"main"}`)
	for i := range 3 {
		label := fmt.Sprint("w", i)
		w, err := app.OpenWindow(shell.WindowOptions{Label: label, Width: 300, Height: 200})
		if err != nil {
			t.Fatal(err)
		}
		want(t, heard, `casement://window-created{"label":"`+label+`"}`)
		if err := w.Destroy(); err != nil {
			t.Fatal(err)
		}
		want(t, heard, `casement://destroyed{"label":"`+label+`"}`)
	}
}
