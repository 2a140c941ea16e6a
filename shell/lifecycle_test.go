package shell_test

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"casement/events"
	"casement/internal/apptest"
	"casement/internal/processes"
	"casement/internal/windowtest"
	"casement/shell"
)

// A diary records the shell's own events as Go receives them, as "name payload".
type diary struct {
	mu    sync.Mutex
	lines []string
}

// keep records every event of the shell, for any target.
func (d *diary) keep(t *testing.T, app *shell.App) {
	for _, reserved := range []string{
		shell.WindowCreated.Name(), shell.WindowDestroyed.Name(), shell.Focused.Name(), shell.Blurred.Name(),
		shell.Resized.Name(), shell.Moved.Name(), shell.PageLoaded.Name(), shell.PageCrashed.Name(), shell.CloseRequested.Name(),
	} {
		name := strings.TrimPrefix(reserved, "casement://")
		if _, err := app.ListenAny(reserved, func(e events.Event) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.lines = append(d.lines, name+" "+string(e.Payload()))
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func (d *diary) index(line string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Index(d.lines, line)
}

func (d *diary) has(line string) bool { return d.index(line) >= 0 }

func (d *diary) count(line string) (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, l := range d.lines {
		if l == line {
			n++
		}
	}
	return n
}

func TestWindowsThatComeAndGoAreAnnounced(t *testing.T) {
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		var d diary
		app := apptest.Start(t, apptest.Config{Portable: portable, Suite: eventSuite, Setup: func(app *shell.App) { d.keep(t, app) }})
		app.Eventually("the page to be loaded", func() bool { return d.has("page-loaded null") })
		ready(app, app.Window)
		app.JS(app.Window, `
			globalThis.heard = [];
			for (const name of ['window-created', 'destroyed'])
				await suite.event.listen('casement://' + name, (e) => heard.push(name + ' ' + e.payload.label + ' ' + e.source));
			return 1`)
		for i := range 3 {
			label := fmt.Sprint("w", i)
			w := openAt(t, app, label)
			_ = w.Destroy()
			closed(app, w)
		}
		app.Eventually("the page to hear it all", func() bool { return app.JS(app.Window, "heard.length") == "6" })
		want := `"window-created w0 null,destroyed w0 null,window-created w1 null,destroyed w1 null,window-created w2 null,destroyed w2 null"`
		if got := app.JS(app.Window, "heard.join()"); got != want {
			t.Error(got)
		}
		for i := range 3 {
			created, destroyed := d.index(fmt.Sprintf(`window-created {"label":"w%d"}`, i)), d.index(fmt.Sprintf(`destroyed {"label":"w%d"}`, i))
			if created < 0 || destroyed < created {
				t.Errorf("window %d: created at %d, destroyed at %d of\n%s", i, created, destroyed, strings.Join(d.lines, "\n"))
			}
		}
		// The last window's end is announced too, before the app ends.
		if err := app.Stop(); err != nil {
			t.Fatal(err)
		}
		if n := d.count(`destroyed {"label":"main"}`); n != 1 {
			t.Errorf("the last window's end was announced %d times, want 1", n)
		}
	})
}

// TestEachLoadIsAnnounced would pass vacuously if one announcement served for all loads.
func TestEachLoadIsAnnounced(t *testing.T) {
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		var d diary
		app := apptest.Start(t, apptest.Config{Portable: portable, Setup: func(app *shell.App) { d.keep(t, app) }})
		for i := range 3 {
			app.Eventually("the page to be loaded", func() bool { return d.count("page-loaded null") == i+1 })
			if err := app.Window.Reload(); err != nil {
				t.Fatal(err)
			}
		}
		app.Eventually("the page to be loaded", func() bool { return d.count("page-loaded null") == 4 })
	})
}

// TestAWindowTellsItsPageWhatHappensToIt opens a second window, whose page must not receive any of
// the events.
func TestAWindowTellsItsPageWhatHappensToIt(t *testing.T) {
	windowtest.Desktop(t)
	var d diary
	app := apptest.Start(t, apptest.Config{Suite: manageSuite, Setup: func(app *shell.App) { d.keep(t, app) },
		Window: shell.WindowOptions{Title: "lived in"}})
	w := app.Window
	ready(app, w)
	other := openAt(t, app, "other")
	app.JS(w, `
		globalThis.heard = [];
		const here = suite.windows.getCurrentWindow();
		await here.onFocusChanged((e) => { heard.push((e.payload ? 'focus' : 'blur') + (Object.isFrozen(e) ? '' : ' thawed')); });
		await here.onResized((e) => { heard.push('resize ' + e.payload.width + 'x' + e.payload.height); });
		await here.onMoved((e) => { heard.push('move ' + Number.isInteger(e.payload.x + e.payload.y)); });
		return 1`)
	heard := func(what string) bool { return app.JS(w, fmt.Sprintf("heard.includes(%q)", what)) == "true" }
	_ = w.SetSize(533, 344)
	app.Eventually("the page to hear of its size", func() bool { return heard("resize 533x344") })
	if !d.has(`resize {"width":533,"height":344}`) {
		t.Errorf("Go did not receive the event:\n%s", strings.Join(d.lines, "\n"))
	}
	app.Eventually("the page to hear of the focus", func() bool { _ = w.Focus(); return heard("focus") })
	app.Eventually("the page to hear of its loss", func() bool { _ = other.Focus(); return heard("blur") })
	app.Eventually("the page to hear that it has moved", func() bool {
		_ = exec.Command("wmctrl", "-F", "-r", "lived in", "-e", "0,123,145,-1,-1").Run()
		return heard("move true")
	})
	app.JS(other, `globalThis.heard = []; await suite.windows.getCurrentWindow().onResized(() => { heard.push('resize'); }); return 1`)
	_ = w.SetSize(444, 333)
	app.Eventually("the page to hear of its size", func() bool { return heard("resize 444x333") })
	if got := app.JS(other, "heard.length"); got != "0" {
		t.Errorf("the other page received %s", app.JS(other, "heard"))
	}
}

// TestAPageCannotForgeTheShellsEvents checks that the names are reserved.
func TestAPageCannotForgeTheShellsEvents(t *testing.T) {
	var d diary
	app := apptest.Start(t, apptest.Config{Suite: manageSuite, Setup: func(app *shell.App) { d.keep(t, app) }})
	ready(app, app.Window)
	for _, name := range []string{"destroyed", "page-crashed", "close-requested"} {
		if got := code(app, app.Window, "await suite.event.emit('casement://"+name+"', 1)"); got != "bad_arguments" {
			t.Errorf("%s: %s", name, got)
		}
		if d.has(name + " 1") {
			t.Errorf("Go received %s", name)
		}
	}
}

// TestACrashedPageIsAnnouncedAndCanReload kills the page's process. The window must survive,
// everything that the page owned must end, and X must close the window although the page had asked
// to be asked.
func TestACrashedPageIsAnnouncedAndCanReload(t *testing.T) {
	var d diary
	before := processes.Pages()
	app := apptest.Start(t, apptest.Config{Suite: manageSuite, Setup: func(app *shell.App) { d.keep(t, app) }})
	w := app.Window
	ready(app, w)
	crash := func() {
		t.Helper()
		first := w.Page()
		killed := 0
		for _, pid := range processes.Pages() {
			if !slices.Contains(before, pid) {
				killed++
				if process, err := os.FindProcess(pid); err == nil {
					_ = process.Kill()
				}
			}
		}
		if killed == 0 {
			t.Fatal("the web process is not a child of this one")
		}
		app.Eventually("the page to be gone", func() bool { return w.Page() == nil && first.Context().Err() != nil })
	}
	app.JS(w, asks)
	app.JS(w, "await suite.event.listen('x', () => {}); return 1")
	crash()
	app.Eventually("it to be announced", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return slices.ContainsFunc(d.lines, func(l string) bool { return strings.HasPrefix(l, `page-crashed {"reason":"`) })
	})
	if pages, listeners := app.PageListeners(); pages != 0 || listeners != 0 {
		t.Errorf("Go holds %d pages and %d listeners, want 0 and 0", pages, listeners)
	}
	if err := app.Emit("x", nil); err != nil {
		t.Errorf("an emit for a page that has crashed: %v", err)
	}
	if err := w.Reload(); err != nil {
		t.Fatal(err)
	}
	app.Eventually("the page to be back", func() bool { return w.Page() != nil })
	ready(app, w)
	app.JS(w, asks)
	crash()
	_ = w.Close()
	closed(app, w)
}
