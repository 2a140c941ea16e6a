package webview_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"casement/internal/assets"
	"casement/internal/webview"
)

func TestOnlyTheAppsWindowsReachItsFiles(t *testing.T) {
	a := start(t, true)
	secrets := make(chan http.Header, 10)
	w := a.open(webview.WindowOptions{
		Path: "/start?a=b#c",
		Assets: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/start" {
				secrets <- r.Header
			}
			page(post+`<script>post(document.cookie + location.href)</script>`).ServeHTTP(w, r)
		}),
	})
	a.expect(w.Origin() + "/start?a=b#c") // no cookie, and neither ticket nor password in the URL
	if h := wait(t, secrets, "the request"); h.Get("Cookie") != "" || h.Get("Authorization") != "" {
		t.Errorf("the app's handler gets a secret: %q", h)
	}
	u, err := url.Parse(w.Origin())
	if err != nil || u.Hostname() != "127.0.0.1" {
		t.Fatal(w.Origin(), err)
	}
	for _, c := range []struct {
		name string
		path string
		edit func(*http.Request)
	}{
		{"no password", "/", func(*http.Request) {}},
		{"made-up ticket", "/?casement-token=x&to=/", func(*http.Request) {}},
		{"empty ticket", "/?casement-token=&to=/", func(*http.Request) {}},
		{"made-up password", "/", func(r *http.Request) { r.SetBasicAuth("casement", "x") }},
		{"empty password", "/", func(r *http.Request) { r.SetBasicAuth("casement", "") }},
		{"other host", "/", func(r *http.Request) { r.Host = "localhost:" + u.Port() }},
		{"rebound name", "/", func(r *http.Request) { r.Host = "evil.example:" + u.Port() }},
		{"host without port", "/", func(r *http.Request) { r.Host = "127.0.0.1" }},
		{"other origin", "/", func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") }},
		{"null origin", "/", func(r *http.Request) { r.Header.Set("Origin", "null") }},
		{"empty origin", "/", func(r *http.Request) { r.Header["Origin"] = []string{""} }},
	} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", w.Origin()+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.edit(r)
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		// A challenge would make a web view prompt the user for a password.
		if res.StatusCode != http.StatusForbidden || strings.Contains(string(body), "script") ||
			res.Header.Get("Set-Cookie") != "" || res.Header.Get("WWW-Authenticate") != "" {
			t.Errorf("%s: status %d, header %q, body %q", c.name, res.StatusCode, res.Header, body)
		}
	}
	a.quit()
	if c, err := net.Dial("tcp", u.Host); err == nil {
		_ = c.Close()
		t.Error("the server outlives the loop")
	}
}

// eavesdropper is a server on another port of the same host that a window shows. It records the
// requests of the web view. Its document uses the app's files in every way that needs no consent of
// the app.
type eavesdropper struct {
	*httptest.Server
	mu    sync.Mutex
	heard []http.Header
	asked chan struct{} // receives for each request that it answered with 401 Unauthorized
}

func newEavesdropper(t *testing.T, app string) *eavesdropper {
	e := &eavesdropper{asked: make(chan struct{}, 10)}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.mu.Lock()
		e.heard = append(e.heard, r.Header)
		e.mu.Unlock()
		switch r.URL.Path {
		case "/ask":
			w.Header().Set("WWW-Authenticate", `Basic realm="the app's own windows"`)
			w.WriteHeader(http.StatusUnauthorized)
			e.asked <- struct{}{}
		default:
			page(post+`<script type="module">
				const app = "`+app+`", load = (element, name, source) => new Promise((go) => {
					element.onload = () => go("loaded");
					element.onerror = () => go("refused");
					element[name] = source;
					if (!(element instanceof Image)) document.head.append(element);
				});
				const of = (name) => document.createElement(name);
				const style = Object.assign(of("link"), { rel: "stylesheet" });
				const read = fetch(app + "/file.js", { credentials: "include" }).then((r) => r.text(), () => "refused");
				const opaque = fetch(app + "/file.js", { credentials: "include", mode: "no-cors" }).then(() => "loaded", () => "refused");
				post([await read, await opaque, await load(new Image(), "src", app + "/image.svg"),
					await load(of("script"), "src", app + "/file.js"), await load(style, "href", app + "/style.css")].join());
				fetch("/ask", { credentials: "include" });
				await fetch("/after");
				post("asked");
			</script>`).ServeHTTP(w, r)
		}
	}))
	t.Cleanup(e.Close)
	return e
}

func TestAServerOnAnotherPortCannotReadTheAppsFiles(t *testing.T) {
	a := start(t, true)
	w := a.open(webview.WindowOptions{Assets: assets.Handler(fstest.MapFS{
		"index.html": {Data: []byte("<!doctype html><body><img src=/image.svg><script src=/file.js></script>")},
		"file.js":    {Data: []byte("globalThis.post?.('the file') ?? window.__casement_post('shown')")},
		"style.css":  {Data: []byte("body { color: red }")},
		"image.svg":  {Data: []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>`)},
	}, assets.Options{})})
	a.expect("shown")
	e := newEavesdropper(t, w.Origin())
	a.ui(func() { w.Navigate(e.URL + "/") })
	a.expect("refused,refused,refused,refused,refused")
	wait(t, e.asked, "the request that is answered with 401")
	a.expect("asked")

	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.heard) < 3 {
		t.Fatalf("the other server got only %q", e.heard)
	}
	for _, heard := range e.heard {
		if heard.Get("Cookie") != "" || heard.Get("Authorization") != "" {
			t.Errorf("the other server got a secret: %q", heard)
		}
		r, err := http.NewRequestWithContext(t.Context(), "GET", w.Origin()+"/file.js", nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"Cookie", "Authorization"} {
			r.Header[name] = heard[name]
		}
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("the other server can read the app's files with the headers that it got: status %d", res.StatusCode)
		}
	}

	// A login page returns by navigating to the app.
	a.eval(w, `location.href = "`+w.Origin()+`/"`)
	a.expect("shown")
}

func TestAPageMaySendAnAuthorizationOfItsOwn(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		a.open(webview.WindowOptions{Assets: site(
			`const r = await fetch("/digits.txt", { headers: { authorization: "Bearer x" } }); post(r.status + await r.text())`)})
		a.expect("2000123456789")
	})
}

func TestServiceWorkersAreRefused(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		a.open(webview.WindowOptions{Assets: assets.Handler(fstest.MapFS{
			"index.html": {Data: []byte(`<!doctype html><script src=/app.js></script>`)},
			"app.js": {Data: []byte(postScript +
				`;navigator.serviceWorker.register("/worker.js").then(() => post("registered"), () => post("refused"))`)},
			"worker.js": {Data: []byte(`addEventListener("fetch", () => {})`)},
		}, assets.Options{})})
		a.expect("refused")
	})
}

// Another program on the app's port, or an older version of the app, may have registered a service
// worker.
func TestAServiceWorkerOfAnEarlierRunDoesNotAnswer(t *testing.T) {
	a := start(t, true)
	own := assets.Handler(fstest.MapFS{
		"index.html": {Data: []byte(`<!doctype html><script type="module" src="/app.js"></script>`)},
		"app.js": {Data: []byte(`window.__casement_post("new " + localStorage.getItem("kept") + " " + location.pathname +
			(await navigator.serviceWorker.getRegistrations()).length)`)},
	}, assets.Options{})
	// Use the app's second origin: at the first, WebKit prefetches files of other tests' documents.
	open := func(a *app, path string, own http.Handler) *webview.Window {
		a.open(webview.WindowOptions{Assets: page("other")})
		return a.open(webview.WindowOptions{Assets: own, Path: path})
	}
	origin := open(a, "/", page(post+`<script>localStorage.clear(); post("first")</script>`)).Origin()
	a.expect("first")
	a.quit()

	l, err := net.Listen("tcp4", strings.TrimPrefix(origin, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Otherwise WebKit caches it for other tests at this origin.
		w.Header().Set("Cache-Control", "no-store")
		switch r.URL.Path {
		case "/":
		case "/worker.js":
			w.Header().Set("Content-Type", "text/javascript")
			_, _ = w.Write([]byte(`
				const old = '<!doctype html>` + post + `<script>post("old")</' + 'script>';
				addEventListener("install", () => skipWaiting());
				addEventListener("activate", (event) => event.waitUntil(clients.claim()));
				addEventListener("fetch", (event) => event.respondWith(new Response(old, { headers: { "content-type": "text/html" } })));`))
			return
		default:
			http.NotFound(w, r)
			return
		}
		page(post+`<script>
			localStorage.setItem("kept", "kept");
			navigator.serviceWorker.register("/worker.js").catch(post);
			navigator.serviceWorker.oncontrollerchange = () => location.reload();
		</script>`).ServeHTTP(w, r)
	})}
	served := make(chan error)
	go func() { served <- server.Serve(l) }()
	b := start(t, true)
	b.open(webview.WindowOptions{URL: origin + "/"})
	b.expect("old") // the worker answers for the server
	b.quit()
	_ = server.Close()
	<-served

	c := start(t, true)
	w := open(c, "/start", own)
	if w.Origin() != origin {
		t.Fatalf("the origin is %s, want %s", w.Origin(), origin)
	}
	c.expect("new kept /start0")
	c.ui(w.Reload)
	c.expect("new kept /start0")
}

func TestATakenPortIsReplaced(t *testing.T) {
	a := start(t, true)
	w := a.open(webview.WindowOptions{Assets: page(post + `<script>post(location.origin)</script>`)})
	first := a.message()
	if first != w.Origin() {
		t.Fatal(first)
	}
	a.quit()
	taken, err := net.Listen("tcp4", strings.TrimPrefix(first, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	b := start(t, true)
	b.open(webview.WindowOptions{Assets: page(post + `<script>post(location.origin)</script>`)})
	if second := b.message(); second == first {
		t.Errorf("both have the origin %s", second)
	}
}
