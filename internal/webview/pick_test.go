package webview_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"casement/internal/webview"
	"casement/internal/windowtest"
)

func TestTheUserPicksAFile(t *testing.T) {
	windowtest.Desktop(t)
	// The dialog of the desktop portal belongs to another program.
	t.Setenv("GTK_USE_PORTAL", "0")
	file := filepath.Join(t.TempDir(), "a file.txt")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		w := a.open(webview.WindowOptions{Title: "picks", Assets: page(post + `<script>post("ready")</script>`)})
		a.expect("ready")
		type answer struct {
			path string
			err  error
		}
		answers := make(chan answer, 10)
		show := func(title string, owner *webview.Window) (id string) {
			t.Helper()
			a.ui(func() {
				a.loop.PickFile(owner, title, func(path string, err error) { answers <- answer{path, err} })
			})
			return window(t, title)
		}
		expect := func(want string) {
			t.Helper()
			if got := wait(t, answers, "done"); got != (answer{want, nil}) {
				t.Errorf("the answer is %+v, want %q", got, want)
			}
		}
		// typed types a path into the chooser. Keys that come before its entry is open are lost,
		// and on a busy machine that takes long.
		typed := func(title, path string, pace time.Duration) {
			t.Helper()
			xdo(t, "windowactivate", "--sync", window(t, title))
			for _, keys := range [][]string{{"key", "ctrl+l"}, {"key", "ctrl+a"}, {"type", "--delay", "30", path}, {"key", "Return"}} {
				xdo(t, keys...)
				time.Sleep(pace)
			}
		}
		pick := func(title string) {
			t.Helper()
			for pace := 200 * time.Millisecond; pace < 5*time.Second; pace *= 2 {
				typed(title, file, pace)
				select {
				case got := <-answers:
					if got != (answer{file, nil}) {
						t.Errorf("the answer is %+v, want %q", got, file)
					}
					return
				case <-time.After(5 * pace):
				}
				xdo(t, "key", "Return") // closes the error about an incomplete path
				time.Sleep(pace)
			}
			t.Fatal("no answer")
		}

		show("pick one", w)
		a.eval(w, `post("meanwhile")`) // the dialog must not block the page
		a.expect("meanwhile")
		pick("pick one")
		show("pick without a window", nil)
		pick("pick without a window")
		xdo(t, "windowactivate", "--sync", show("pick none", w))
		xdo(t, "key", "Escape")
		expect("")

		show("pick and close", w)
		a.ui(func() { w.Close() })
		expect("")
		// Without a window, the portable path does not serve GTK.
		a.open(webview.WindowOptions{Assets: page("")})
		show("pick and quit", nil)
		// The chooser shows an error in an event loop of its own.
		typed("pick and quit", "/not/there/at/all", time.Second)
		a.quit()
		expect("")
		if len(answers) > 0 {
			t.Error("done was called more than once")
		}
	})
}
