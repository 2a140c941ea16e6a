package shell_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"casement/internal/apptest"
	"casement/internal/pagetest"
	"casement/shell"
)

// A body that is larger as base64 than a message may be gets to Go only ahead of its call.
func TestLargeBodiesGoAhead(t *testing.T) {
	t.Parallel()
	const send = `const data = new Uint8Array(SIZE).map((_, i) => i * 31 + (i >> 8));
		try {
			const back = new Uint8Array(await __ipc.invoke('echo_bytes', data));
			return back.length === data.length && back.every((octet, i) => octet === data[i]);
		} catch (error) { return error.code; }`
	for _, c := range []struct{ name, csp, size, want string }{
		{"small", "", "1000", "true"},
		{"large", "", "0x70000", "true"},
		{"too large for base64", "", "0xf0000", "true"},
		{"too large", "", "0x100001", `"too_large"`},
		{"forbidden", "default-src 'self'; connect-src 'none'", "0x70000", "true"},
		{"forbidden, too large for base64", "default-src 'self'; connect-src 'none'", "0xf0000", `"too_large"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			apptest.EachPath(t, func(t *testing.T, portable bool) {
				a := apptest.Start(t, apptest.Config{
					Portable: portable,
					Options:  shell.Options{MaxMessage: 1 << 20, CSP: c.csp},
					Setup:    register,
				})
				if got := a.JS(a.Window, "const SIZE = "+c.size+";"+send); got != c.want {
					t.Errorf("%s, want %s", got, c.want)
				}
			})
		})
	}
}

// Where uploads are forbidden, the values of a sink get to Go in messages, in order all the same.
func TestSinksNeedNoUploads(t *testing.T) {
	t.Parallel()
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		a := apptest.Start(t, apptest.Config{
			Portable: portable,
			Options:  shell.Options{CSP: "default-src 'self'; connect-src 'none'"},
			Setup:    register,
		})
		const script = `const sizes = [300_000, 5, 200_000, 6];
			const all = new Uint8Array(sizes.reduce((a, b) => a + b)).map((_, i) => i * 31 + (i >> 8));
			let at = 0;
			const outlet = __ipc.outlet(() => undefined);
			const digest = __ipc.invoke('hash_stream', {data: outlet});
			for (const size of sizes) outlet.push(outlet.pack(all.subarray(at, at += size)), false);
			outlet.end();
			const want = new Uint8Array(await crypto.subtle.digest('SHA-256', all));
			return await digest === Array.from(want, (octet) => octet.toString(16).padStart(2, '0')).join('');`
		if got := a.JS(a.Window, script); got != "true" {
			t.Error(got)
		}
	})
}

func TestUploadsOfNobodyAreRefused(t *testing.T) {
	t.Parallel()
	log := new(pagetest.Log)
	app := shell.New(shell.Options{
		ID: apptest.ID, Assets: fstest.MapFS{"index.html": {}}, Logger: slog.New(log), MaxMessage: 10,
	})
	for _, c := range []struct {
		method, path, header, body string
		length                     int64
		want                       int
	}{
		{"GET", "/", "", "", 0, http.StatusOK},
		{"POST", "/", "", "x", 1, http.StatusMethodNotAllowed},
		{"GET", "/__ipc/upload", "", "", 0, http.StatusMethodNotAllowed},
		{"POST", "/__ipc/upload", "", "x", 1, http.StatusForbidden},
		{"POST", "/__ipc/upload", "key page 1", "x", 1, http.StatusForbidden},
		{"POST", "/__ipc/upload", "", "0123456789x", 11, http.StatusRequestEntityTooLarge},
		{"POST", "/__ipc/upload", "", "x", -1, http.StatusBadRequest},
		{"POST", "/__ipc/upload", "", "x", 2, http.StatusBadRequest},
	} {
		r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
		r.ContentLength = c.length
		r.Header.Set("ipc", c.header)
		w := httptest.NewRecorder()
		app.Front().ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s %s with %d bytes: %d, want %d", c.method, c.path, c.length, w.Code, c.want)
		}
	}
	for range 200 {
		app.Front().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/__ipc/upload", nil))
	}
	if n := log.Count("an upload is refused"); n != 100 {
		t.Errorf("%d refusals are logged", n)
	}
}
