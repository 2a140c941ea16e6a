package webview_test

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"casement/internal/webview"
	"casement/internal/windowtest"
)

func TestTheUserClosesTheLastWindowAndTheLoopLivesOn(t *testing.T) {
	windowtest.Desktop(t)
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		for _, title := range []string{"closed by user one", "closed by user two"} {
			closed := make(chan struct{})
			w := a.open(webview.WindowOptions{
				Title: title, Assets: page(post + `<script>post("here")</script>`),
				Handlers: webview.Handlers{Closed: func() { close(closed) }},
			})
			a.expect("here")
			windowtest.PressX(t, title)
			wait(t, closed, "Closed")
			a.ui(func() {
				if w.Alive() {
					t.Error("the window is alive after Closed")
				}
				everything(w)
			})
		}
	})
}

func TestTheUserClosesOneOfTwoWindows(t *testing.T) {
	windowtest.Desktop(t)
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		closed := make(chan struct{})
		a.open(webview.WindowOptions{Title: "the one", Assets: page(""), Handlers: webview.Handlers{Closed: func() { close(closed) }}})
		other := a.open(webview.WindowOptions{Title: "the other", Assets: page(post + `<script>post("other")</script>`)})
		a.expect("other")
		windowtest.PressX(t, "the one")
		wait(t, closed, "Closed")
		a.eval(other, `post("still here")`)
		a.expect("still here")
	})
}

func TestClosingCanBeVetoed(t *testing.T) {
	windowtest.Desktop(t)
	a := start(t, false)
	asked := make(chan struct{}, 10)
	w := a.open(webview.WindowOptions{
		Title: "vetoed", Assets: page(post + `<script>post("here")</script>`),
		Handlers: webview.Handlers{CloseRequested: func() { asked <- struct{}{} }},
	})
	a.expect("here")
	for range 2 {
		windowtest.PressX(t, "vetoed")
		wait(t, asked, "CloseRequested")
	}
	a.eval(w, `post("still here")`)
	a.expect("still here")
	a.ui(func() { w.Close() })
	wait(t, a.closed, "Closed")
}

// everything calls every method of a window that may be closed.
func everything(w *webview.Window) {
	w.Eval([]byte("1"))
	_ = w.Navigate("/x")
	w.Reload()
	w.SetTitle("x")
	w.SetSize(100, 100)
	w.Focus()
	w.URL()
	w.Origin()
	w.Close()
}

func TestAClosedWindowDoesNothing(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		var closed atomic.Int32
		w := a.open(webview.WindowOptions{
			Assets: page(post + `<script>post("here"); setInterval(()=>post("tick"), 1)</script>`),
			Handlers: webview.Handlers{Closed: func() { closed.Add(1) }, Message: func([]byte) {
				if closed.Load() > 0 {
					t.Error("a message after Closed")
				}
			}},
		})
		time.Sleep(300 * time.Millisecond)
		a.ui(func() {
			w.Close()
			if closed.Load() != 1 {
				t.Errorf("Closed was called %d times", closed.Load())
			}
			everything(w)
		})
		time.Sleep(100 * time.Millisecond)
		a.ui(func() { everything(w) })
		a.quit()
		if closed.Load() != 1 {
			t.Errorf("Closed was called %d times", closed.Load())
		}
	})
}

func TestWindowsMayCloseFromEveryHandler(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		for range 3 {
			closed := make(chan struct{})
			var w *webview.Window
			a.openInto(&w, webview.WindowOptions{
				Assets: page(post + `<script>for(let i=0;i<100;i++)post("close me")</script>`),
				Handlers: webview.Handlers{
					Message: func([]byte) { w.Close() },
					Closed:  func() { close(closed) },
				},
			})
			wait(t, closed, "Closed")
		}
		if portable {
			return
		}
		closed := make(chan struct{}, 2)
		var w *webview.Window
		a.openInto(&w, webview.WindowOptions{Assets: page(""), Handlers: webview.Handlers{
			Committed: func(string) { w.Close() }, Closed: func() { closed <- struct{}{} },
		}})
		wait(t, closed, "Closed from Committed")
		a.openInto(&w, webview.WindowOptions{Assets: page(`<script>setTimeout(()=>location="/next",50)</script>`), Handlers: webview.Handlers{
			Navigate: func(string, bool) bool { w.Close(); return true }, Closed: func() { closed <- struct{}{} },
		}})
		wait(t, closed, "Closed from Navigate")
	})
}

func TestQuitClosesAllWindows(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		var closed []string
		for _, name := range []string{"a", "b", "c"} {
			a.open(webview.WindowOptions{Assets: page(""), Handlers: webview.Handlers{Closed: func() {
				closed = append(closed, name)
				a.loop.Quit()
				if _, err := a.loop.Open(webview.WindowOptions{}); !errors.Is(err, webview.ErrEnded) {
					t.Errorf("opening a window while quitting: %v", err)
				}
			}}})
		}
		a.quit()
		slices.Sort(closed)
		if !slices.Equal(closed, []string{"a", "b", "c"}) {
			t.Errorf("closed %v", closed)
		}
	})
}

func TestManyWindowsInTurn(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		for range 5 {
			w := a.open(webview.WindowOptions{Assets: page(post + `<script>post("here")</script>`)})
			a.expect("here")
			a.ui(func() { w.Close() })
		}
	})
}

func TestOffTheMainThreadIsAnError(t *testing.T) {
	if _, err := webview.NewLoop(webview.LoopOptions{ID: testID}); !errors.Is(err, webview.ErrNotMainThread) {
		t.Errorf("NewLoop: %v", err)
	}
	loop := newLoop(t, false)
	if err := loop.Run(); !errors.Is(err, webview.ErrNotMainThread) {
		t.Errorf("Run: %v", err)
	}
	loop.Quit()
	run(t, loop)
}
