package webview_test

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"casement/internal/webview"
)

func TestOnlyTheAppsWindowsReachItsFiles(t *testing.T) {
	a := start(t, true)
	cookies := make(chan string, 10)
	w := a.open(webview.WindowOptions{
		Path: "/start?a=b",
		Assets: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/start" {
				cookies <- r.Header.Get("Cookie")
			}
			page(post+`<script>post(document.cookie + location.pathname + location.search)</script>`).ServeHTTP(w, r)
		}),
	})
	a.expect("/start?a=b") // no token in the address, and no cookie for scripts
	if got := wait(t, cookies, "the request"); got != "" {
		t.Errorf("the app's handler is given the cookie: %q", got)
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
		{"no cookie", "/", func(*http.Request) {}},
		{"made-up ticket", "/?casement-token=x&to=/", func(*http.Request) {}},
		{"empty ticket", "/?casement-token=&to=/", func(*http.Request) {}},
		{"made-up cookie", "/", func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "casement-" + u.Port(), Value: "x"}) }},
		{"empty cookie", "/", func(r *http.Request) { r.Header.Set("Cookie", "casement-"+u.Port()+"=") }},
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
		if res.StatusCode != http.StatusForbidden || strings.Contains(string(body), "script") || res.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: status %d, cookie %q, body %q", c.name, res.StatusCode, res.Header.Get("Set-Cookie"), body)
		}
	}
	a.quit()
	if c, err := net.Dial("tcp", u.Host); err == nil {
		_ = c.Close()
		t.Error("the server outlives the loop")
	}
}

func TestATakenPortIsNoObstacle(t *testing.T) {
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
		t.Errorf("both at %s", second)
	}
}
