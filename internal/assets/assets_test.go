package assets_test

import (
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"casement/internal/assets"
	"casement/internal/pagetest"
)

func site() fstest.MapFS {
	files := fstest.MapFS{}
	for name, content := range map[string]string{
		"index.html":        "<!doctype html>top",
		"app.js":            "0123456789",
		"docs/index.html":   "<!doctype html>docs",
		"about.html":        "<!doctype html>about",
		"v1.0.html":         "<!doctype html>release",
		"both.html":         "<!doctype html>both file",
		"both/index.html":   "<!doctype html>both folder",
		"docs/guide.txt":    "guide",
		"empty/.keep":       "",
		"mod.mjs":           "x",
		"style.css":         "x",
		"a.wasm":            "x",
		"a.json":            "{}",
		"a.svg":             "<svg/>",
		"a.woff2":           "x",
		"app.js.map":        "{}",
		"favicon.ico":       "x",
		"a.png":             "x",
		"a.webp":            "x",
		"a.avif":            "x",
		"UPPER.PNG":         "x",
		"unknown.blargh":    "<script>",
		"noext":             "<script>",
		"with space é.html": "<!doctype html>é",
	} {
		files[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return files
}

// folder writes files into a folder.
func folder(t *testing.T, files fstest.MapFS) fs.FS {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	return os.DirFS(dir)
}

func get(h http.Handler, method, path string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, "http://localhost/", nil)
	r.URL.Path = path // not cleaned, as a client would do
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestPathsAreFilesRoutesOrMissing(t *testing.T) {
	t.Parallel()
	const document = "text/html,application/xhtml+xml,*/*;q=0.8"
	dir := folder(t, site())
	for _, c := range []struct {
		path, accept string
		status       int
		contains     string
	}{
		{"/", document, 200, "top"},
		{"", document, 200, "top"},
		{"/index.html", "", 200, "top"},
		{"/app.js", "*/*", 200, "0123456789"},
		{"/docs/", document, 200, "docs"},
		{"/docs", document, 302, "/docs/"}, // for the relative links in docs/index.html
		{"/docs/..", document, 200, "top"},
		{"/docs/guide", document, 200, "top"},
		{"/docs//guide.txt", "", 200, "guide"},
		{"/docs", "*/*", 404, "not found"},
		{"/docs/guide.txt", "", 200, "guide"},
		{"/with space é.html", document, 200, "é"},
		{"/settings/account", document, 200, "top"},
		{"/settings/", document, 200, "top"},
		{"/settings/account", "*/*", 404, "not found"},
		{"/settings/account", "application/json", 404, "not found"},
		{"/missing.js", "*/*", 404, "not found"},
		// A route, as on a development server: the request is for a document.
		{"/missing.js", document, 200, "top"},
		{"/v1.2/route", document, 200, "top"},
		{"/v1.2", document, 200, "top"},
		{"/v1.2", "*/*", 404, "not found"},
		{"/user/john.doe", document, 200, "top"},
		{"/about", document, 200, "about"},
		{"/about", "*/*", 200, "about"},
		{"/about/", document, 200, "top"},
		{"/about.html/", document, 200, "top"},
		{"/v1.0", document, 200, "release"},
		{"/both", document, 200, "both file"},
		{"/both/", document, 200, "both folder"},
		{"/noext", document, 200, "<script>"},
		{"/empty/", "*/*", 404, "not found"},
		{"/../assets.go", "*/*", 404, "not found"},
		{"/../../../../etc/passwd", "*/*", 404, "not found"},
		{"/docs/../app.js", "*/*", 200, "0123456789"},
		{"/docs/..\\..\\app.js", "*/*", 404, "not found"},
		{"//app.js", "*/*", 200, "0123456789"},
		{"/app.js\x00.html", "*/*", 404, "not found"},
		{"/app.js\x00.html", document, 200, "top"},
		{"/" + strings.Repeat("long", 1000), "*/*", 404, "not found"},
		{"/" + strings.Repeat("long", 1000), document, 200, "top"},
		{"/caf\xe9.txt", "*/*", 404, "not found: the path is not UTF-8"},
		{"/caf\xe9.txt", document, 404, "not found: the path is not UTF-8"},
		{"//", document, 200, "top"},
		{"//evil.example/docs", document, 200, "top"},
		{"//docs", document, 302, `href="/docs/"`},
		{"/./app.js", "*/*", 200, "0123456789"},
		{"/docs/./guide.txt", "*/*", 200, "guide"},
		{"/app.js/", "*/*", 404, "not found"},
	} {
		for kind, fsys := range map[string]fs.FS{"map": site(), "folder": dir} {
			r := get(assets.Handler(fsys, assets.Options{}), "GET", c.path, "Accept", c.accept)
			if r.StatusCode != c.status {
				t.Errorf("%.50q accepting %q of a %s: status %d, want %d", c.path, c.accept, kind, r.StatusCode, c.status)
			}
			if got := body(t, r); !strings.Contains(got, c.contains) {
				t.Errorf("%.50q accepting %q of a %s: body %q, want it to contain %q", c.path, c.accept, kind, got, c.contains)
			}
		}
	}
}

func TestAFolderKeepsItsQuery(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest("GET", "http://localhost//docs?a=%2F&b", nil)
	r.Header.Set("Accept", "text/html")
	w := httptest.NewRecorder()
	assets.Handler(site(), assets.Options{}).ServeHTTP(w, r)
	if got := w.Header().Get("Location"); got != "/docs/?a=%2F&b" {
		t.Errorf("redirected to %q", got)
	}
}

// Prerendering tools write the page for all other routes to 200.html; index.html is the root page
// only.
func TestRoutesPreferTheFallbackPage(t *testing.T) {
	t.Parallel()
	files := site()
	files["200.html"] = &fstest.MapFile{Data: []byte("fallback")}
	h := assets.Handler(files, assets.Options{})
	for path, want := range map[string]string{"/": "top", "/settings/account": "fallback", "/about": "about"} {
		if got := body(t, get(h, "GET", path, "Accept", "text/html")); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestMissingFilesAreLoggedOnce(t *testing.T) {
	t.Parallel()
	log := new(pagetest.Log)
	h := assets.Handler(site(), assets.Options{Log: slog.New(log)})
	for range 3 {
		get(h, "GET", "/assets/x.js", "Accept", "*/*")
		get(h, "GET", "/caf\xe9.txt")
		get(h, "GET", "/favicon.ico.png")
		get(h, "GET", "/route", "Accept", "text/html")
		get(h, "GET", "/app.js")
	}
	if n := log.Count("the app has no such file"); n != 3 || !log.Has("/assets/x.js") {
		t.Errorf("%d lines are logged:\n%s", n, log)
	}
	for i := range 200 {
		get(h, "GET", fmt.Sprintf("/%d.js", i))
	}
	if n := log.Count("the app has no such file"); n != 100 {
		t.Errorf("%d lines are logged after all requests", n)
	}
}

// WebKit's cache revalidates, with a document, all that the document used when the app was an earlier version.
func TestAFileOfAnEarlierVersionIsNotLogged(t *testing.T) {
	t.Parallel()
	log := new(pagetest.Log)
	h := assets.Handler(site(), assets.Options{Log: slog.New(log)})
	if r := get(h, "GET", "/assets/x.js", "Accept", "*/*", "If-None-Match", `"earlier"`); r.StatusCode != 404 {
		t.Error(r.StatusCode)
	}
	if got := log.String(); got != "" {
		t.Errorf("logged: %s", got)
	}
	get(h, "GET", "/assets/x.js", "Accept", "*/*") // a page that asks for it is at fault
	if !log.Has("WARN the app has no such file path=/assets/x.js") {
		t.Errorf("logged: %s", log)
	}
}

func TestTypesDoNotDependOnTheMachine(t *testing.T) {
	t.Parallel()
	h := assets.Handler(site(), assets.Options{})
	for path, want := range map[string]string{
		"/":               "text/html; charset=utf-8",
		"/app.js":         "text/javascript; charset=utf-8",
		"/mod.mjs":        "text/javascript; charset=utf-8",
		"/style.css":      "text/css; charset=utf-8",
		"/a.wasm":         "application/wasm",
		"/a.json":         "application/json",
		"/app.js.map":     "application/json",
		"/a.svg":          "image/svg+xml",
		"/a.woff2":        "font/woff2",
		"/favicon.ico":    "image/vnd.microsoft.icon",
		"/a.png":          "image/png",
		"/UPPER.PNG":      "image/png",
		"/a.webp":         "image/webp",
		"/a.avif":         "image/avif",
		"/unknown.blargh": "application/octet-stream",
		"/noext":          "application/octet-stream",
	} {
		r := get(h, "GET", path)
		if got := r.Header.Get("Content-Type"); got != want || r.StatusCode != 200 {
			t.Errorf("%s: %d %q, want %q", path, r.StatusCode, got, want)
		}
		if got := r.Header.Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("%s: X-Content-Type-Options %q", path, got)
		}
	}
}

func TestRangesAndHeadAndConditions(t *testing.T) {
	t.Parallel()
	h := assets.Handler(site(), assets.Options{})
	r := get(h, "GET", "/app.js", "Range", "bytes=2-4")
	if got := body(t, r); r.StatusCode != 206 || got != "234" || r.Header.Get("Content-Range") != "bytes 2-4/10" {
		t.Errorf("range: %d %q %q", r.StatusCode, got, r.Header.Get("Content-Range"))
	}
	if r := get(h, "GET", "/app.js", "Range", "bytes=20-"); r.StatusCode != 416 {
		t.Errorf("range beyond the end: %d", r.StatusCode)
	}
	r = get(h, "HEAD", "/app.js")
	if got := body(t, r); r.StatusCode != 200 || got != "" || r.Header.Get("Content-Length") != "10" {
		t.Errorf("HEAD: %d %q %q", r.StatusCode, got, r.Header.Get("Content-Length"))
	}
	etag := r.Header.Get("Etag")
	if r := get(h, "GET", "/app.js", "If-None-Match", etag); r.StatusCode != 304 {
		t.Errorf("unchanged: %d", r.StatusCode)
	}
}

func TestTheTagFollowsTheContent(t *testing.T) {
	t.Parallel()
	files := site()
	h := assets.Handler(files, assets.Options{})
	before := get(h, "GET", "/app.js").Header.Get("Etag")
	files["app.js"] = &fstest.MapFile{Data: []byte("changed, and longer")}
	if r := get(h, "GET", "/app.js", "If-None-Match", before); r.StatusCode != 200 || r.Header.Get("Etag") == before {
		t.Errorf("changed file: %d, tag %s, before %s", r.StatusCode, r.Header.Get("Etag"), before)
	}
	if got := get(h, "GET", "/app.js").Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("Cache-Control %q", got)
	}
}

func TestOtherMethodsAreRefused(t *testing.T) {
	t.Parallel()
	h := assets.Handler(site(), assets.Options{})
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PATCH"} {
		if r := get(h, method, "/"); r.StatusCode != 405 || r.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d, Allow %q", method, r.StatusCode, r.Header.Get("Allow"))
		}
	}
}

func TestThePolicyIsOnEveryResponse(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/", "/app.js", "/missing.js"} {
		if got := get(assets.Handler(site(), assets.Options{}), "GET", path).Header.Get("Content-Security-Policy"); got != assets.DefaultCSP {
			t.Errorf("%s: %q", path, got)
		}
		own := assets.Handler(site(), assets.Options{CSP: "default-src 'none'"})
		if got := get(own, "GET", path).Header.Get("Content-Security-Policy"); got != "default-src 'none'" {
			t.Errorf("%s with its own policy: %q", path, got)
		}
	}
}

// unseekable is a file system whose files can't seek.
type unseekable struct{ fs.FS }

func (u unseekable) Open(name string) (fs.File, error) {
	f, err := u.FS.Open(name)
	return struct{ fs.File }{f}, err
}

func TestFilesNeedNotSeek(t *testing.T) {
	t.Parallel()
	r := get(assets.Handler(unseekable{site()}, assets.Options{}), "GET", "/app.js", "Range", "bytes=8-")
	if got := body(t, r); r.StatusCode != 206 || got != "89" {
		t.Errorf("%d %q", r.StatusCode, got)
	}
}

func TestAFileIsNoFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/app.js", []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := get(assets.Handler(os.DirFS(dir), assets.Options{}), "GET", "/app.js/"); r.StatusCode != 404 {
		t.Errorf("status %d", r.StatusCode)
	}
}

func TestRequestsMayBeConcurrent(t *testing.T) {
	t.Parallel()
	h := assets.Handler(site(), assets.Options{})
	for range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			for range 100 {
				if r := get(h, "GET", "/app.js"); r.StatusCode != 200 {
					t.Fatal(r.StatusCode)
				}
			}
		})
	}
}

func ExampleHandler() {
	dist := fstest.MapFS{"index.html": {Data: []byte("<!doctype html><title>Hasher</title>")}}
	h := assets.Handler(dist, assets.Options{})

	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	fmt.Println(w.Code, w.Header().Get("Content-Type"))
	fmt.Println(w.Body)
	// Output:
	// 200 text/html; charset=utf-8
	// <!doctype html><title>Hasher</title>
}
