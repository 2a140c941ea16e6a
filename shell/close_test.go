package shell_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"casement/events"
	"casement/internal/apptest"
	"casement/internal/windowtest"
	"casement/shell"
)

// ready waits until the window's page has run its script.
func ready(app *apptest.App, w *shell.Window) {
	app.Eventually("the page's script to run", func() bool {
		value, err := app.TryJS(w, "typeof suite")
		return err == nil && string(value) == `"object"`
	})
}

// asks registers a handler for close requests in the page. It counts in asked, and vetoes while
// veto is true.
const asks = `
	globalThis.asked = 0;
	globalThis.veto = true;
	globalThis.unlisten = await suite.windows.getCurrentWindow().onCloseRequested(async (e) => {
		asked++;
		await null;
		if (veto) e.preventDefault();
	});
	return 1`

// closed waits until the window has closed.
func closed(app *apptest.App, w *shell.Window) {
	app.Eventually("the window to close", func() bool {
		select {
		case <-w.Done():
			return true
		default:
			return false
		}
	})
}

// isOpen reports that the window still answers, behind everything that was sent to it.
func isOpen(app *apptest.App, w *shell.Window) bool {
	value, err := app.TryJS(w, "'open'")
	return err == nil && string(value) == `"open"`
}

// TestAPageMayKeepItsWindowOpen counts the requests: it would pass vacuously if the page were not
// asked.
func TestAPageMayKeepItsWindowOpen(t *testing.T) {
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		app := apptest.Start(t, apptest.Config{Portable: portable, Suite: manageSuite})
		w := app.Window
		app.JS(w, asks)
		for i := range 3 {
			_ = w.Close()
			app.Eventually("the page to be asked", func() bool { return app.JS(w, "asked") == fmt.Sprint(i+1) })
			app.Eventually("the request to end", func() bool { return !w.Closing() })
		}
		if !isOpen(app, w) {
			t.Error("the window closed although the page vetoed")
		}
		app.JS(w, "veto = false")
		_ = w.Close()
		closed(app, w)
		if err := app.Wait(); err != nil {
			t.Error(err)
		}
		if app.Log.Has("did not answer in time") {
			t.Errorf("logged:\n%s", app.Log)
		}
	})
}

// TestThePageIsAskedWhenTheUserPressesX does not run portably: webview_go closes without asking.
func TestThePageIsAskedWhenTheUserPressesX(t *testing.T) {
	windowtest.Desktop(t)
	app := apptest.Start(t, apptest.Config{Suite: manageSuite, Window: shell.WindowOptions{Title: "with an X"}})
	app.JS(app.Window, asks)
	windowtest.PressX(t, "with an X")
	app.Eventually("the page to be asked", func() bool { return app.JS(app.Window, "asked") == "1" })
	app.Eventually("the request to end", func() bool { return !app.Window.Closing() })
	app.JS(app.Window, "veto = false")
	windowtest.PressX(t, "with an X")
	closed(app, app.Window)
}

// TestAWindowAlwaysClosesInTheEnd gives each page another reason not to answer. It would pass
// vacuously if a page that should be asked were not.
func TestAWindowAlwaysClosesInTheEnd(t *testing.T) {
	const handler = "await suite.windows.getCurrentWindow().onCloseRequested("
	for _, c := range []struct {
		name, page string
		late       bool // it closes at the deadline
		then       string
	}{
		{"the handler never answers", handler + "() => new Promise(() => {}))", true, ""},
		{"it vetoes and never answers", handler + "(e) => { e.preventDefault(); return new Promise(() => {}); })", true, ""},
		{"the page hangs", handler + "() => { for (;;) {} })", true, ""},
		{"it hung before", handler + "(e) => e.preventDefault()); setTimeout(() => { for (;;) {} })", true, ""},
		{"the handler throws", handler + "() => { throw new Error('on purpose'); })", false, ""},
		{"the handler rejects", handler + "async (e) => { await null; throw undefined; })", false, ""},
		{"it reloads when asked", handler + "() => { location.reload(); return new Promise(() => {}); })", false, ""},
		{"it goes elsewhere when asked", handler + "() => { location.href = '/elsewhere.html'; return new Promise(() => {}); })", false, ""},
		{"it asks without listening", "await __ipc.invoke('casement:window/ask-close', { ask: true })", true, ""},
		{"it was reloaded", handler + "(e) => e.preventDefault())", false, "reload"},
		{"it has unlistened", "const un = " + handler + "(e) => e.preventDefault()); un(); un(); await suite.windows.getAllWindows()", false, ""},
		{"another's veto", handler + "(e) => { e.preventDefault = undefined; })", false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			timeout := time.Minute
			if c.late {
				timeout = 300 * time.Millisecond
			}
			app := apptest.Start(t, apptest.Config{Suite: manageSuite, Options: shell.Options{CloseTimeout: timeout}})
			ready(app, app.Window)
			app.JS(app.Window, c.page+"; return 1")
			if c.then == "reload" {
				first := app.Window.Page()
				_ = app.Window.Reload()
				app.Eventually("a new page", func() bool { p := app.Window.Page(); return p != nil && p != first })
			}
			app.Eventually("the window to close", func() bool {
				_ = app.Window.Close()
				select {
				case <-app.Window.Done():
					return true
				case <-time.After(20 * time.Millisecond):
					return false
				}
			})
			if got := app.Log.Has("did not answer in time"); got != c.late {
				t.Errorf("closed at the deadline: %v, want %v", got, c.late)
			}
		})
	}
}

// TestAWindowClosesWhoseGoListenerHangs hangs in a Go listener of the event that asks the page.
func TestAWindowClosesWhoseGoListenerHangs(t *testing.T) {
	release := make(chan none)
	var heard atomic.Int64
	defer close(release) // Before the app ends, because the app waits for the listener.
	app := apptest.Start(t, apptest.Config{
		Suite: manageSuite, Options: shell.Options{CloseTimeout: 100 * time.Millisecond},
		Setup: func(app *shell.App) {
			_, _ = app.ListenAny("casement://close-requested", func(events.Event) {
				heard.Add(1)
				<-release
			})
		},
	})
	ready(app, app.Window)
	// The page receives the event first, and agrees.
	app.JS(app.Window, strings.Replace(asks, "veto = true", "veto = false", 1))
	_ = app.Window.Close()
	closed(app, app.Window)
	if heard.Load() != 1 {
		t.Errorf("the listener received %d events, want 1", heard.Load())
	}
}

// TestOnCloseIsAskedBeforeThePage would pass vacuously if neither were asked.
func TestOnCloseIsAskedBeforeThePage(t *testing.T) {
	var onClose atomic.Int64
	var agrees atomic.Bool
	app := apptest.Start(t, apptest.Config{Suite: manageSuite, Window: shell.WindowOptions{
		OnClose: func(context.Context) bool { onClose.Add(1); return agrees.Load() },
	}})
	w := app.Window
	ready(app, w)
	app.JS(w, asks)
	request := func(wantOnClose int64, wantPage string) {
		t.Helper()
		_ = w.Close()
		app.Eventually("OnClose to be asked", func() bool { return onClose.Load() == wantOnClose })
		app.Eventually("the request to end", func() bool { return !w.Closing() })
		if got := app.JS(w, "asked"); got != wantPage {
			t.Errorf("the page was asked %s times, want %s", got, wantPage)
		}
	}
	request(1, "0")
	agrees.Store(true)
	request(2, "1")
	agrees.Store(false)
	app.JS(w, "veto = false")
	request(3, "1")
	agrees.Store(true)
	_ = w.Close()
	closed(app, w)
}

// TestOneRequestIsAskedOnce presses X again and again while the page decides.
func TestOneRequestIsAskedOnce(t *testing.T) {
	app := apptest.Start(t, apptest.Config{Suite: manageSuite})
	w := app.Window
	ready(app, w)
	app.JS(w, `
		globalThis.asked = 0;
		globalThis.decide = undefined;
		await suite.windows.getCurrentWindow().onCloseRequested((e) => new Promise((go) => {
			asked++;
			decide = (veto) => { if (veto) e.preventDefault(); go(); };
		}))`)
	for range 50 {
		_ = w.Close()
	}
	app.Eventually("the page to be asked", func() bool { return app.JS(w, "asked") == "1" })
	for range 50 {
		_ = w.Close()
	}
	if got := app.JS(w, "asked"); got != "1" {
		t.Errorf("the page was asked %s times, want 1", got)
	}
	app.JS(w, "decide(true)")
	app.Eventually("the request to end", func() bool { return !w.Closing() })
	_ = w.Close()
	app.Eventually("the page to be asked again", func() bool { return app.JS(w, "asked") == "2" })
	_ = w.Eval("decide(false)")
	closed(app, w)
}

// TestTheLastHandlerDecides registers three handlers; the two that must not run would decide
// otherwise.
func TestTheLastHandlerDecides(t *testing.T) {
	app := apptest.Start(t, apptest.Config{Suite: manageSuite})
	w := app.Window
	ready(app, w)
	app.JS(w, `
		globalThis.log = [];
		const on = (name, veto) => suite.windows.getCurrentWindow().onCloseRequested((e) => { log.push(name); if (veto) e.preventDefault(); });
		globalThis.first = await on('first', true);
		globalThis.second = await on('second', false);
		globalThis.third = await on('third', true);
		second();`)
	request := func(want string) {
		t.Helper()
		_ = w.Close()
		app.Eventually("the page to be asked", func() bool { return app.JS(w, "log.join()") != `""` })
		app.Eventually("the request to end", func() bool { return !w.Closing() })
		if got := app.JS(w, "log.splice(0).join()"); got != want {
			t.Errorf("handlers asked: %s, want %s", got, want)
		}
	}
	request(`"third"`)
	app.JS(w, "third(); third()")
	request(`"first"`)
	// A framework's effect may be cleaned up and run again at once: the two calls must keep their
	// order.
	for range 20 {
		app.JS(w, `
			first();
			first = await suite.windows.getCurrentWindow().onCloseRequested((e) => { log.push('again'); e.preventDefault(); })`)
		request(`"again"`)
	}
	app.JS(w, "first()")
	_ = w.Close()
	closed(app, w)
}

// TestOnlyThePageThatIsAskedAnswers sends answers from other pages too.
func TestOnlyThePageThatIsAskedAnswers(t *testing.T) {
	app := apptest.Start(t, apptest.Config{Suite: manageSuite})
	other, err := app.OpenWindow(shell.WindowOptions{Label: "other", Width: 300, Height: 200, Access: allAccess})
	if err != nil {
		t.Fatal(err)
	}
	w := app.Window
	ready(app, w)
	ready(app, other)
	app.JS(other, `
		globalThis.codes = [];
		await suite.event.listen('casement://close-requested', async (e) => {
			codes.push(await __ipc.invoke('casement:window/reply-close', { id: e.payload.id, prevent: false }).then(() => 'ok', (e) => e.code));
		}, { target: 'main' })`)
	app.JS(w, `
		globalThis.codes = [];
		const reply = (id, prevent) => __ipc.invoke('casement:window/reply-close', { id, prevent }).then(() => 'ok', (e) => e.code);
		await suite.windows.getCurrentWindow().onCloseRequested(async (e) => { e.preventDefault(); });
		await suite.event.listen('casement://close-requested', async (e) => { codes.push(await reply(e.payload.id + 1, false), await reply(0, false)); })`)
	_ = w.Close()
	app.Eventually("all to have answered", func() bool { return app.JS(w, "codes.length") == "2" && app.JS(other, "codes.length") == "1" })
	app.Eventually("the request to end", func() bool { return !w.Closing() })
	if got := app.JS(w, "codes.join()") + app.JS(other, "codes.join()"); got != `"failed,failed""failed"` {
		t.Errorf("codes of the answers: %s", got)
	}
	if !isOpen(app, w) {
		t.Error("an answer from another page closed the window")
	}
}

// TestAClosedWindowsHandlersDoNotBlockTheNext opens a window that vetoes, in Go and in its page,
// and then a new one with the same label. It would pass vacuously if the first did not veto, so the
// test tries that.
func TestAClosedWindowsHandlersDoNotBlockTheNext(t *testing.T) {
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		var stale atomic.Int64
		app := apptest.Start(t, apptest.Config{Portable: portable, Suite: manageSuite})
		open := func(onClose func(context.Context) bool) *shell.Window {
			w, err := app.OpenWindow(shell.WindowOptions{Label: "again", Width: 300, Height: 200, OnClose: onClose})
			if err != nil {
				t.Fatal(err)
			}
			ready(app, w)
			return w
		}
		var agree atomic.Bool
		first := open(func(context.Context) bool { stale.Add(1); return agree.Load() })
		app.JS(first, asks)
		if _, err := first.Listen("casement://close-requested", func(events.Event) { stale.Add(1) }); err != nil {
			t.Fatal(err)
		}
		_ = first.Close()
		app.Eventually("OnClose to be asked", func() bool { return stale.Load() == 1 })
		agree.Store(true)
		app.Eventually("the page to be asked", func() bool { _ = first.Close(); return app.JS(first, "asked") != "0" })
		app.Eventually("the request to end", func() bool { return !first.Closing() })
		_ = first.Destroy()
		closed(app, first)
		before := stale.Load()

		second := open(nil)
		if _, err := first.Listen("x", func(events.Event) { stale.Add(1) }); err == nil {
			t.Error("Listen on the closed window: no error")
		}
		if err := first.Close(); err == nil {
			t.Error("Close of the closed window: no error")
		}
		if err := app.EmitTo("again", "x", nil); err != nil {
			t.Error(err)
		}
		if !isOpen(app, second) {
			t.Error("Close of the first window closed the second")
		}
		_ = second.Close()
		closed(app, second)
		if n := stale.Load(); n != before {
			t.Errorf("handlers of the closed window ran %d times", n-before)
		}
	})
}

// TestQuitDoesNotAsk quits while a page decides.
func TestQuitDoesNotAsk(t *testing.T) {
	app := apptest.Start(t, apptest.Config{Suite: manageSuite, Options: shell.Options{CloseTimeout: time.Hour}})
	ready(app, app.Window)
	app.JS(app.Window, "await suite.windows.getCurrentWindow().onCloseRequested(() => new Promise(() => {}))")
	_ = app.Window.Close()
	app.Eventually("the request to begin", app.Window.Closing)
	app.Quit()
	if err := app.Wait(); err != nil {
		t.Error(err)
	}
}
