package webview_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"casement/internal/webview"
)

// elsewhere is a foreign site. It records its requests.
type elsewhere struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func foreign(t *testing.T) *elsewhere {
	e := &elsewhere{}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.mu.Lock()
		e.asked = append(e.asked, r.URL.RequestURI())
		e.mu.Unlock()
		page(post+`<script>post("foreign "+location.pathname+" "+(top===self))</script>`).ServeHTTP(w, r)
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *elsewhere) requests() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return strings.Join(e.asked, " ")
}

// browser replaces the system's browser. opened returns the URLs that it got.
func browser(t *testing.T) (opened func() string) {
	dir := t.TempDir()
	log := filepath.Join(dir, "opened")
	script := "#!/bin/sh\necho \"$@\" >> " + log + "\n"
	if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return func() string {
		for range 100 {
			if b, err := os.ReadFile(log); err == nil && len(b) > 0 {
				return strings.TrimSpace(string(b))
			}
			time.Sleep(20 * time.Millisecond)
		}
		return ""
	}
}

func TestTheTopFrameStaysAtItsOrigin(t *testing.T) {
	e := foreign(t)
	for name, script := range map[string]string{
		"location":   `location = "` + e.URL + `/secret"`,
		"link":       `const l = document.createElement("a"); l.href = "` + e.URL + `/secret"; document.body.append(l); l.click()`,
		"new window": `window.open("` + e.URL + `/secret")`,
		"form": `const f = document.createElement("form"); f.method = "post"; f.action = "` + e.URL +
			`/secret"; document.body.append(f); f.submit()`,
		"refresh": `const m = document.createElement("meta"); m.httpEquiv = "refresh"; m.content = "0;url=` + e.URL +
			`/secret"; document.head.append(m)`,
		"file":        `location = "file:///etc/passwd"`,
		"other host":  `location = "app://elsewhere/secret"`,
		"mail":        `location = "mailto:a@example.com"`,
		"data":        `location = "data:text/html,x"`,
		"from iframe": `const f = document.createElement("iframe"); f.srcdoc = "<script>top.location='` + e.URL + `/secret'<\/script>"; document.body.append(f)`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PATH", t.TempDir()) // without xdg-open, nothing can be opened
			a := start(t, false)
			w := a.open(webview.WindowOptions{Assets: page(post + `<body><script>post("ready")</script>`),
				Handlers: webview.Handlers{Committed: func(url string) { a.messages <- "committed " + url }}})
			a.expect("committed app://localhost/")
			a.expect("ready")
			a.eval(w, script)
			a.quiet()
			a.eval(w, `post("still " + location.href)`)
			a.expect("still app://localhost/")
			a.ui(func() {
				if got := w.URL(); got != "app://localhost/" {
					t.Errorf("URL %q", got)
				}
			})
			if got := e.requests(); got != "" {
				t.Errorf("the other site got requests for %s", got)
			}
		})
	}
}

func TestTheAppDecidesWhereTheTopFrameGoes(t *testing.T) {
	e := foreign(t)
	a := start(t, false)
	var asked []string
	w := a.open(webview.WindowOptions{Assets: page(post + `<script>post("at " + location.pathname)</script>`),
		Handlers: webview.Handlers{Navigate: func(url string, gesture bool) bool {
			asked = append(asked, url)
			return !strings.Contains(url, "no")
		}}})
	a.expect("at /")
	a.eval(w, `location = "/no"`)
	a.quiet()
	a.eval(w, `location = "/yes"`)
	a.expect("at /yes")
	a.eval(w, `location = "`+e.URL+`/no"`)
	a.quiet()
	a.eval(w, `location = "`+e.URL+`/yes"`)
	a.expect("foreign /yes true")
	a.eval(w, `location = "`+e.URL+`/no"`) // Navigate allowed one load, not the site
	a.quiet()
	a.eval(w, `location.reload()`)
	a.expect("foreign /yes true")
	a.ui(func() {
		if got := w.URL(); got != e.URL+"/yes" {
			t.Errorf("URL %q", got)
		}
	})
	a.navigate(w, "/no") // Navigate is not called for what Go requests
	a.expect("at /no")
	a.navigate(w, e.URL+"/no-but-wanted")
	a.expect("foreign /no-but-wanted true")
	a.ui(func() { w.Reload() })
	a.expect("foreign /no-but-wanted true")
	if got, want := e.requests(), "/yes /yes /no-but-wanted /no-but-wanted"; got != want {
		t.Errorf("the other site got requests for %q, want %q", got, want)
	}
	want := strings.Join([]string{"app://localhost/no", "app://localhost/yes", e.URL + "/no", e.URL + "/yes", e.URL + "/no"}, " ")
	a.ui(func() {
		if got := strings.Join(asked, " "); got != want {
			t.Errorf("asked about\n%s, want\n%s", got, want)
		}
	})
}

func TestFramesAreNotTheTopFrame(t *testing.T) {
	e := foreign(t)
	a := start(t, false)
	a.open(webview.WindowOptions{
		Assets: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" {
				page(`<iframe src="`+e.URL+`/framed"></iframe><iframe src="/own"></iframe><iframe srcdoc="x"></iframe>`).ServeHTTP(w, r)
			}
		}),
		Handlers: webview.Handlers{
			Navigate:  func(url string, _ bool) bool { t.Errorf("asked about %s", url); return false },
			Committed: func(url string) { a.messages <- "committed " + url },
		},
	})
	a.expect("committed app://localhost/")
	a.expect("foreign /framed false")
	a.quiet()
}

func TestADevelopmentServerIsAnOrigin(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		e := foreign(t)
		a := start(t, portable)
		w := a.open(webview.WindowOptions{URL: e.URL + "/start"})
		a.expect("foreign /start true")
		if w.Origin() != e.URL {
			t.Errorf("origin %q", w.Origin())
		}
		a.eval(w, `location = "/next"`)
		a.expect("foreign /next true")
	})
	a := start(t, false)
	for _, url := range []string{"file:///etc/passwd", "javascript:1", "localhost:80", "http://", "/x", "%", "http://127.1/"} {
		a.ui(func() {
			if _, err := a.loop.Open(webview.WindowOptions{URL: url}); err == nil {
				t.Errorf("%q was accepted", url)
			}
		})
	}
}

// However its URL is written, the origin of a development server is location.origin in its
// documents.
func TestTheOriginIsThatOfItsDocuments(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		server := httptest.NewServer(page(post + `<script>post(location.origin + location.pathname)</script>`))
		defer server.Close()
		port := server.URL[strings.LastIndexByte(server.URL, ':')+1:]
		a := start(t, portable)
		w := a.open(webview.WindowOptions{URL: "HTTP://LocalHost:0" + port + "/start"})
		want := "http://localhost:" + port
		a.expect(want + "/start")
		if w.Origin() != want {
			t.Errorf("origin %q, want %q", w.Origin(), want)
		}
		a.eval(w, `location = "/next"`)
		a.expect(want + "/next")
		a.navigate(w, "HTTP://LOCALHOST:"+port+"/third")
		a.expect(want + "/third")
	})
}

func (a *app) navigate(w *webview.Window, reference string) {
	a.t.Helper()
	a.ui(func() {
		if err := w.Navigate(reference); err != nil {
			a.t.Error(err)
		}
	})
}

func TestAPathIsAURLBelowTheOrigin(t *testing.T) {
	references := map[string]string{
		"":                    "/",
		"settings.html":       "/settings.html",
		"#x":                  "/#x",
		"?x=1":                "/?x=1",
		"/#/settings":         "/#/settings",
		"a/b.html?c=%2F&d#e?": "/a/b.html?c=%2F&d#e?",
		"/%23/日本#é":           "/%23/%E6%97%A5%E6%9C%AC#%C3%A9",
	}
	assets := page(post + `<script>post(location.pathname + location.search + location.hash)</script>`)
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		for reference, want := range references {
			w := a.open(webview.WindowOptions{Path: reference, Assets: assets})
			a.expect(want)
			a.navigate(w, "other.html")
			a.expect("/other.html")
			a.navigate(w, reference)
			a.expect(want)
			a.ui(w.Close)
		}
		w := a.open(webview.WindowOptions{Assets: assets})
		a.expect("/")
		for _, reference := range []string{"//localhost/x", `/\localhost/x`, "javascript:post(1)", "data:text/html,x", "file:///etc/passwd", "about:blank", "app://elsewhere/x", "%", "a\nb"} {
			a.ui(func() {
				if w.Navigate(reference) == nil {
					t.Errorf("Navigate accepts %q", reference)
				}
				if _, err := a.loop.Open(webview.WindowOptions{Path: reference, Assets: assets}); err == nil {
					t.Errorf("Open accepts the path %q", reference)
				}
			})
		}
		a.quiet()
	})
}

// If a document that the app requested is not shown, an error is logged, whatever the reason.
func TestALoadThatGoAskedForAndThatFailsIsLogged(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/zip":
			w.Header().Set("Content-Type", "application/zip")
		case "/away":
			http.Redirect(w, r, "ftp://localhost/x", http.StatusFound)
		}
	}))
	defer server.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	for name, url := range map[string]string{
		"not shown": server.URL + "/zip", "redirected": server.URL + "/away", "nobody there": gone.URL + "/x",
	} {
		t.Run(name, func(t *testing.T) {
			logged := new(lines)
			a := start(t, false, logged)
			w := a.open(webview.WindowOptions{Assets: page(post + `<script>post("ready")</script>`)})
			a.expect("ready")
			a.navigate(w, url)
			eventually(t, "an error to be logged", func() bool {
				for line := range strings.Lines(logged.String()) {
					if strings.Contains(line, "level=ERROR") && strings.Contains(line, "url="+url) {
						return true
					}
				}
				return false
			})
		})
	}
}

func TestContentThatCanNotBeShownIsRefused(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/zip":
			w.Header().Set("Content-Type", "application/zip")
		case "/attached":
			w.Header().Set("Content-Disposition", `attachment; filename="x.html"`)
			w.Header().Set("Content-Type", "text/html")
		default:
			page(post+`<a id=l download=x href=/file>x</a><script>post("at " + location.pathname)</script>`).ServeHTTP(w, r)
		}
	})
	server := httptest.NewServer(handler)
	defer server.Close()
	for name, o := range map[string]webview.WindowOptions{"own files": {Assets: handler}, "server": {URL: server.URL + "/"}} {
		t.Run(name, func(t *testing.T) {
			a := start(t, false)
			w := a.open(o)
			a.expect("at /")
			for _, script := range []string{`location = "/zip"`, `location = "/attached"`, `l.click()`} {
				a.eval(w, script)
				a.quiet()
				a.eval(w, `post(location.pathname)`)
				a.expect("/")
			}
		})
	}
}

func TestOnlyWebAndMailOpenOutside(t *testing.T) {
	opened := browser(t)
	for _, url := range []string{"file:///etc/passwd", "javascript:1", "-x", "", "ssh://a", "http:", "https:///x", "mailto:", "http://a\nb", "vscode://x"} {
		if err := webview.OpenExternal(url); err == nil {
			t.Errorf("%q was opened", url)
		}
	}
	if err := webview.OpenExternal("https://example.com/?a=b&c=$(d)"); err != nil {
		t.Error(err)
	}
	if got := opened(); got != "https://example.com/?a=b&c=$(d)" {
		t.Errorf("opened %q", got)
	}
}
