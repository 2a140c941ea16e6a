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

// A body that exceeds MaxMessage as base64 can reach Go only as an upload.
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

// When the policy forbids uploads, the values of a sink reach Go in messages, still in order.
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
			const sink = __ipc.sink(() => undefined);
			const digest = __ipc.invoke('hash_stream', {data: sink});
			for (const size of sizes) sink.push(sink.pack(all.subarray(at, at += size)), false);
			sink.end();
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
	if n := log.Count("an upload is rejected"); n != 100 {
		t.Errorf("%d rejections are logged", n)
	}
}

// The runtime detects once that a policy forbids uploads, because each attempt adds a line to the
// console.
func TestAPolicyTurnsUploadsOff(t *testing.T) {
	t.Parallel()
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		a := apptest.Start(t, apptest.Config{
			Portable: portable,
			Options:  shell.Options{CSP: "default-src 'self'; connect-src 'none'"},
			Setup:    register,
		})
		for range 3 {
			if got := a.JS(a.Window, "return (await __ipc.invoke('echo_bytes', new Uint8Array(100_000))).byteLength"); got != "100000" {
				t.Error(got)
			}
		}
		a.Eventually("it is logged", func() bool { return a.Log.Has("blocked=connect-src") })
		if n := a.Log.Count("blocked=connect-src"); n != 1 {
			t.Errorf("%d uploads were attempted:\n%s", n, a.Log)
		}
	})
}

// Failures of the page's own requests do not turn uploads off.
func TestOtherFailuresLeaveUploadsOn(t *testing.T) {
	t.Parallel()
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		a := apptest.Start(t, apptest.Config{
			Portable: portable, Setup: register,
			Options: shell.Options{MaxMessage: 1 << 20},
		})
		got := a.JS(a.Window, `
			const codes = [];
			for (const args of [{value: '\u65e5'.repeat(400_000)}, new Uint8Array((1 << 20) + 1)]) {
				await __ipc.invoke('echo_bytes', args).catch((error) => codes.push(error.code));
			}
			await fetch('https://example.com/').catch(() => codes.push('policy'));
			await fetch('/__ipc/upload', {method: 'POST', body: 'x', headers: {ipc: 'nobody 1'}}).then(({ok}) => codes.push(ok), () => codes.push('network'));
			// As large as a message may be; as base64 it would be too large.
			const back = await __ipc.invoke('echo_bytes', new Uint8Array(1 << 20));
			return [...codes.slice(0, 3), back.byteLength]`)
		if got != `["too_large","too_large","policy",1048576]` {
			t.Error(got)
		}
	})
}

// A page that replaces built-ins loses no message to Go. On the portable path webview_go's own
// script carries the messages and calls the replaced functions.
func TestAPageThatReplacesEverything(t *testing.T) {
	t.Parallel()
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		a := apptest.Start(t, apptest.Config{Portable: portable, Setup: register})
		vandal := pagetest.Vandal
		if portable {
			vandal = "console.error = () => { throw 'vandal'; }; Object.freeze = Map.prototype.get = Map.prototype.delete = Array.prototype.push = () => { throw 'vandal'; };"
		}
		a.JS(a.Window, `
			globalThis.heard = 0;
			await __ipc.listen('x', () => { throw 'on purpose'; });
			await __ipc.listen('x', () => { heard++; });
			globalThis.streamed = 0;
			const out = __ipc.channel((m) => { if (++streamed % 2) throw 'on purpose'; });
			globalThis.stream = __ipc.invoke('flood', {onEvent: out, count: 5000});`)
		if err := a.Window.Eval(vandal); err != nil {
			t.Fatal(err)
		}
		for n := range 300 {
			if err := a.Emit("x", n); err != nil {
				t.Fatal(err)
			}
		}
		a.Eventually("all is heard", func() bool { return a.JS(a.Window, "heard") == "300" && a.JS(a.Window, "streamed") == "5000" })
		if got := a.JS(a.Window, "return await __ipc.invoke('double', {__proto__: null, n: await stream})"); got != "10000" {
			t.Error(got)
		}
	})
}
