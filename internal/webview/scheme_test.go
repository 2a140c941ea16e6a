package webview_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"casement/internal/assets"
	"casement/internal/webview"
)

// site is an app whose pages' scripts are files, under the default policy.
func site(script string) http.Handler {
	return assets.Handler(fstest.MapFS{
		"index.html": {Data: []byte(`<!doctype html><link rel=stylesheet href=/style.css>` +
			`<script>window.inline = true</script><body onload="window.attribute = true"><script src="/post.js"></script>` +
			`<script type="module" src="/app.mjs"></script>`)},
		"post.js":    {Data: []byte(strings.TrimSuffix(strings.TrimPrefix(post, "<script>"), "</script>"))},
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
		{"no inline script", `post(String(window.inline) + String(window.attribute))`, "undefinedundefined"},
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
