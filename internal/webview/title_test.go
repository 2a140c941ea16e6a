package webview_test

import (
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"casement/internal/webview"
)

// titled returns the title of the only window, or "".
func titled(t *testing.T) string {
	t.Helper()
	ids := onScreen(t)
	if len(ids) != 1 {
		return ""
	}
	name, _ := exec.CommandContext(t.Context(), "xdotool", "getwindowname", ids[0]).Output()
	return strings.TrimSpace(string(name))
}

func expectTitle(t *testing.T, want string) {
	t.Helper()
	got := ""
	defer func() {
		if t.Failed() {
			t.Logf("the title is %q", got)
		}
	}()
	eventually(t, "the title "+want, func() bool { got = titled(t); return got == want })
}

func TestAWindowWithoutATitleFollowsItsDocuments(t *testing.T) {
	if _, err := exec.LookPath("xdotool"); err != nil {
		t.Skip("xdotool is not installed")
	}
	const name = "Webview test" // LoopOptions.Name
	assets := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		title := map[string]string{"/": "<title> First &amp;\n one </title>", "/second": "<title>Second — 2</title>"}[r.URL.Path]
		page(title+post+`<script>addEventListener("load", () => post(location.pathname))</script>`).ServeHTTP(w, r)
	})
	a := start(t, false)
	w := a.open(webview.WindowOptions{Assets: assets})
	a.expect("/")
	expectTitle(t, "First & one")
	a.eval(w, `document.title = "by script"`)
	expectTitle(t, "by script")
	a.eval(w, `document.title = ""`)
	expectTitle(t, name)
	a.navigate(w, "/second")
	a.expect("/second")
	expectTitle(t, "Second — 2")
	a.navigate(w, "/untitled")
	a.expect("/untitled")
	expectTitle(t, name)
	a.ui(func() { w.SetTitle("fixed") })
	expectTitle(t, "fixed")
	a.navigate(w, "/second")
	a.expect("/second")
	a.eval(w, `document.title = "not shown"; post("set")`)
	a.expect("set")
	expectTitle(t, "fixed")
	a.ui(func() { w.SetTitle("") })
	expectTitle(t, "not shown")
	a.ui(w.Close)

	w = a.open(webview.WindowOptions{Title: "its own", Assets: assets})
	a.expect("/")
	a.eval(w, `document.title = "not shown"; post("set")`)
	a.expect("set")
	expectTitle(t, "its own")
}

func TestAWindowIsNeverWithoutATitle(t *testing.T) {
	if _, err := exec.LookPath("xdotool"); err != nil {
		t.Skip("xdotool is not installed")
	}
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		w := a.open(webview.WindowOptions{Assets: page(post + `<script>post("here")</script>`)})
		a.expect("here")
		expectTitle(t, "Webview test")
		a.ui(func() { w.SetTitle("one") })
		expectTitle(t, "one")
		a.ui(func() { w.SetTitle("") })
		expectTitle(t, "Webview test")
	})
}
