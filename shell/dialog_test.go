package shell_test

import (
	"context"
	"os/exec"
	"testing"
	"testing/fstest"
	"time"

	"casement/internal/apptest"
	"casement/ipc"
	"casement/shell"
)

// A call that the page made before a modal dialog reaches Go while the dialog is open: the test
// answers the dialog only after the command has run.
func TestACallGoesOutBeforeADialogOpens(t *testing.T) {
	if _, err := exec.LookPath("xdotool"); err != nil {
		t.Skip("xdotool is not installed")
	}
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		for dialog, want := range map[string]string{
			"alert('asked') ?? 'answered'": `"answered"`, "confirm('asked')": "true", "prompt('asked', 'answer')": `"answer"`,
		} {
			t.Run(dialog, func(t *testing.T) {
				saved := make(chan none, 1)
				a := apptest.Start(t, apptest.Config{
					Portable: portable,
					Window:   shell.WindowOptions{Title: "a page that asks"},
					Setup: func(app *shell.App) {
						ipc.Handle(app.Commands(), "save", func(context.Context, none) (none, error) { saved <- none{}; return none{}, nil })
					},
				})
				answered := make(chan string, 1)
				go func() {
					text, err := a.TryJS(a.Window, "const saved = __ipc.invoke('save'), answer = "+dialog+"; await saved; return answer;")
					if err != nil {
						text = []byte(err.Error())
					}
					answered <- string(text)
				}()
				select {
				case <-saved:
				case <-time.After(apptest.Patience / 2):
					t.Error("the command did not run before the dialog closed")
				}
				focus := exec.Command("xdotool", "search", "--sync", "--onlyvisible", "--name", "^a page that asks$", "windowfocus")
				if out, err := focus.CombinedOutput(); err != nil {
					t.Fatalf("%v: %s", err, out)
				}
				for {
					select {
					case got := <-answered:
						if got != want {
							t.Errorf("%s, want %s", got, want)
						}
						return
					case <-time.After(100 * time.Millisecond): // A key before the dialog is open does nothing.
						_ = exec.Command("xdotool", "key", "Return").Run()
					}
				}
			})
		}
	})
}

// Calls that unload listeners of the page make reach Go, and so do calls that wait in the page's
// queue.
func TestACallGoesOutBeforeThePageDoes(t *testing.T) {
	t.Parallel()
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		for name, script := range map[string]string{
			"it goes elsewhere":         "__ipc.invoke('save'); location.href = '/next.html'",
			"it reloads":                "__ipc.invoke('save'); location.reload()",
			"a listener before unload":  "addEventListener('beforeunload', () => { __ipc.invoke('save'); }); location.href = '/next.html'",
			"a listener of pagehide":    "addEventListener('pagehide', () => { __ipc.invoke('save'); }); location.href = '/next.html'",
			"a promise of one of those": "addEventListener('beforeunload', async () => { await 0; __ipc.invoke('save'); }); location.href = '/next.html'",
		} {
			t.Run(name, func(t *testing.T) {
				saved := make(chan none, 10)
				a := apptest.Start(t, apptest.Config{
					Portable: portable,
					Files:    fstest.MapFS{"next.html": {Data: []byte("<!doctype html><title>next</title>")}},
					Setup: func(app *shell.App) {
						ipc.Handle(app.Commands(), "save", func(context.Context, none) (none, error) { saved <- none{}; return none{}, nil })
					},
				})
				if err := a.Window.Eval(script); err != nil {
					t.Fatal(err)
				}
				select {
				case <-saved:
				case <-time.After(apptest.Patience):
					t.Error("the call did not arrive")
				}
			})
		}
	})
}
