package shell_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"casement/internal/apptest"
	"casement/ipc"
	"casement/shell"
)

var anyFiles = fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}}

func TestAnOptionThatIsNoOriginIsAnErrorThatNamesIt(t *testing.T) {
	t.Parallel()
	app := shell.New(shell.Options{ID: apptest.ID, Assets: anyFiles})
	for option, o := range map[string]shell.WindowOptions{
		"WindowOptions.AllowedOrigins[1]": {AllowedOrigins: []string{"https://example.com/", "https://example.com/login"}},
		"WindowOptions.AllowedOrigins[0]": {AllowedOrigins: []string{"https://*.example.com"}},
		"WindowOptions.URL":               {URL: "localhost:5173"},
		"WindowOptions.Path":              {Path: "//evil.example/"},
	} {
		o.Label = "main"
		w, err := app.OpenWindow(o)
		if w != nil || err == nil || !strings.Contains(err.Error(), option) {
			t.Errorf("%s: %v", option, err)
		}
	}
	if open := app.Windows(); len(open) > 0 {
		t.Errorf("%d windows are registered, want none", len(open))
	}
	for _, url := range []string{"localhost:5173", "http://localhost:5173/app/", "http://localhost:5173?x", "http://"} {
		app := shell.New(shell.Options{ID: apptest.ID, DevURL: url, Unattended: true})
		if _, err := app.OpenWindow(shell.WindowOptions{Label: "main"}); err == nil || !strings.Contains(err.Error(), "Options.DevURL") {
			t.Errorf("OpenWindow with DevURL %q: %v", url, err)
		}
		if err := app.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "Options.DevURL") {
			t.Errorf("Run with DevURL %q: %v", url, err)
		}
	}
}

// Origins in any spelling compare as in a browser: the page of a development server calls Go, and
// the window may show another server.
func TestOriginsAreComparedAsBrowsersDo(t *testing.T) {
	server := func(body string) *httptest.Server {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<!doctype html>" + body))
		}))
		t.Cleanup(s.Close)
		return s
	}
	port := func(s *httptest.Server) string { return s.URL[strings.LastIndexByte(s.URL, ':'):] }
	asked := make(chan struct{}, 1)
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		select {
		case asked <- struct{}{}:
		default:
		}
	}))
	t.Cleanup(other.Close)
	dev := server("<title>dev</title>")
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		a := apptest.Start(t, apptest.Config{
			Portable: portable,
			Options:  shell.Options{DevURL: "HTTP://LocalHost" + port(dev) + "/"},
			Window:   shell.WindowOptions{Path: "a.html?b#c", AllowedOrigins: []string{"HTTP://LOCALHOST" + port(other) + "/"}},
			Setup:    register,
		})
		want := `"http://localhost` + port(dev) + `/a.html?b#c"`
		if got := a.JS(a.Window, "__ipc.invoke('echo', { value: location.href })"); got != want {
			t.Errorf("the page is at %s, want %s", got, want)
		}
		script, err := ipc.Scriptf("location.href = %v; return 1", "http://localhost"+port(other)+"/")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = a.TryJS(a.Window, script) // The answer may be lost with the page.
		a.Eventually("the other server to be asked", func() bool { return len(asked) > 0 })
		<-asked
	})
}

func TestNavigateTakesWhatAPageOfTheAppsWould(t *testing.T) {
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		a := apptest.Start(t, apptest.Config{Portable: portable, Window: shell.WindowOptions{Path: "?first#one"},
			Files: fstest.MapFS{"settings.html": {Data: []byte("<!doctype html>")}}})
		at := func(want string) {
			t.Helper()
			if got := a.JS(a.Window, "location.pathname + location.search + location.hash"); got != want {
				t.Errorf("the page is at %s, want %s", got, want)
			}
		}
		at(`"/?first#one"`)
		page := a.Window.Page()
		if err := a.Window.Navigate("settings.html?x=1#y"); err != nil {
			t.Fatal(err)
		}
		a.Eventually("the next page", func() bool { p := a.Window.Page(); return p != nil && p != page })
		at(`"/settings.html?x=1#y"`)
		for _, url := range []string{"//evil.example/", "javascript:alert(1)", "file:///etc/passwd", `/\evil.example`} {
			if err := a.Window.Navigate(url); err == nil || !strings.Contains(err.Error(), "main") {
				t.Errorf("navigating to %q: %v", url, err)
			}
		}
		at(`"/settings.html?x=1#y"`)
	})
}
