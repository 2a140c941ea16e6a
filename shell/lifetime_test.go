package shell_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"casement/channels"
	"casement/internal/apptest"
	"casement/ipc"
	"casement/shell"
)

// waiter registers a command "wait" that returns when its context is cancelled, and counts its
// calls.
type waiter struct {
	begun, ended atomic.Int64
	cause        atomic.Value
}

func (w *waiter) register(app *shell.App) {
	ipc.Handle(app.Commands(), "wait", func(ctx context.Context, _ none) (none, error) {
		w.begun.Add(1)
		<-ctx.Done()
		w.cause.Store(context.Cause(ctx))
		w.ended.Add(1)
		return none{}, ctx.Err()
	})
}

func TestCommandsInFlightAreCancelledWhenTheirWindowCloses(t *testing.T) {
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		const calls = 10_000
		before := runtime.NumGoroutine()
		var w waiter
		app := apptest.Start(t, apptest.Config{Portable: portable, Setup: w.register})
		app.JS(app.Window, fmt.Sprintf("for (let i = 0; i < %d; i++) __ipc.invoke('wait').catch(() => {}); return 1", calls))
		app.Eventually("all commands to begin", func() bool { return w.begun.Load() == calls })
		if err := app.Window.Destroy(); err != nil {
			t.Fatal(err)
		}
		if err := app.Wait(); err != nil {
			t.Fatalf("Run returned %v", err)
		}
		if n := w.ended.Load(); n != calls {
			t.Errorf("%d of %d commands were cancelled", n, calls)
		}
		app.Eventually("the goroutines to be gone", func() bool { return runtime.NumGoroutine() <= before })
	})
}

func TestAReloadCancelsWhatThePageHadUnderWay(t *testing.T) {
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		var w waiter
		stopped := make(chan error, 1)
		app := apptest.Start(t, apptest.Config{Portable: portable, Setup: func(app *shell.App) {
			w.register(app)
			ipc.Handle(app.Commands(), "stream", func(_ context.Context, a struct {
				OnEvent channels.Channel[int] `json:"onEvent"`
			}) (none, error) {
				go func() {
					for i := 0; ; i++ {
						if err := a.OnEvent.Send(i); err != nil {
							stopped <- err
							return
						}
					}
				}()
				return none{}, nil
			})
		}})
		app.JS(app.Window, `
			__ipc.invoke('wait').catch(() => {});
			globalThis.kept = __ipc.channel(() => {}, { keepAlive: true });
			await __ipc.invoke('stream', { onEvent: kept });`)
		app.Eventually("the command to begin", func() bool { return w.begun.Load() == 1 })
		first := app.Window.Page().ID()
		if err := app.Window.Reload(); err != nil {
			t.Fatal(err)
		}
		app.Eventually("the command to end", func() bool { return w.ended.Load() == 1 })
		if cause := w.cause.Load(); cause != ipc.ErrPageGone {
			t.Errorf("the context's cause is %v, want ErrPageGone", cause)
		}
		if err := <-stopped; !errors.Is(err, channels.ErrClosed) {
			t.Errorf("Send returned %v, want ErrClosed", err)
		}
		app.Eventually("a new page", func() bool { p := app.Window.Page(); return p != nil && p.ID() != first })
		if got := app.JS(app.Window, "typeof globalThis.kept"); got != `"undefined"` {
			t.Errorf("the new page has a variable of the old page: %s", got)
		}
		if app.Log.Has("a script failed") {
			t.Error("a script of the old page ran in the new one")
		}
	})
}

func TestWindowsComeAndGoWhileTheAppRuns(t *testing.T) {
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		app := apptest.Start(t, apptest.Config{Portable: portable, Setup: register})
		var others []*shell.Window
		for _, label := range []string{"settings", "naïve/窗:1"} {
			w, err := app.OpenWindow(shell.WindowOptions{Label: label, Title: label, Width: 300, Height: 200})
			if err != nil {
				t.Fatal(err)
			}
			others = append(others, w)
			if got := app.JS(w, "__ipc.label"); got != fmt.Sprintf("%q", label) {
				t.Errorf("the page's label is %s, want %q", got, label)
			}
		}
		if _, err := app.OpenWindow(shell.WindowOptions{Label: "settings"}); err == nil {
			t.Error("a second window with the same label opened")
		}
		if _, err := app.OpenWindow(shell.WindowOptions{Label: "a b"}); err == nil {
			t.Error("a window with a malformed label opened")
		}
		if got := app.JS(others[0], "return await __ipc.invoke('only_settings')"); got != "null" {
			t.Errorf("the settings window's own command returned %s", got)
		}
		for _, w := range others {
			if err := w.Destroy(); err != nil {
				t.Fatal(err)
			}
			<-w.Done()
			if err := w.Eval("1"); !errors.Is(err, shell.ErrClosed) {
				t.Errorf("Eval in a closed window: %v, want ErrClosed", err)
			}
			if err := w.SetTitle("x"); !errors.Is(err, shell.ErrClosed) {
				t.Errorf("SetTitle of a closed window: %v, want ErrClosed", err)
			}
		}
		again, err := app.OpenWindow(shell.WindowOptions{Label: "settings", Width: 300, Height: 200})
		if err != nil {
			t.Fatalf("reusing the label of a closed window: %v", err)
		}
		if got := app.JS(again, "1 + 1"); got != "2" {
			t.Errorf("the new window computes 1 + 1 = %s", got)
		}
		if n := len(app.Windows()); n != 2 {
			t.Errorf("there are %d windows, want 2", n)
		}
	})
}

func TestTheAppEndsWithItsLastWindow(t *testing.T) {
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		app := apptest.Start(t, apptest.Config{Portable: portable})
		second, err := app.OpenWindow(shell.WindowOptions{Label: "second", Width: 300, Height: 200})
		if err != nil {
			t.Fatal(err)
		}
		_ = app.Window.Destroy()
		<-app.Window.Done()
		if got := app.JS(second, "'alive'"); got != `"alive"` {
			t.Errorf("the second window answers %s", got)
		}
		_ = second.Close()
		if err := app.Wait(); err != nil {
			t.Errorf("Run returned %v", err)
		}
		if _, err := app.OpenWindow(shell.WindowOptions{Label: "late"}); !errors.Is(err, shell.ErrClosed) {
			t.Errorf("OpenWindow after the end: %v, want ErrClosed", err)
		}
	})
}

func TestOnCloseMayKeepAWindowOpen(t *testing.T) {
	var asked atomic.Int64
	app := apptest.Start(t, apptest.Config{Window: shell.WindowOptions{
		OnClose: func(context.Context) bool { return asked.Add(1) > 1 },
	}})
	_ = app.Window.Close()
	app.Eventually("OnClose to be asked", func() bool { return asked.Load() == 1 })
	if got := app.JS(app.Window, "'open'"); got != `"open"` {
		t.Errorf("the window answers %s", got)
	}
	app.Eventually("OnClose to be asked again", func() bool {
		_ = app.Window.Close()
		return asked.Load() >= 2
	})
	if err := app.Wait(); err != nil {
		t.Errorf("Run returned %v", err)
	}
}

func TestAWindowClosesWhoseOnCloseHangsOrPanics(t *testing.T) {
	for name, onClose := range map[string]func(context.Context) bool{
		"hangs":  func(ctx context.Context) bool { <-ctx.Done(); return false },
		"panics": func(context.Context) bool { panic("on purpose") },
	} {
		t.Run(name, func(t *testing.T) {
			app := apptest.Start(t, apptest.Config{
				Options: shell.Options{CloseTimeout: 50 * time.Millisecond},
				Window:  shell.WindowOptions{OnClose: onClose},
			})
			_ = app.Window.Close()
			if err := app.Wait(); err != nil {
				t.Errorf("Run returned %v", err)
			}
		})
	}
}

func TestRunSaysWhichEndItCameTo(t *testing.T) {
	t.Run("commands that don't return", func(t *testing.T) {
		release := make(chan struct{})
		begun := make(chan struct{})
		app := apptest.Start(t, apptest.Config{
			Options: shell.Options{ShutdownTimeout: 50 * time.Millisecond},
			Setup: func(app *shell.App) {
				ipc.Handle(app.Commands(), "deaf", func(context.Context, none) (none, error) {
					close(begun)
					<-release
					return none{}, nil
				})
			},
		})
		app.JS(app.Window, "__ipc.invoke('deaf').catch(() => {}); return 1")
		<-begun
		app.Quit()
		app.Quit()
		if err := app.Wait(); !errors.Is(err, shell.ErrShutdownTimeout) {
			t.Errorf("Run returned %v, want ErrShutdownTimeout", err)
		}
		close(release)
		app.Forget()
	})
	t.Run("a bad registration", func(t *testing.T) {
		app := shell.New(shell.Options{ID: apptest.ID, Unattended: true})
		ipc.Handle(app.Commands(), "twice", func(context.Context, none) (none, error) { return none{}, nil })
		ipc.Handle(app.Commands(), "twice", func(context.Context, none) (none, error) { return none{}, nil })
		if err := app.Run(t.Context()); err == nil || !strings.Contains(err.Error(), `"twice"`) {
			t.Errorf("Run returned %v", err)
		}
	})
	t.Run("another goroutine than main's", func(t *testing.T) {
		app := shell.New(shell.Options{ID: apptest.ID, Unattended: true})
		if err := app.Run(t.Context()); !errors.Is(err, shell.ErrNotMainThread) {
			t.Errorf("Run returned %v, want ErrNotMainThread", err)
		}
	})
	t.Run("quit before", func(t *testing.T) {
		app := shell.New(shell.Options{ID: apptest.ID, Unattended: true})
		app.Quit()
		if err := app.Run(t.Context()); err != nil {
			t.Errorf("Run returned %v", err)
		}
	})
}

func TestAnAppMayLiveWithoutWindows(t *testing.T) {
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		app := apptest.Start(t, apptest.Config{Portable: portable, Options: shell.Options{KeepRunning: true}})
		_ = app.Window.Destroy()
		<-app.Window.Done()
		w, err := app.OpenWindow(shell.WindowOptions{Label: "later", Width: 300, Height: 200})
		if err != nil {
			t.Fatal(err)
		}
		if got := app.JS(w, "2 * 21"); got != "42" {
			t.Errorf("the new window answers %s", got)
		}
	})
}

func TestAnAppStartsAgainInTheSameProcess(t *testing.T) {
	for range 3 {
		app := apptest.Start(t, apptest.Config{Setup: register})
		if got := app.JS(app.Window, "__ipc.invoke('greet', { name: 'again' })"); got != `"hello again"` {
			t.Errorf("got %s", got)
		}
		if err := app.Stop(); err != nil {
			t.Fatal(err)
		}
	}
}

// The test would pass vacuously if the late command ran before the new window opened, so it waits
// for the window.
func TestALateCommandDoesNotGetANewWindowWithItsLabel(t *testing.T) {
	release := make(chan struct{})
	got := make(chan *shell.Window, 1)
	app := apptest.Start(t, apptest.Config{Setup: func(app *shell.App) {
		ipc.Handle(app.Commands(), "late", func(ctx context.Context, _ none) (none, error) {
			<-release
			got <- app.WindowFrom(ctx)
			return none{}, nil
		})
	}})
	open := func() *shell.Window {
		w, err := app.OpenWindow(shell.WindowOptions{Label: "second", Width: 300, Height: 200})
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	old := open()
	app.JS(old, "__ipc.invoke('late').catch(() => {}); return 1")
	_ = old.Destroy()
	<-old.Done()
	app.JS(open(), "1")
	close(release)
	if w := <-got; w != nil {
		t.Errorf("the command of a closed window got window %q", w.Label())
	}
	if err := old.Emit("x", nil); !errors.Is(err, shell.ErrClosed) {
		t.Errorf("Emit of a closed window: %v, want ErrClosed", err)
	}
}
