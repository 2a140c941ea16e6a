// Package apptest runs whole apps in tests: real windows and pages, with TypeScript or JavaScript
// in them. Without a display, it starts a virtual one.
//
// The TestMain of a package that uses it must call Main.
package apptest

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"testing"
	"testing/fstest"
	"time"

	"github.com/evanw/esbuild/pkg/api"

	"casement/internal/pagetest"
	"casement/internal/windowtest"
	"casement/ipc"
	"casement/shell"
)

// Patience is the timeout of every wait. What tests wait for should happen at once.
const Patience = 30 * time.Second

// ID is the id of all apps that Start starts.
const ID = "com.example.apptest"

// Main runs the tests of a package. It does not return.
func Main(m *testing.M) { windowtest.Main(m) }

// EachPath runs a test twice: on the native and on the portable path.
func EachPath(t *testing.T, test func(t *testing.T, portable bool)) {
	t.Run("native", func(t *testing.T) { test(t, false) })
	t.Run("portable", func(t *testing.T) { test(t, true) })
}

// An App is a running app with one window, "main" by default. It is stopped when its test ends.
type App struct {
	*shell.App
	Window *shell.Window
	// Log has everything that the app logged.
	Log *pagetest.Log

	t      testing.TB
	cancel context.CancelFunc
	ended  chan struct{}
	err    error
}

// A Config configures an app.
type Config struct {
	Portable bool
	// Files are the app's files. The default index.html is an empty document.
	Files fstest.MapFS
	// Assets replaces Files.
	Assets fs.FS
	// Suite is a TypeScript file with tests for the page to run; see App.Suite.
	Suite string
	// Options and Window are passed to the shell. Start overwrites what tests depend on.
	Options shell.Options
	Window  shell.WindowOptions
	// Setup is called before the app runs, to register commands for instance.
	Setup func(*shell.App)
}

// Start starts an app and waits until its page is loaded.
func Start(t testing.TB, config Config) *App {
	t.Helper()
	files := fstest.MapFS{"index.html": {Data: []byte("<!doctype html><title>test</title><body>")}}
	if config.Suite != "" {
		files["suite.js"] = &fstest.MapFile{Data: bundle(t, config.Suite)}
		files["index.html"] = &fstest.MapFile{Data: []byte("<!doctype html><title>suite</title><body><script src=/suite.js></script>")}
	}
	for name, file := range config.Files {
		files[name] = file
	}
	a := &App{t: t, Log: new(pagetest.Log), ended: make(chan struct{})}
	o := config.Options
	o.Unattended = true
	o.ID, o.Assets, o.Portable, o.Logger = ID, config.Assets, config.Portable, slog.New(a.Log)
	if o.Assets == nil {
		o.Assets = files
	}
	a.App = shell.New(o)
	if config.Setup != nil {
		config.Setup(a.App)
	}
	w := config.Window
	if w.Label == "" {
		w.Label = "main"
	}
	if w.Width == 0 {
		w.Width, w.Height = 400, 300
	}
	var err error
	if a.Window, err = a.OpenWindow(w); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	a.cancel = cancel
	go func() {
		defer close(a.ended)
		windowtest.OnMain(func() { a.err = a.App.Run(ctx) })
	}()
	t.Cleanup(func() {
		if err := a.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log("logged:\n" + a.Log.String())
		}
	})
	if w.URL == "" {
		a.JS(a.Window, "while (document.readyState !== 'complete') await new Promise((go) => setTimeout(go, 1))")
	}
	return a
}

// Stop ends the app and returns the error of Run.
func (a *App) Stop() error {
	a.t.Helper()
	a.cancel()
	return a.Wait()
}

// Wait waits for the app to end and returns the error of Run.
func (a *App) Wait() error {
	a.t.Helper()
	select {
	case <-a.ended:
		return a.err
	case <-time.After(Patience):
		a.t.Fatalf("the app has not ended within %v", Patience)
		return nil
	}
}

// Forget drops the error of Run, so that the cleanup does not report it.
func (a *App) Forget() { a.err = nil }

// TryJS evaluates a script in a window with EvalResult. Its timeout is Patience.
func (a *App) TryJS(w *shell.Window, script string) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	value, err := w.EvalResult(ctx, script)
	return json.RawMessage(value), err
}

// JS evaluates a script in a window and returns its value as JSON. An error ends the test.
func (a *App) JS(w *shell.Window, script string) string {
	a.t.Helper()
	value, err := a.TryJS(w, script)
	if err != nil {
		a.t.Fatalf("%v\nin: %s\nlogged:\n%s", err, script, a.Log)
	}
	return string(value)
}

// Eventually waits until a condition holds.
func (a *App) Eventually(what string, condition func() bool) {
	a.t.Helper()
	for end := time.Now().Add(Patience); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			a.t.Fatalf("timed out after %v waiting for %s\nlogged:\n%s", Patience, what, a.Log)
		}
	}
}

// Suite runs the tests of Config.Suite in the page, each as a subtest.
func (a *App) Suite() {
	a.t.Helper()
	t, ok := a.t.(*testing.T)
	if !ok {
		a.t.Fatal("a suite can't run in a benchmark")
	}
	var names []string
	if err := json.Unmarshal([]byte(a.JS(a.Window, "suite.names()")), &names); err != nil {
		a.t.Fatal(err)
	}
	if len(names) == 0 {
		a.t.Fatal("the suite has no tests")
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			script, err := ipc.Scriptf("suite.run(%v)", name)
			if err != nil {
				t.Fatal(err)
			}
			value, err := a.TryJS(a.Window, script)
			if err != nil {
				t.Fatal(err)
			}
			var failures []string
			if err := json.Unmarshal(value, &failures); err != nil {
				t.Fatal(err)
			}
			for _, failure := range failures {
				t.Error(failure)
			}
		})
	}
}

// bundle compiles a TypeScript file to one script. Its exports become the global variable "suite".
func bundle(t testing.TB, file string) []byte {
	t.Helper()
	result := api.Build(api.BuildOptions{
		EntryPoints: []string{file}, Bundle: true, Format: api.FormatIIFE, GlobalName: "suite",
		Target: api.ES2022, Sourcemap: api.SourceMapInline,
	})
	for _, message := range result.Errors {
		where := ""
		if message.Location != nil {
			where = fmt.Sprintf("%s:%d: ", message.Location.File, message.Location.Line)
		}
		t.Errorf("%s%s", where, message.Text)
	}
	if len(result.OutputFiles) != 1 {
		t.FailNow()
	}
	return result.OutputFiles[0].Contents
}
