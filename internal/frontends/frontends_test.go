//go:build frontends

package frontends_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"casement/internal/apptest"
	"casement/internal/windowtest"
	"casement/shell"
)

func TestMain(m *testing.M) { apptest.Main(m) }

// A frontend is an app in testdata.
type frontend struct {
	name   string // the tool's, and the document's title
	folder string // in testdata
	dist   string // the output of the tool's build, in that folder
	drive  func(page, frontend)
	loads  bool // links load documents: there is no client-side navigation
}

var frontends = []frontend{
	{name: "SvelteKit", folder: "sveltekit", dist: "build", drive: driveRoutes},
	{name: "React Router", folder: "react-router", dist: "build/client", drive: driveRoutes},
	{name: "Astro", folder: "astro", dist: "dist", drive: driveRoutes, loads: true},
	{name: "Next", folder: "next", dist: "out", drive: driveRoutes},
	{name: "Nuxt", folder: "nuxt", dist: ".output/public", drive: driveRoutes},
	{name: "Vite React", folder: "vite", dist: "react/dist", drive: driveRoutes},
	{name: "Vite Vue", folder: "vite", dist: "vue/dist", drive: driveRoutes},
	{name: "Vite Svelte", folder: "vite", dist: "svelte/dist", drive: driveRoutes},
	{name: "Vite Solid", folder: "vite", dist: "solid/dist", drive: driveRoutes},
	{name: "Angular", folder: "angular", dist: "dist/browser", drive: driveRoutes},
	{name: "Libraries", folder: "libraries", dist: "dist", drive: driveLibraries},
}

// Production builds run unchanged under the default policy, and nothing that they do is refused, missing or an error.
func TestProductionBuilds(t *testing.T) {
	windowtest.Desktop(t)
	node := install(t, "", "node")
	for _, f := range frontends {
		t.Run(f.name, func(t *testing.T) {
			dist := os.DirFS(filepath.Join(build(t, node, f.folder), filepath.FromSlash(f.dist)))
			apptest.EachPath(t, func(t *testing.T, portable bool) {
				p := start(t, dist, portable)
				f.drive(p, f)
				p.logsOnlyControls()
			})
		})
	}
}

// driveRoutes drives an app that has a heading for each of its routes, links to /about and to /users/7, and a button
// "#count" that counts. A stylesheet makes its headings teal. An inline script in its document sets inlineRan, and its own
// scripts set started once they run.
func driveRoutes(p page, f frontend) {
	p.shows("Home")
	p.is("document.title", f.name)
	p.is("window.inlineRan", true)
	p.counts()
	p.pressed()

	p.JS(p.Window, "window.first = true")
	if err := p.Window.Eval(`document.querySelector('a[href="/users/7"]').click()`); err != nil {
		p.t.Fatal(err)
	}
	p.shows("User 7")
	p.is("window.first !== true", f.loads)
	p.leave(p.Window.Reload)
	p.shows("User 7")
	p.is("location.pathname.replace(/[/]$/, '')", "/users/7")
	p.counts()
	for _, deep := range []struct{ route, heading string }{{"/users/8", "User 8"}, {"/about", "About"}} {
		p.leave(func() error { return p.Window.Navigate(deep.route) })
		p.shows(deep.heading)
		p.counts()
	}
	p.is("getComputedStyle(document.querySelector('h1')).color", "rgb(0, 128, 128)")
}

// driveLibraries drives a page whose libraries start workers, compile WebAssembly and load fonts.
func driveLibraries(p page, _ frontend) {
	p.shows("Libraries")
	p.is("libraries.font()", []any{"loaded", true})
	p.is("libraries.wasm()", []any{true, true, 42, 42})
	p.is("libraries.pdf()", []any{true, "Casement", []int{255, 0, 0, 255}, []int{255, 255, 255, 255}})
	p.is("libraries.monaco()", []string{"Type 'string' is not assignable to type 'number'."})
}

// title is the window's on both paths: a portable window does not follow its document's.
const title = "A frontend"

// A page is an app whose window shows a frontend.
type page struct {
	*apptest.App
	t *testing.T
}

func start(t *testing.T, dist fs.FS, portable bool) page {
	return page{apptest.Start(t, apptest.Config{
		Portable: portable, Assets: dist, Window: shell.WindowOptions{Title: title, Width: 800, Height: 600},
	}), t}
}

// is fails the test unless the value of an expression is want.
func (p page) is(expression string, want any) {
	p.t.Helper()
	text, err := json.Marshal(want)
	if err != nil {
		p.t.Fatal(err)
	}
	if got := p.JS(p.Window, expression); got != string(text) {
		p.t.Errorf("%s is %s, want %s", expression, got, text)
	}
}

// becomes waits until the value of an expression is want, which is JSON. The document may change meanwhile.
//
// A function's body is no expression: the shell tries it as one first, and the new document may log that syntax error.
func (p page) becomes(expression, want string) {
	p.t.Helper()
	got := ""
	p.Eventually(expression+" to be "+want, func() bool {
		value, err := p.TryJS(p.Window, expression)
		if err == nil {
			got = string(value)
		}
		return got == want
	})
}

// shows waits for the page with this heading, until its scripts run and its document has loaded.
func (p page) shows(heading string) {
	p.t.Helper()
	p.becomes("!window.left && window.started === true && document.readyState === 'complete' && "+
		"document.querySelector('h1')?.textContent", `"`+heading+`"`)
}

// leave loads another document. It marks the current one, so that shows does not accept that.
func (p page) leave(load func() error) {
	p.t.Helper()
	p.JS(p.Window, "window.left = true")
	if err := load(); err != nil {
		p.t.Fatal(err)
	}
}

// counts clicks the counter, which shows 0, and waits until it shows 1.
func (p page) counts() {
	p.t.Helper()
	p.is("document.getElementById('count').textContent", "count 0")
	p.JS(p.Window, "document.getElementById('count').click()")
	p.becomes("document.getElementById('count').textContent", `"count 1"`)
}

// pressed presses the space bar on the counter, which shows 1, and waits until it shows 2.
func (p page) pressed() {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), apptest.Patience)
	defer cancel()
	p.JS(p.Window, "document.getElementById('count').focus()")
	for _, args := range [][]string{
		{"search", "--sync", "--onlyvisible", "--name", "^" + title + "$", "windowfocus", "--sync"},
		{"key", "space"},
	} {
		if out, err := exec.CommandContext(ctx, "xdotool", args...).CombinedOutput(); err != nil {
			p.t.Fatalf("xdotool %v: %v: %s", args, err, out)
		}
	}
	p.becomes("document.getElementById('count').textContent", `"count 2"`)
}

// logsOnlyControls injects a script that the policy refuses and asks for a file that is not there. The log must have both,
// which proves that it would have others, and nothing else.
func (p page) logsOnlyControls() {
	p.t.Helper()
	p.is(`
		const script = document.createElement('script');
		script.textContent = 'window.injected = true';
		document.body.append(script);
		return [typeof window.injected, (await fetch('/none.js')).status]`, []any{"undefined", 404})
	controls := []string{
		"WARN the Content-Security-Policy blocked something in the page blocked=script-src-elem inline",
		"WARN the app has no such file path=/none.js",
	}
	for _, control := range controls {
		p.Eventually(control, func() bool { return p.Log.Has(control) })
		if n := p.Log.Count(control); n != 1 {
			p.t.Errorf("logged %d times: %s", n, control)
		}
	}
	for line := range strings.Lines(p.Log.String()) {
		if !strings.HasPrefix(line, "DEBUG ") && !strings.HasPrefix(line, controls[0]) && !strings.HasPrefix(line, controls[1]) {
			p.t.Errorf("logged: %s", strings.TrimSpace(line))
		}
	}
}
