package shell_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"casement/internal/apptest"
	"casement/shell"
)

// The pages of a development server belong to the app: they call commands, and so do windows that
// they open.
func TestWindowsShowTheDevelopmentServer(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>served " + r.URL.Path + "</title><body>"))
	}))
	t.Cleanup(server.Close)
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		a := apptest.Start(t, apptest.Config{
			Portable: portable,
			Options:  shell.Options{DevURL: server.URL + "/"},
			Window:   shell.WindowOptions{Path: "/a.html", Access: shell.AccessOpen},
			Setup:    register,
		})
		if got := a.JS(a.Window, "document.title"); got != `"served /a.html"` {
			t.Error(got)
		}
		if got := a.JS(a.Window, "await __ipc.invoke('casement:window/open', { label: 'b', url: '/b.html' }); return __ipc.invoke('echo', { value: location.origin })"); got != `"`+server.URL+`"` {
			t.Error(got)
		}
		if got := a.JS(a.App.Window("b"), "document.title"); got != `"served /b.html"` {
			t.Error(got)
		}
	})
}
