package shell_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"casement/internal/apptest"
	"casement/shell"
)

// An app can add one host to the policy without a policy of its own, and its documents have the
// headers of its options.
func TestAnAppAddsToItsPolicyAndHeaders(t *testing.T) {
	t.Parallel()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		_, _ = w.Write([]byte("answer"))
	}))
	t.Cleanup(api.Close)
	other := httptest.NewServer(api.Config.Handler)
	t.Cleanup(other.Close)
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		a := apptest.Start(t, apptest.Config{
			Portable: portable,
			Files:    fstest.MapFS{"index.html": {Data: []byte("<!doctype html><script>window.inline = true</script>")}},
			Options: shell.Options{
				CSPAdd:  map[string][]string{"connect-src": {api.URL}},
				Headers: http.Header{"X-App": {"one", "two"}},
			},
		})
		const try = "await fetch(URL).then((r) => r.text(), () => 'refused')"
		for url, want := range map[string]string{api.URL: `"answer"`, other.URL: `"refused"`} {
			if got := a.JS(a.Window, strings.Replace("return "+try, "URL", "'"+url+"'", 1)); got != want {
				t.Errorf("%s: %s, want %s", url, got, want)
			}
		}
		if got := a.JS(a.Window, "window.inline"); got != "true" {
			t.Errorf("the document's own script: %s", got)
		}
		if got := a.JS(a.Window, "return (await fetch('/')).headers.get('x-app')"); got != `"one, two"` {
			t.Errorf("headers: %s", got)
		}
		a.JS(a.Window, "await fetch('/assets/x.js')")
		if !a.Log.Has("the app has no such file") || !a.Log.Has("/assets/x.js") {
			t.Error("a missing file is not logged")
		}
	})
}

func TestOptionsThatAreNoPolicyOrHeaderAreErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options shell.Options
		want    string
	}{
		"directive": {shell.Options{CSPAdd: map[string][]string{"connect": {"https://example.com"}}}, `shell: Options.CSPAdd: "connect" is not a directive`},
		"source":    {shell.Options{CSPAdd: map[string][]string{"img-src": {"https://example.com; script-src *"}}}, "shell: Options.CSPAdd: img-src: "},
		"header":    {shell.Options{Headers: http.Header{"Content-Length": {"1"}}}, "shell: Options.Headers: Content-Length"},
		"policy":    {shell.Options{Headers: http.Header{"Content-Security-Policy": {"x"}}}, "shell: Options.Headers: Content-Security-Policy"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.options.ID, c.options.Assets = apptest.ID, fstest.MapFS{"index.html": {}}
			c.options.Unattended = true
			app := shell.New(c.options)
			if err := app.Run(t.Context()); err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("Run: %v, want %s", err, c.want)
			}
		})
	}
}
