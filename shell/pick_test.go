package shell_test

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"casement/internal/apptest"
	"casement/internal/windowtest"
	"casement/shell"
)

func TestAPickersDialogGoesWithWhatItIsFor(t *testing.T) {
	windowtest.Desktop(t)
	t.Setenv("GTK_USE_PORTAL", "0")
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		a := apptest.Start(t, apptest.Config{Portable: portable, Window: shell.WindowOptions{Title: "the window"}, Options: shell.Options{KeepRunning: true}})
		onScreen := func(title string) int { // xdotool finds nothing if a window closes during its search.
			ids, _ := exec.Command("xdotool", "search", "--onlyvisible", "--name", "^"+title+"$").Output()
			return len(strings.Fields(string(ids)))
		}
		pick := func(ctx context.Context, w *shell.Window, title string) (ended chan error) {
			t.Helper()
			ended = make(chan error, 1)
			go func() {
				path, err := w.PickFile(ctx, title)
				if path != "" {
					t.Errorf("%s: picked %q", title, path)
				}
				ended <- err
			}()
			a.Eventually("the dialog "+title, func() bool { return onScreen(title) == 1 })
			return ended
		}
		gone := func(title string, ended chan error, want error) {
			t.Helper()
			select {
			case err := <-ended:
				if !errors.Is(err, want) {
					t.Errorf("%s: %v, want %v", title, err, want)
				}
			case <-time.After(apptest.Patience):
				t.Fatalf("%s: PickFile does not return", title)
			}
			a.Eventually("no dialog "+title, func() bool { return onScreen(title) == 0 })
		}

		first, cancelFirst := context.WithCancel(t.Context())
		defer cancelFirst()
		second, cancelSecond := context.WithCancel(t.Context())
		defer cancelSecond()
		one, two := pick(first, a.Window, "pick one"), pick(second, a.Window, "pick two")
		cancelFirst()
		gone("pick one", one, context.Canceled)
		a.Eventually("the other dialog to stay", func() bool { return onScreen("pick two") == 1 })
		cancelSecond()
		gone("pick two", two, context.Canceled)
		if _, err := a.Window.PickFile(first, "pick none"); !errors.Is(err, context.Canceled) {
			t.Errorf("with a context that has ended: %v", err)
		}

		other, err := a.OpenWindow(shell.WindowOptions{Label: "other", Width: 300, Height: 200})
		if err != nil {
			t.Fatal(err)
		}
		closes, stays := pick(t.Context(), other, "pick and close"), pick(t.Context(), a.Window, "pick and quit")
		if err := other.Destroy(); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-closes: // The answer may arrive first.
			if err != nil && !errors.Is(err, shell.ErrClosed) {
				t.Error(err)
			}
		case <-time.After(apptest.Patience):
			t.Fatal("PickFile does not return after its window has closed")
		}
		a.Eventually("no dialog of the closed window", func() bool { return onScreen("pick and close") == 0 })
		a.Eventually("the other window's to stay", func() bool { return onScreen("pick and quit") == 1 })
		if err := a.Stop(); err != nil {
			t.Error(err)
		}
		if err := <-stays; err != nil && !errors.Is(err, shell.ErrClosed) {
			t.Error(err)
		}
		a.Eventually("no dialog after the end", func() bool { return onScreen("pick and quit") == 0 })
	})
}
