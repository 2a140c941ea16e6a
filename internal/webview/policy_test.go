package webview_test

import (
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf16"

	"golang.org/x/net/websocket"

	"casement/internal/assets"
	"casement/internal/webview"
)

// things has files of every kind. The app and the other server both serve them; the URL of a case
// selects one of the two.
func things(t *testing.T) fstest.MapFS {
	t.Helper()
	cases, err := os.ReadFile("testdata/policy.js")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"index.html": `<!doctype html><script src="/post.js"></script><body><script src="/policy.js"></script><script>post("ready")</script>`,
		"post.js":    postScript,
		"policy.js":  string(cases),
		"runs.js":    `parent.postMessage("runs", "*")`,
		"page.html":  `<!doctype html><script src="/runs.js"></script>`,
		"a.js":       `postMessage(1)`,
		"m.mjs":      `export default 1`,
		"a.css":      `body { margin: 0 }`,
		"a.svg":      `<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>`,
		"a.txt":      "x",
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

// stranger starts another server, whose files every origin may use.
func stranger(t *testing.T) (url string) {
	files := assets.Handler(things(t), assets.Options{CSP: "img-src *"})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/socket":
			websocket.Handler(func(*websocket.Conn) {}).ServeHTTP(w, r)
		case "/events":
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = w.Write([]byte("data: x\n\n"))
		default:
			w.Header().Set("Access-Control-Allow-Origin", "*")
			files.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

const ok = "ok"

// The default policy allows everything from the app itself, and nothing else. Under a policy that
// allows everything, all cases must work: so the default policy is what refuses them.
func TestTheDefaultPolicyInAWindow(t *testing.T) {
	cases := []struct{ name, url, want string }{
		{"script", "/a.js", ok},
		{"module", "/m.mjs", ok},
		{"wasm", "", ok},
		{"style", "/a.css", ok},
		{"style injected", "", ok},
		{"style attribute", "", ok},
		{"image", "/a.svg", ok},
		{"image data", "", ok},
		{"image blob", "", ok},
		{"font", "/a.txt", ok},
		{"font data", "", ok},
		{"fetch", "/a.txt", ok},
		{"fetch data", "", ok},
		{"fetch blob", "", ok},
		{"media", "/a.txt", ok},
		{"media data", "", ok},
		{"media blob", "", ok},
		{"worker", "/a.js", ok},
		{"worker blob", "", ok},
		{"form", "/page.html", ok},
		{"frame", "/page.html", ok},
		{"frame srcdoc", "", ok},

		{"script", "FOREIGN/a.js", "script-src-elem"},
		{"module", "FOREIGN/m.mjs", "script-src-elem"},
		{"script blob", "", "script-src-elem"},
		{"script data", "", "script-src-elem"},
		{"script injected", "", "script-src-elem"},
		{"script attribute", "", "script-src-attr"},
		{"script image error", "", "script-src-attr"},
		{"script URL", "", "script-src-elem"},
		{"eval", "", "script-src"},
		{"Function", "", "script-src"},
		{"timer string", "", "script-src"},
		{"style", "FOREIGN/a.css", "style-src-elem"},
		{"image", "FOREIGN/a.svg", "img-src"},
		{"font", "FOREIGN/a.txt", "font-src"},
		{"fetch", "FOREIGN/a.txt", "connect-src"},
		{"events", "FOREIGN/events", "connect-src"},
		{"socket", "FOREIGN/socket", "connect-src"},
		{"beacon", "FOREIGN/a.txt", "connect-src"},
		{"media", "FOREIGN/a.txt", "media-src"},
		{"worker data", "", "worker-src"},
		{"object", "/page.html", "object-src"},
		{"embed", "/page.html", "object-src"},
		{"base", "FOREIGN/sub/", "base-uri"},
		{"base", "/sub/", ok},
		{"form", "FOREIGN/page.html", "form-action"},
		{"frame", "FOREIGN/page.html", "frame-src"},
		{"frame data", "", "frame-src"},
	}
	const loose = "default-src * 'unsafe-inline' 'unsafe-eval' data: blob:"
	foreign := stranger(t)
	bothPaths(t, func(t *testing.T, portable bool) {
		for name, csp := range map[string]string{"default": "", "loose": loose} {
			t.Run(name, func(t *testing.T) {
				a := start(t, portable)
				w := a.open(webview.WindowOptions{Assets: assets.Handler(things(t), assets.Options{CSP: csp})})
				a.expect("ready")
				for _, c := range cases {
					want := c.want
					if csp != "" {
						want = ok
					}
					a.eval(w, fmt.Sprintf("run(%q, %q).then(post, e => post(String(e)))", c.name, strings.Replace(c.url, "FOREIGN", foreign, 1)))
					if got := wait(t, a.messages, c.name+" "+c.url); got != want {
						t.Errorf("%s %s: %s, want %s", c.name, c.url, got, want)
					}
				}
			})
		}
	})
}

// A document of another origin can't show the app's in a frame, on either path and under any
// policy. It can show its own.
func TestForeignDocumentsCanNotFrameTheApp(t *testing.T) {
	foreign := stranger(t)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Sends on the messages of the inner frame until it is loaded.
		page(`<script>let said = ""; onmessage = e => e.data === "loaded" ? parent.postMessage(said + e.data, "*") : said += e.data + " "</script>`+
			`<iframe onload="postMessage('loaded', '*')" src="`+r.URL.Query().Get("frame")+`"></iframe>`).ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		w := a.open(webview.WindowOptions{Assets: assets.Handler(things(t), assets.Options{CSP: "frame-src *"})})
		a.expect("ready")
		a.eval(w, `addEventListener("message", e => post(e.data))`)
		for _, c := range []struct{ origin, want string }{{foreign, "runs loaded"}, {w.Origin(), "loaded"}} {
			a.eval(w, fmt.Sprintf(`document.body.append(Object.assign(document.createElement("iframe"),
				{ src: %q + "/?frame=" + encodeURIComponent(%q + "/page.html") }))`, s.URL, c.origin))
			a.expect(c.want)
		}
	})
}

// The policy of a document must have the hashes of all inline scripts that a browser finds in it.
func TestADocumentsOwnInlineScriptsRun(t *testing.T) {
	const script = `<script>seen("classic");` + "\r\n" + `seen("é日" + "` + "\x00" + `".charCodeAt(0).toString(16))` + "\r" + `</script>`
	wide := func(text string, mark []byte, order binary.AppendByteOrder) string {
		data := mark
		for _, unit := range utf16.Encode([]rune(text)) {
			data = order.AppendUint16(data, unit)
		}
		return string(data)
	}
	const head, tail = `<!doctype html><script src="/post.js"></script><script src="/seen.js"></script>`, `<script type="module">end()</script>`
	for _, c := range []struct{ name, document, want string }{
		{"classic", head + script + tail, "classic é日fffd"},
		{"marked as UTF-8", "\xef\xbb\xbf" + head + script + tail, "classic é日fffd"},
		{"UTF-16", wide(head+script+tail, []byte("\xff\xfe"), binary.LittleEndian), "classic é日fffd"},
		{"UTF-16, big end", wide(head+script+tail, []byte("\xfe\xff"), binary.BigEndian), "classic é日fffd"},
		{"Latin-1", `<meta charset="iso-8859-1">` + head + "<script>seen('\xe9t\xe9'.charCodeAt(0).toString(16))</script>" + tail, "fffd"},
		{"modules and import maps", head + `<script type="importmap">{"imports": {"lib": "/lib.mjs"}}</script>` +
			`<script type="module">import two from "lib"; seen(two)</script>` + tail, "2"},
		{"types", head + `<script type="text/javascript">seen(1)</script><script type=" TEXT/ECMASCRIPT ">seen(2)</script>` +
			`<script language="JavaScript">seen(3)</script><script type="">seen(4)</script><script type="text/x-template">seen(5)</script>` + tail, "1 2 3 4"},
		{"SVG", head + `<svg><script>seen("a&#98;" &lt; "b")</script><script><![CDATA[seen("c" < "d")]]></script></svg>` + tail, "true true"},
		{"a script in a script", head + `<script>seen("<!-- <script>".length) // </script> -->` + "\n" + `seen("after")</script>` + tail, "13 after"},
		{"what is no script", head + `<title><script>seen("title")</script></title><noscript><script>seen("noscript")</script></noscript>` +
			`<!-- <script>seen("comment")</script> --><p title="<script>seen('attribute')</script>"><script src="">seen("src")</script>` +
			`<script type="application/json">{}</script><script>seen("last")</script>` + tail, "last"},
		{"a template", head + `<template><script>seen("cloned")</script></template>` +
			`<script>document.head.append(document.querySelector("template").content.cloneNode(true))</script>` + tail, "cloned"},
		{"in a route", "", "index"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bothPaths(t, func(t *testing.T, portable bool) {
				files := things(t)
				files["seen.js"] = &fstest.MapFile{Data: []byte(`const all = []; const seen = (what) => { all.push(what) };
					const end = () => post(all.join(" "));
					document.addEventListener("securitypolicyviolation", (e) => post("refused: " + e.sample + e.lineNumber));`)}
				files["lib.mjs"] = &fstest.MapFile{Data: []byte(`export default 2`)}
				files["index.html"] = &fstest.MapFile{Data: []byte(head + `<script>seen("index")</script>` + tail)}
				if c.document != "" {
					files["own.html"] = &fstest.MapFile{Data: []byte(c.document)}
				}
				a := start(t, portable)
				a.open(webview.WindowOptions{Path: "/own", Assets: assets.Handler(files, assets.Options{})})
				a.expect(c.want)
			})
		})
	}
}
