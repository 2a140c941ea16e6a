package shell_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"testing"

	"casement/internal/apptest"
	"casement/ipc"
	"casement/shell"
)

const manageSuite = "../frontend/api/test/window/manage.ts"

const allAccess = shell.AccessOwn | shell.AccessOthers | shell.AccessOpen

func TestPagesManageWindows(t *testing.T) {
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		app := apptest.Start(t, apptest.Config{
			Portable: portable, Suite: manageSuite, Window: shell.WindowOptions{Access: allAccess},
		})
		app.Suite()
	})
}

// code runs a script that may reject. It returns "ok" or the code of the rejection.
func code(app *apptest.App, w *shell.Window, script string) string {
	value := app.JS(w, fmt.Sprintf("return await (async () => { %s })().then(() => 'ok', (e) => e.code ?? String(e))", script))
	var text string
	_ = json.Unmarshal([]byte(value), &text)
	return text
}

// TestAccessDecidesWhatAPageMayDo tries each command with each access. It would pass vacuously if a
// command failed for another reason, so the code must be that of a denial.
func TestAccessDecidesWhatAPageMayDo(t *testing.T) {
	own := map[string]string{ // commands on window %q
		"title": `await new suite.windows.Window(%q).setTitle('titled')`,
		"size":  `await new suite.windows.Window(%q).setSize({ width: 310, height: 210 })`,
		"focus": `await new suite.windows.Window(%q).setFocus()`,
	}
	ending := map[string]string{
		"close":   `await new suite.windows.Window(%q).close()`,
		"destroy": `await new suite.windows.Window(%q).destroy()`,
	}
	const denied, ok = "denied", "ok"
	app := apptest.Start(t, apptest.Config{Suite: manageSuite, Options: shell.Options{KeepRunning: true}})
	n := 0
	for _, c := range []struct {
		access               shell.Access
		own, others, opening string
	}{
		{0, denied, denied, denied},
		{shell.AccessOwn, ok, denied, denied},
		{shell.AccessOthers, ok, ok, denied},
		{shell.AccessOpen, denied, denied, ok},
		{allAccess, ok, ok, ok},
	} {
		open := func(name string) *shell.Window {
			n++
			w, err := app.OpenWindow(shell.WindowOptions{Label: fmt.Sprint(name, n), Width: 300, Height: 200, Access: c.access})
			if err != nil {
				t.Fatal(err)
			}
			ready(app, w)
			return w
		}
		expect := func(what, got, want string) {
			t.Helper()
			if got != want {
				t.Errorf("access %03b, %s: %s, want %s", c.access, what, got, want)
			}
		}
		caller, other := open("caller"), open("other")
		for _, what := range slices.Sorted(maps.Keys(own)) {
			expect("own "+what, code(app, caller, fmt.Sprintf(own[what], caller.Label())), c.own)
			expect("another's "+what, code(app, caller, fmt.Sprintf(own[what], other.Label())), c.others)
			// A page without access must not learn whether the window exists.
			missing := c.others
			if missing == ok {
				missing = "failed"
			}
			expect("nobody's "+what, code(app, caller, fmt.Sprintf(own[what], "nobody")), missing)
		}
		expect("listing", code(app, caller, "await suite.windows.getAllWindows()"), ok)
		expect("opening", code(app, caller, fmt.Sprintf("await suite.windows.openWindow('opened%d', { width: 300, height: 200 })", n)), c.opening)
		if w := app.App.Window(ipc.Label(fmt.Sprint("opened", n))); (w != nil) != (c.opening == ok) {
			t.Errorf("access %03b: the window exists: %v", c.access, w != nil)
		} else if w != nil {
			ready(app, w) // It has no access itself.
			expect("the opened one's own title", code(app, w, fmt.Sprintf(own["title"], w.Label())), denied)
			expect("the opened one's opening", code(app, w, "await suite.windows.openWindow('again')"), denied)
			_ = w.Destroy()
			closed(app, w)
		}
		for _, what := range []string{"close", "destroy"} {
			victim := open("victim")
			expect("another's "+what, code(app, caller, fmt.Sprintf(ending[what], victim.Label())), c.others)
			if c.others == ok {
				closed(app, victim)
			} else {
				_ = victim.Destroy()
				closed(app, victim)
			}
		}
		if c.own == ok {
			// The page may end before its call returns.
			_ = caller.Eval(fmt.Sprintf(ending["close"]+".catch(() => {})", caller.Label())[len("await "):])
			closed(app, caller)
		} else {
			expect("own close", code(app, caller, fmt.Sprintf(ending["close"], caller.Label())), denied)
			_ = caller.Destroy()
			closed(app, caller)
		}
		_ = other.Destroy()
		closed(app, other)
	}
}

// TestATitleIsSetFromThePage reads the title from the desktop, because the page can't see its own
// title bar.
func TestATitleIsSetFromThePage(t *testing.T) {
	if _, err := exec.LookPath("xdotool"); err != nil {
		t.Skip("xdotool is not installed")
	}
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		app := apptest.Start(t, apptest.Config{Portable: portable, Suite: manageSuite, Window: shell.WindowOptions{Access: shell.AccessOwn}})
		app.JS(app.Window, "return await suite.windows.getCurrentWindow().setTitle('a title of its own')")
		app.Eventually("the title to change", func() bool {
			return exec.Command("xdotool", "search", "--name", "^a title of its own$").Run() == nil
		})
	})
}
