package assets_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"casement/internal/assets"
)

func TestSourcesAreAdded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, csp string
		add       map[string][]string
		want      string
	}{
		{"nothing", " default-src  'self';", nil, " default-src  'self';"},
		{"no sources", "default-src 'self'", map[string][]string{"connect-src": {}}, "default-src 'self'"},
		{"to one that is there", "default-src 'self'; connect-src 'self' data:",
			map[string][]string{"connect-src": {"https://api.example.com", "data:", "wss://api.example.com:*"}},
			"default-src 'self'; connect-src 'self' data: https://api.example.com wss://api.example.com:*"},
		{"to one that falls back", "default-src 'self'", map[string][]string{"connect-src": {"https://api.example.com/v1/"}},
			"default-src 'self'; connect-src 'self' https://api.example.com/v1/"},
		{"to one that falls back twice", "default-src 'none'; script-src 'self'", map[string][]string{"worker-src": {"blob:"}},
			"default-src 'none'; script-src 'self'; worker-src 'self' blob:"},
		{"to none", "object-src 'none'", map[string][]string{"object-src": {"'self'"}}, "object-src 'self'"},
		{"where all is allowed", "img-src 'self'", map[string][]string{"connect-src": {"https://example.com"}}, "img-src 'self'"},
		{"to one that does not fall back", "default-src 'self'", map[string][]string{"base-uri": {"'self'"}}, "default-src 'self'"},
		{"in capitals", "Default-Src 'NONE'", map[string][]string{"img-src": {"https://*.example.com"}},
			"default-src 'NONE'; img-src https://*.example.com"},
		{"to each policy", "default-src 'self', img-src 'none'", map[string][]string{"img-src": {"data:"}},
			"default-src 'self'; img-src 'self' data:,img-src data:"},
		{"several", "default-src 'self'", map[string][]string{"img-src": {"*"}, "connect-src": {"http://localhost:8080"}},
			"default-src 'self'; connect-src 'self' http://localhost:8080; img-src 'self' *"},
		{"hashes and keywords", "script-src 'self'", map[string][]string{"script-src": {"'unsafe-eval'", "'sha256-AAAA='"}},
			"script-src 'self' 'unsafe-eval' 'sha256-AAAA='"},
	} {
		if got, err := assets.AddCSP(c.csp, c.add); err != nil || got != c.want {
			t.Errorf("%s: %q, %v, want %q", c.name, got, err, c.want)
		}
	}
	got, err := assets.AddCSP(assets.DefaultCSP, map[string][]string{"connect-src": {"https://api.example.com"}})
	want := strings.Replace(assets.DefaultCSP, "connect-src 'self' data: blob:", "connect-src 'self' data: blob: https://api.example.com", 1)
	if err != nil || got != want || got == assets.DefaultCSP {
		t.Errorf("%q, %v", got, err)
	}
}

func TestInvalidSourcesAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ directive, source, want string }{
		{"connect", "https://example.com", `"connect" is not a directive`},
		{"Connect-Src", "https://example.com", `"Connect-Src" is not a directive`},
		{"report-uri", "/x", `"report-uri" is not a directive`},
		{"sandbox", "allow-scripts", `"sandbox" is not a directive`},
		{"connect-src", "", `connect-src: "" is not a source`},
		{"connect-src", "https://a.example https://b.example", "is not a source"},
		{"connect-src", "https://a.example; script-src *", "is not a source"},
		{"connect-src", "https://a.example,", "is not a source"},
		{"connect-src", "https://a.example\r\nX: y", "is not a source"},
		{"connect-src", "https://", "is not a source"},
		{"connect-src", "https://*.*", "is not a source"},
		{"connect-src", "https://exämple.com", "is not a source"},
		{"connect-src", "self", "the source self must be written 'self'"},
		{"connect-src", "'Self'", "the source 'Self' must be written 'self'"},
		{"script-src", "unsafe-inline", "the source unsafe-inline must be written 'unsafe-inline'"},
		{"script-src", "'sha256-'", "is not a source"},
		{"img-src", "'none'", "'none' allows nothing"},
		{"img-src", "none", "none allows nothing"},
	} {
		_, err := assets.AddCSP(assets.DefaultCSP, map[string][]string{c.directive: {c.source}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %q: %v, want %s", c.directive, c.source, err, c.want)
		}
	}
}

const one = "'sha256-HR7iaask9daLMRRskMI++QeJtjWDOjyPA6lGzYGzKW4='" // of "one()"

func TestInlineScriptsAreAllowedByTheirHashes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ csp, want string }{
		{"default-src 'none'; script-src 'self' https://cdn.example; img-src *",
			"default-src 'none'; script-src 'self' https://cdn.example " + one + "; img-src *"},
		{"default-src 'self'", "default-src 'self'; script-src 'self' " + one},
		{"default-src *", "default-src *; script-src * " + one},
		{"script-src 'none'; script-src-elem 'self'", "script-src 'none'; script-src-elem 'self' " + one},
		{"script-src-attr 'none'; script-src 'Self'", "script-src-attr 'none'; script-src 'Self' " + one},
		{"default-src 'self', script-src 'self'", "default-src 'self'; script-src 'self' " + one + ",script-src 'self' " + one},

		// Hashes would disable these policies, or enable inline scripts against them.
		{"script-src 'self' 'unsafe-inline'", ""},
		{"default-src 'self' 'Unsafe-Inline'", ""},
		{"script-src 'none'", ""},
		{"default-src 'none'; img-src 'self'", ""},
		{"script-src", ""},
		{"script-src https://cdn.example", ""},
		{"script-src 'self'; script-src-elem 'none'", ""},
		{"script-src 'self' 'nonce-x' 'strict-dynamic'", ""},
		{"img-src 'self'", ""},
		{"", ""},
	} {
		if c.want == "" {
			c.want = c.csp
		}
		if got, err := assets.AllowInline(c.csp, []byte("<script>one()</script>")); err != nil || got != c.want {
			t.Errorf("%q: %q, %v", c.csp, got, err)
		}
	}
}

// internal/webview compares the scripts that are found, and their hashes, with a real browser.
func TestInlineScriptsAreFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, document string
		n              int
	}{
		{"none", "<!doctype html><script src=/a.js></script><script src></script>", 0},
		{"comment", "<!-- <script>one()</script> -->", 0},
		{"data", `<script type="application/json">{}</script><script type=text/template><p></script><script type=JSON>{}</script>`, 0},
		{"attributes", `<body onload="one()"><a href="javascript:one()">`, 0},
		{"not scripted", "<noscript><script>one()</script></noscript>", 0},
		{"in text", "<title><script>one()</script></title><textarea><script>one()</script></textarea><style><script>one()</script></style>", 0},
		{"in an attribute", `<p title="<script>one()</script>">`, 0},
		{"types", `<script>1</script><script type="">2</script><script type=" Text/JavaScript ">3</script><script type=module>4</script>` +
			`<script type=importmap>{}</script><script type=speculationrules>{"a":1}</script><script language=JavaScript>5</script>`, 7},
		{"the same", "<script>1</script><SCRIPT async>1</SCRIPT>", 1},
		{"template", "<template><script>1</script></template>", 1},
		{"SVG", "<svg><script>1</script><script href=x>2</script><script xlink:href=x>3</script><script src=x>4</script></svg>", 2},
		{"comments inside", "<script><!-- <script>1</script> --></script>", 1},
	} {
		got, err := assets.AllowInline("script-src 'self'", []byte(c.document))
		if n := strings.Count(got, "'sha256-"); err != nil || n != c.n {
			t.Errorf("%s: %d, want %d: %q, %v", c.name, n, c.n, got, err)
		}
	}
}

func TestInlineScriptsAreHashedAsTheyAreParsed(t *testing.T) {
	t.Parallel()
	hash := func(document string) string {
		t.Helper()
		got, err := assets.AllowInline("script-src 'self'", []byte(document))
		if err != nil || strings.Count(got, "'sha256-") != 1 {
			t.Errorf("%q: %q, %v", document, got, err)
		}
		return got
	}
	for name, c := range map[string][2]string{
		"newlines":            {"<script>\r\na\rb\n</script>", "<script>\na\nb\n</script>"},
		"UTF-8 mark":          {"\xef\xbb\xbf<script>é</script>", "<script>é</script>"},
		"UTF-16":              {"\xff\xfe<\x00s\x00c\x00r\x00i\x00p\x00t\x00>\x00\xe9\x00<\x00/\x00s\x00c\x00r\x00i\x00p\x00t\x00>\x00", "<script>é</script>"},
		"UTF-16, big end":     {"\xfe\xff\x00<\x00s\x00c\x00r\x00i\x00p\x00t\x00>\x00\xe9\x00<\x00/\x00s\x00c\x00r\x00i\x00p\x00t\x00>", "<script>é</script>"},
		"Latin-1":             {"<script>'\xe9t\xe9'</script>", "<script>'\ufffdt\ufffd'</script>"},
		"NUL":                 {"<script>'\x00'</script>", "<script>'\ufffd'</script>"},
		"references":          {"<script>'&amp;'</script>", "<script>'&amp;'</script>"},
		"references in SVG":   {"<svg><script>'&#97;'</script></svg>", "<script>'a'</script>"},
		"CDATA in SVG":        {"<svg><script><![CDATA['<']]></script></svg>", "<script>'<'</script>"},
		"white space is kept": {"<script> \t1 </script>", "<script> \t1 </script>"},
	} {
		if got, want := hash(c[0]), hash(c[1]); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestADocumentsPolicyFollowsItsFile(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"index.html":   {Data: []byte("<script>one()</script>")},
		"other.html":   {Data: []byte("<script>two()</script>")},
		"a/index.html": {Data: []byte("none")},
		"app.js":       {Data: []byte("<script>one()</script>")},
	}
	h := assets.Handler(files, assets.Options{})
	policy := func(path string, headers ...string) string {
		return get(h, "GET", path, append(headers, "Accept", "text/html")...).Header.Get("Content-Security-Policy")
	}
	want := strings.Replace(assets.DefaultCSP, "'wasm-unsafe-eval'", "'wasm-unsafe-eval' "+one, 1)
	for _, path := range []string{"/", "/index.html", "/some/route"} {
		if got := policy(path); got != want {
			t.Errorf("%s: %q", path, got)
		}
	}
	for _, path := range []string{"/a/", "/app.js"} {
		if got := policy(path); got != assets.DefaultCSP {
			t.Errorf("%s: %q", path, got)
		}
	}
	if got := policy("/other"); got == want || !strings.Contains(got, "'sha256-") {
		t.Errorf("/other: %q", got)
	}
	etag := get(h, "GET", "/").Header.Get("Etag")
	if got := policy("/", "If-None-Match", etag); got != want {
		t.Errorf("unchanged: %q", got)
	}
	// A browser caches a document with its policy, so another policy needs another tag.
	own := assets.Handler(files, assets.Options{CSP: "script-src 'self'"})
	if r := get(own, "GET", "/", "If-None-Match", etag); r.StatusCode != 200 {
		t.Errorf("with another policy: %d", r.StatusCode)
	}
	files["index.html"] = &fstest.MapFile{Data: []byte("<script>another()</script>")}
	if got := policy("/"); got == want || !strings.Contains(got, "'sha256-") {
		t.Errorf("changed: %q", got)
	}
}

func TestHeadersOfTheApp(t *testing.T) {
	t.Parallel()
	header := http.Header{"cross-origin-opener-policy": {"same-origin"}, "Cache-Control": {"no-store"}, "X-Two": {"1", "2"}}
	if err := assets.CheckHeader(header); err != nil {
		t.Fatal(err)
	}
	h := assets.Handler(site(), assets.Options{Header: header})
	for _, path := range []string{"/", "/app.js", "/missing.js"} {
		got := get(h, "GET", path).Header
		if got.Get("Cross-Origin-Opener-Policy") != "same-origin" || got.Get("Cache-Control") != "no-store" ||
			strings.Join(got["X-Two"], " ") != "1 2" || got.Get("Content-Security-Policy") != assets.DefaultCSP {
			t.Errorf("%s: %v", path, got)
		}
	}
	for name, value := range map[string]string{
		"Content-Length": "3", "content-type": "text/plain", "Transfer-Encoding": "chunked", "Connection": "close",
		"Content-Security-Policy": "x", "": "x", "a b": "x", "a:": "x", "X-A": "b\r\nX-C: d", "X-B": "é", "Etag": `"x"`,
	} {
		if err := assets.CheckHeader(http.Header{name: {value}}); err == nil {
			t.Errorf("%q: %q is accepted", name, value)
		}
	}
}
