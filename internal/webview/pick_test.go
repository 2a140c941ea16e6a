package webview_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"casement/internal/webview"
	"casement/internal/windowtest"
)

func TestTheUserPicksAFile(t *testing.T) {
	windowtest.Desktop(t)
	// Not the desktop portal's dialog: that one is another program's.
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
		xdo := func(args ...string) {
			t.Helper()
			if out, err := exec.Command("xdotool", args...).CombinedOutput(); err != nil {
				t.Fatalf("xdotool: %v: %s", err, out)
			}
		}
		expect := func(want string) {
			t.Helper()
			if got := wait(t, answers, "done"); got != (answer{want, nil}) {
				t.Errorf("the answer is %+v, want %q", got, want)
			}
		}
		// typed answers from the keyboard. Keys that come while the chooser opens its entry are lost, and on a busy machine that
		// takes long.
		typed := func(title, path string, pace time.Duration) {
			t.Helper()
			xdo("windowactivate", "--sync", window(t, title))
			for _, keys := range [][]string{{"key", "ctrl+l"}, {"key", "ctrl+a"}, {"type", "--delay", "30", path}, {"key", "Return"}} {
				xdo(keys...)
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
				xdo("key", "Return") // it complains of what was left of the path
				time.Sleep(pace)
			}
			t.Fatal("no answer")
		}

		show("pick one", w)
		a.eval(w, `post("meanwhile")`) // the dialog blocks nobody
		a.expect("meanwhile")
		pick("pick one")
		show("pick without a window", nil)
		pick("pick without a window")
		xdo("windowactivate", "--sync", show("pick none", w))
		xdo("key", "Escape")
		expect("")

		show("pick and close", w)
		a.ui(func() { w.Close() })
		expect("")
		a.open(webview.WindowOptions{Assets: page("")}) // without any, the portable path does not serve GTK
		show("pick and quit", nil)
		typed("pick and quit", "/not/there/at/all", time.Second) // the chooser complains, in an event loop of its own
		a.quit()
		expect("")
		if len(answers) > 0 {
			t.Error("done was called more than once")
		}
	})
}
