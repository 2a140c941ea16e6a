package shell_test

import (
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"casement/internal/apptest"
	"casement/internal/windowtest"
	"casement/shell"
)

// runs starts an app that quits as soon as its window works, and returns the error of Run.
func runs(t *testing.T, o shell.Options, w shell.WindowOptions) (err error) {
	t.Helper()
	app := shell.New(o)
	w.Label = "main"
	window, openErr := app.OpenWindow(w)
	if openErr != nil {
		return openErr
	}
	if err := window.Eval("0"); err != nil {
		t.Fatal(err)
	}
	go func() {
		if _, err := window.EvalResult(t.Context(), "1"); err == nil {
			app.Quit()
		}
	}()
	windowtest.OnMain(func() { err = app.Run(t.Context()) })
	app.Quit()
	return err
}

func TestAnIDThatIsNoneIsAnErrorOfRun(t *testing.T) {
	files := fstest.MapFS{"index.html": {}}
	for id, says := range map[string]string{
		"":                 "shell: Options.ID is missing",
		"my app":           `shell: Options.ID "my app" is not like com.example.hasher`,
		"com.example.con":  `shell: Options.ID "com.example.con" has the part "con"`,
		"com.example.a/b":  `shell: Options.ID "com.example.a/b" is not like`,
		"../../etc/passwd": "shell: Options.ID",
	} {
		err := runs(t, shell.Options{ID: id, Assets: files}, shell.WindowOptions{})
		if err == nil || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("%q: %v, want %q", id, err, says)
		}
	}
}

// A broken file system cannot open any file.
type broken struct{ fs.FS }

func (broken) Open(string) (fs.File, error) { return nil, errors.New("the disk is broken") }

func TestFilesWithoutADocumentAreAnErrorOfRun(t *testing.T) {
	file := &fstest.MapFile{Data: []byte("<!doctype html><title>x</title>")}
	for name, c := range map[string]struct {
		files  fs.FS
		window shell.WindowOptions
		says   string // nothing: it runs
	}{
		"without fs.Sub":  {fstest.MapFS{"dist/index.html": file}, shell.WindowOptions{}, `there is dist/index.html: pass fs.Sub(files, "dist")`},
		"three deep":      {fstest.MapFS{"a/b/c/index.html": file, "a/b/c/x/index.html": file}, shell.WindowOptions{}, `fs.Sub(files, "a/b/c")`},
		"the shallowest":  {fstest.MapFS{"a/docs/index.html": file, "b/index.html": file}, shell.WindowOptions{}, `fs.Sub(files, "b")`},
		"a window's path": {fstest.MapFS{"dist/index.html": file}, shell.WindowOptions{Path: "/about"}, `fs.Sub(files, "dist")`},
		"empty":           {fstest.MapFS{}, shell.WindowOptions{}, "it is empty: build the frontend"},
		"not built":       {fstest.MapFS{".gitkeep": {}}, shell.WindowOptions{}, "it has .gitkeep: build the frontend"},
		"a folder":        {fstest.MapFS{"index.html/a": file}, shell.WindowOptions{}, "index.html is not a file"},
		"broken":          {broken{}, shell.WindowOptions{}, "the disk is broken"},

		"an index":              {fstest.MapFS{"index.html": file}, shell.WindowOptions{Path: "/about"}, ""},
		"a document, no index":  {fstest.MapFS{"main.html": file}, shell.WindowOptions{Path: "/main.html?a#b"}, ""},
		"another site's window": {fstest.MapFS{}, shell.WindowOptions{URL: "data:text/html,x"}, "absolute http"},
	} {
		t.Run(name, func(t *testing.T) {
			err := runs(t, shell.Options{ID: apptest.ID, Assets: c.files}, c.window)
			switch {
			case c.says == "" && err != nil:
				t.Error(err)
			case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), `window "main"`)):
				t.Errorf("%v, want %q", err, c.says)
			}
		})
	}
}

// If all windows show a server, the app's files need not be built until a window needs them.
func TestAServersWindowNeedsNoDocument(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>served</title>"))
	}))
	t.Cleanup(server.Close)
	if err := runs(t, shell.Options{ID: apptest.ID, Assets: fstest.MapFS{}, DevURL: server.URL}, shell.WindowOptions{}); err != nil {
		t.Errorf("with a development server: %v", err)
	}

	app := shell.New(shell.Options{ID: apptest.ID, Assets: fstest.MapFS{"dist/index.html": {}}})
	first, err := app.OpenWindow(shell.WindowOptions{Label: "main", URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer app.Quit()
		if _, err := first.EvalResult(t.Context(), "1"); err != nil {
			t.Error(err)
		}
		_, err := app.OpenWindow(shell.WindowOptions{Label: "later"})
		if err == nil || !strings.Contains(err.Error(), `window "later": Options.Assets has no index.html`) {
			t.Errorf("a later window that shows the app's files: %v", err)
		}
	}()
	windowtest.OnMain(func() {
		if err := app.Run(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
