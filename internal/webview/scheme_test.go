package webview_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"casement/internal/assets"
	"casement/internal/webview"
)

// site is an app with a module script, under the default policy.
func site(script string) http.Handler {
	return assets.Handler(fstest.MapFS{
		"index.html": {Data: []byte(`<!doctype html><link rel=stylesheet href=/style.css>` +
			`<script>window.inline = true</script><body onload="window.attribute = true"><script src="/post.js"></script>` +
			`<script type="module" src="/app.mjs"></script>`)},
		"post.js":    {Data: []byte(postScript)},
		"style.css":  {Data: []byte(`body { color: rgb(1, 2, 3) }`)},
		"app.mjs":    {Data: []byte(`import { two } from "./lib.mjs"; ` + script)},
		"lib.mjs":    {Data: []byte(`export const two = 2`)},
		"digits.txt": {Data: []byte("0123456789")},
		"data.json":  {Data: []byte(`{"a": 1}`)},
		"a.wasm":     {Data: []byte("\x00asm\x01\x00\x00\x00")},
	}, assets.Options{})
}

func TestAPagesOwnFiles(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"modules and styles", `post(two + " " + getComputedStyle(document.body).color)`, "2 rgb(1, 2, 3)"},
		{"secure context", `post(String(isSecureContext && !!crypto.subtle))`, "true"},
		{"the file's inline script, no attribute", `post(String(window.inline) + String(window.attribute))`, "trueundefined"},
		{"no injected script", `const s = document.createElement("script"); s.text = "window.injected = true"; document.body.append(s); post(String(window.injected))`,
			"undefined"},
		{"no eval", `try { new Function("1")(); post("ran") } catch (e) { post(e.name) }`, "EvalError"},
		{"status 404", `const r = await fetch("/missing.txt"); post(r.status + " " + r.statusText)`, "404 Not Found"},
		{"JSON and its type", `const r = await fetch("/data.json"); post(r.headers.get("content-type") + (await r.json()).a)`, "application/json1"},
		{"route", `const r = await fetch("/some/route", { headers: { accept: "text/html" } }); post(r.status + r.headers.get("content-type"))`,
			"200text/html; charset=utf-8"},
		{"range", `const r = await fetch("/digits.txt", { headers: { range: "bytes=2-4" } }); post(r.status + " " + await r.text() + " " + r.headers.get("content-range"))`,
			"206 234 bytes 2-4/10"},
		{"HEAD", `const r = await fetch("/digits.txt", { method: "HEAD" }); post(r.status + (await r.text()))`, "200"},
		{"POST", `const r = await fetch("/digits.txt", { method: "POST", body: "x" }); post(String(r.status))`, "405"},
		{"wasm", `await WebAssembly.compileStreaming(fetch("/a.wasm")).then(() => post("compiled"), e => post(e.message))`, "compiled"},
		{"query and fragment", `const r = await fetch("/digits.txt?a=b#c"); post(await r.text())`, "0123456789"},
		{"elsewhere", `await fetch("http://127.0.0.1:9/").then(() => post("sent"), () => post("blocked"))`, "blocked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bothPaths(t, func(t *testing.T, portable bool) {
				if portable && c.name == "no eval" {
					t.Skip("webview_go's own scripts run under the policy, too: same answer")
				}
				a := start(t, portable)
				a.open(webview.WindowOptions{Assets: site(c.script)})
				a.expect(c.want)
			})
		})
	}
}

func TestRequestsReachTheWindowsOwnHandler(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		handler := func(name string) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/who" {
					body, err := io.ReadAll(r.Body)
					if err != nil {
						t.Error(err)
					}
					_, _ = w.Write([]byte(name + " " + r.Method + " " + r.Header.Get("X-Test") + " " + string(body) + " " + r.URL.RawQuery))
					return
				}
				page(post+`<script>fetch("/who?q=1", {method: "POST", headers: {"x-test": "h"}, body: "sent"}).then(r=>r.text()).then(post, post)</script>`).ServeHTTP(w, r)
			})
		}
		a.open(webview.WindowOptions{Assets: handler("one")})
		a.expect("one POST h sent q=1")
		a.open(webview.WindowOptions{Assets: handler("two")})
		a.expect("two POST h sent q=1")
	})
}

func TestAnAssetHandlerMayPanicOrHang(t *testing.T) {
	a := start(t, false)
	began := make(chan struct{})
	ended := make(chan struct{})
	w := a.open(webview.WindowOptions{Assets: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/panic":
			panic(http.ErrAbortHandler)
		case "/hang":
			close(began)
			<-r.Context().Done()
			close(ended)
		default:
			page(post+`<script>fetch("/panic").catch(()=>{post("failed"); return fetch("/hang")})</script>`).ServeHTTP(w, r)
		}
	})})
	a.expect("failed")
	wait(t, began, "the hanging request")
	a.ui(func() { w.Close() })
	wait(t, ended, "the request's context to end with its window")
}

// On both paths, the handler gets every path as it gets it from a server.
func TestPathsReachTheHandlerAsAServersDo(t *testing.T) {
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" && r.URL.RawQuery == "" {
			page(post+`<script>post("ready")</script>`).ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/plain")
		fmt.Fprintf(w, "%q %q %q %q", r.URL.Path, r.URL.RawQuery, r.URL.Host, r.Host)
	})
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		w := a.open(webview.WindowOptions{Assets: echo})
		a.expect("ready")
		_, host, _ := strings.Cut(w.Origin(), "://")
		for _, c := range []struct{ path, want, query string }{
			{"/f", "/f", ""},
			{"//img/logo.txt", "//img/logo.txt", ""},
			{"///x", "///x", ""},
			{"//user@x:1/y", "//user@x:1/y", ""},
			{"//a:b/c", "//a:b/c", ""},
			{"//localhost/y", "//localhost/y", ""},
			{"/?a", "/", "a"},
			{"//?", "//", ""},
			{"/./x", "/x", ""},
			{"/a/../../b", "/b", ""},
			{"/a/%2e%2E/b", "/b", ""},
			{"/a%2Fb", "/a/b", ""},
			{"/a%00b", "/a\x00b", ""},
			{"/100%25.txt", "/100%.txt", ""},
			{"/caf%e9.txt", "/caf\xe9.txt", ""},
			{"/é", "/é", ""},
			{`/a\b`, "/a/b", ""},
			{"/%5C", `/\`, ""},
			{"/a|b^c[d] \"<e>", `/a|b^c[d] "<e>`, ""},
			{"/a?b=%zz", "/a", "b=%zz"},
			{"/a?b?c#d", "/a", "b?c"},
			{"/a#b?c", "/a", ""},
		} {
			a.eval(w, fmt.Sprintf(`fetch(location.origin + %q).then(r => r.text()).then(post, e => post(String(e)))`, c.path))
			if got, want := a.message(), fmt.Sprintf("%q %q %q %q", c.want, c.query, "", host); got != want {
				t.Errorf("%s: %s, want %s", c.path, got, want)
			}
		}
		for _, path := range []string{"/100%.txt", "/%zz", "/%"} {
			a.eval(w, fmt.Sprintf(`fetch(%q).then(async r => post(r.status + " " + r.ok + " " + await r.text()), e => post(String(e)))`, path))
			a.expect("400 false 400 Bad Request" + map[bool]string{false: "\n"}[portable])
		}
	})
}

// A redirected document has one history entry, and its URL keeps the fragment.
func TestADocumentsRedirectionIsFollowed(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		w := a.open(webview.WindowOptions{Path: "/start", Assets: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/docs":
				http.Redirect(w, r, `/docs/?q="&x`, http.StatusFound)
			case "/chain":
				http.Redirect(w, r, "/docs", http.StatusMovedPermanently)
			case "/frame":
				page(post+`<iframe src="/docs"></iframe><script>onmessage=e=>post("in a frame: "+e.data)</script>`).ServeHTTP(w, r)
			default:
				page(post+`<script>const here = location.href.slice(location.origin.length);
					onpageshow = () => parent === self ? post(here + " " + history.length) : parent.postMessage(here, "*")</script>`).ServeHTTP(w, r)
			}
		})})
		a.expect("/start 1")
		const docs = `/docs/?q=%22&x`
		for i, c := range []struct{ script, want string }{
			{`location.href = "/docs#part"`, docs + "#part 2"},
			{`history.back()`, "/start 2"},
			{`location.href = "/chain"`, docs + " 2"},
			{`location.href = "/frame"`, "in a frame: " + docs},
		} {
			a.eval(w, c.script)
			if got := a.message(); got != c.want {
				t.Errorf("%d: %s: %s, want %s", i, c.script, got, c.want)
			}
		}
	})
}
