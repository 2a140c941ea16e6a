package webview_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"casement/internal/assets"
	"casement/internal/webview"
)

const wavRate = 8000

// wav returns a tone of the given length.
func wav(milliseconds int) []byte {
	samples := make([]int16, wavRate*milliseconds/1000)
	for i := range samples {
		samples[i] = int16(8000 * math.Sin(2*math.Pi*440*float64(i)/wavRate))
	}
	var b bytes.Buffer
	size := uint32(2 * len(samples))
	for _, v := range []any{
		[]byte("RIFF"), 36 + size, []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(wavRate), uint32(2 * wavRate),
		uint16(2), uint16(16), []byte("data"), size, samples,
	} {
		_ = binary.Write(&b, binary.LittleEndian, v)
	}
	return b.Bytes()
}

// long is a tone of ten minutes, 9,600,044 bytes.
var long = sync.OnceValue(func() []byte { return wav(600_000) })

// watched records the ranges that were requested. After the first MiB, a file without a range
// stalls, so the player must request the end by a range.
type watched struct {
	http.Handler
	mu     sync.Mutex
	ranges []string
}

func (h *watched) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if from := r.Header.Get("Range"); from != "" && !strings.HasPrefix(from, "bytes=0-") {
		h.mu.Lock()
		h.ranges = append(h.ranges, r.URL.Path+" "+from)
		h.mu.Unlock()
	} else {
		w = &slow{ResponseWriter: w, ctx: r.Context(), quick: 1 << 20}
	}
	h.Handler.ServeHTTP(w, r)
}

type slow struct {
	http.ResponseWriter
	ctx   context.Context
	quick int
}

func (w *slow) Write(p []byte) (int, error) {
	if w.quick -= len(p); w.quick < 0 {
		<-w.ctx.Done()
		return 0, w.ctx.Err()
	}
	return w.ResponseWriter.Write(p)
}

// player is an app whose document has a head, a body and a script. run() runs the script, which can
// call post, once(element, event), and plays(element), which plays an element to its end.
func player(head, body, script string, o assets.Options) *watched {
	return &watched{Handler: assets.Handler(fstest.MapFS{
		"index.html":       {Data: []byte(`<!doctype html>` + head + `<body>` + body + `<script src=/post.js></script><script type=module src=/app.js></script>`)},
		"frame.html":       {Data: []byte(`<!doctype html><audio src=/short.wav muted></audio><script src=/post.js></script>`)},
		"short.wav":        {Data: wav(300)},
		"folder/short.wav": {Data: wav(300)},
		"long.wav":         {Data: long()},
		"short.webm":       {Data: webm(10)},
		"text.txt":         {Data: []byte("no media")},
		"post.js": {Data: []byte(postScript + `
			const once = (element, event) => new Promise((go, fail) => {
				element.addEventListener(event, go, { once: true });
				element.addEventListener("error", () => fail(new Error(event + ": " + element.error?.message + " " + element.error?.code)), { once: true });
			});
			const plays = async (element) => {
				const ended = once(element, "ended");
				await element.play();
				await ended;
				return element.duration.toFixed(1) + " " + element.currentTime.toFixed(1);
			};`)},
		"app.js": {Data: []byte(`globalThis.run = async () => { try { ` + script + ` } catch (e) { post(String(e)) } }; post("ready")`)},
	}, o)}
}

func TestPagesPlayTheirOwnFiles(t *testing.T) {
	for _, c := range []struct{ name, body, script, want string }{
		{"markup", `<audio src="/short.wav"></audio>`, `post(await plays(document.querySelector("audio")))`, "0.3 0.3"},
		{"source", `<audio><source src="/short.wav?a=b"></audio>`, `post(await plays(document.querySelector("audio")))`, "0.3 0.3"},
		{"Audio", "", `post(await plays(new Audio("/short.wav")))`, "0.3 0.3"},
		{"src of an element in no document", "", `const a = document.createElement("audio"); a.src = new URL("/short.wav", location); post(await plays(a))`, "0.3 0.3"},
		{"attribute", "", `const a = document.createElement("audio"); a.setAttribute("src", "folder/../short.wav"); document.body.append(a); post(await plays(a))`, "0.3 0.3"},
		{"attribute node", "<audio></audio>", `const a = document.querySelector("audio"), n = document.createAttribute("src"); n.value = "/short.wav";
			const can = once(a, "canplaythrough"); a.preload = "auto"; a.setAttributeNode(n); await can; post(await plays(a))`, "0.3 0.3"},
		{"markup made later", "", `document.body.innerHTML = "<p><audio src=short.wav></p>"; post(await plays(document.querySelector("audio")))`, "0.3 0.3"},
		{"markup in no document", "", `const d = document.createElement("div"); d.innerHTML = "<audio src=short.wav>"; post(await plays(d.firstChild))`, "0.3 0.3"},
		{"sources made later", "", `const a = document.createElement("audio"), s = document.createElement("source"); s.src = "/short.wav"; a.append(s); document.body.append(a); post(await plays(a))`, "0.3 0.3"},
		{"a clone", `<audio src="/short.wav"></audio>`, `post(await plays(document.querySelector("audio").cloneNode()))`, "0.3 0.3"},
		{"shadow", "<div></div>", `const r = document.querySelector("div").attachShadow({ mode: "closed" }); r.innerHTML = "<audio src=/short.wav preload=auto>";
			await once(r.firstChild, "canplaythrough"); post(await plays(r.firstChild))`, "0.3 0.3"},
		{"base", `<audio></audio><!-- own policy -->`, `const b = document.createElement("base"); b.href = "/folder/"; document.head.append(b);
			const a = document.querySelector("audio"); a.src = "short.wav"; post(await plays(a) + a.src)`, "0.3 0.3ORIGIN/folder/short.wav"},
		{"frame", "<!-- own policy -->", `const f = document.createElement("iframe"); f.src = "/frame.html"; document.body.append(f); await once(f, "load");
			post(await plays(f.contentDocument.querySelector("audio")))`, "0.3 0.3"},
		{"the same again", `<audio src="/short.wav"></audio>`, `const a = document.querySelector("audio"); await plays(a); a.src = a.src; post(await plays(a))`, "0.3 0.3"},
		{"blob", "", `post(await plays(new Audio(URL.createObjectURL(await (await fetch("/short.wav")).blob()))))`, "0.3 0.3"},
		{"video", `<video src="/short.webm" muted></video>`, `const v = document.querySelector("video"); post(await plays(v) + " " + v.videoWidth)`, "0.4 0.4 16"},

		{"what the page sees", `<audio src="short.wav"></audio>`, `const a = document.querySelector("audio"); await once(a, "loadedmetadata");
			post([a.getAttribute("src"), a.src, a.currentSrc, a.cloneNode().src].join())`, "short.wav,ORIGIN/short.wav,ORIGIN/short.wav,ORIGIN/short.wav"},
		{"what the page hears", "<p></p>", `const heard = [], p = document.querySelector("p");
			for (const name of ["loadstart", "abort", "emptied", "error", "loadedmetadata", "ended"]) p.addEventListener(name, () => heard.push(name), true);
			p.innerHTML = "<audio><source src=/none.ogg><source src=short.wav></audio>";
			await new Promise((go) => p.addEventListener("loadedmetadata", go, true)); p.firstChild.muted = true; await plays(p.firstChild); post(heard.join())`,
			"loadstart,error,loadedmetadata,ended"},
		{"no src", "<audio></audio>", `const a = document.querySelector("audio"); a.src = "/short.wav"; a.removeAttribute("src"); post([a.src, a.getAttribute("src"), a.hasAttribute("src")].join())`, ",,false"},
		{"missing", "", `const a = new Audio("/none.wav"); a.onerror = () => post("error " + a.error.code)`, "error 4"},
		{"no media", "", `const a = new Audio("/text.txt"); a.onerror = () => post("error " + a.error.code)`, "error 4"},

		{"seeking", `<audio src="/long.wav" preload="metadata"></audio>`, `const a = document.querySelector("audio"); await once(a, "loadedmetadata");
			a.currentTime = 599.7; await once(a, "seeked"); post([a.duration, a.seekable.end(0), a.currentTime.toFixed(1)].join(" "))`, "600 600 599.7"},
		{"Web Audio hears it", "", `const a = new Audio("/long.wav"), c = new AudioContext(), n = c.createAnalyser(); c.createMediaElementSource(a).connect(n);
			n.connect(c.destination); await c.resume(); await a.play(); const data = new Uint8Array(n.fftSize); let most = 0;
			while (most < 10) { await new Promise((go) => setTimeout(go, 10)); n.getByteTimeDomainData(data); most = Math.max(...data) - 128; } post("heard")`, "heard"},
		{"a canvas may show it", "", `const v = document.createElement("video"); v.muted = true; v.src = "/short.webm"; await once(v, "loadeddata");
			const c = document.createElement("canvas").getContext("2d"); c.drawImage(v, 0, 0); post(String(c.getImageData(0, 0, 1, 1).data.length))`, "4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bothPaths(t, func(t *testing.T, portable bool) {
				a := start(t, portable)
				var o assets.Options
				if strings.Contains(c.body, "own policy") {
					o.CSP = "default-src 'self'; script-src 'self' 'unsafe-inline'"
				}
				h := player("", c.body, c.script, o)
				w := a.open(webview.WindowOptions{Assets: h})
				a.expect("ready")
				a.eval(w, "run()") // WebKit takes an eval for a user gesture, which sound requires
				a.expect(strings.ReplaceAll(c.want, "ORIGIN", w.Origin()))
				if c.name != "seeking" {
					return
				}
				h.mu.Lock()
				defer h.mu.Unlock()
				for _, asked := range h.ranges {
					if strings.HasPrefix(asked, "/long.wav bytes=95") {
						return
					}
				}
				t.Errorf("the player did not seek by a range: %q", h.ranges)
			})
		})
	}
}

// The app's own policy, in a header or a document, decides where media may come from.
func TestAnAppsOwnPolicyHolds(t *testing.T) {
	for _, c := range []struct{ name, policy, want string }{
		{"media-src", "media-src 'self'", "played"},
		{"default-src", "default-src 'self'", "played"},
		{"the origin", "default-src 'none'; script-src 'self' 'unsafe-inline'; connect-src 'self'; media-src app://localhost http://127.0.0.1:*", "played"},
		{"a folder", "default-src 'self'; media-src app://localhost/folder/ http://127.0.0.1:*/folder/", "error 4"},
		{"nothing", "media-src 'none'", "error 4"},
		{"nothing at all", "default-src 'none'; script-src 'self'; connect-src 'self'", "error 4"},
		{"elsewhere", "media-src https://example.com", "error 4"},
	} {
		for kind, meta := range map[string]string{
			"header": "", "meta": `<meta content="` + c.policy + `" http-equiv=content-security-policy>`,
		} {
			t.Run(c.name+" in a "+kind, func(t *testing.T) {
				bothPaths(t, func(t *testing.T, portable bool) {
					o := assets.Options{CSP: "script-src 'self' 'unsafe-inline'"}
					if meta == "" {
						o.CSP = c.policy
					}
					a := start(t, portable)
					w := a.open(webview.WindowOptions{Assets: player(meta, "", `const a = new Audio("/short.wav");
						a.onerror = () => post("error " + a.error.code); a.onended = () => post("played"); a.play().catch(() => {})`, o)})
					a.expect("ready")
					a.eval(w, "run()")
					a.expect(c.want)
				})
			})
		}
	}
}

// Only the app's windows can use the stream. It has audio and video only, and exists only while it
// is used.
func TestOnlyTheAppsWindowsReachTheStream(t *testing.T) {
	a := start(t, false)
	h := player("", "", `performance.clearResourceTimings(); const a = new Audio("/short.wav"); await plays(a); post(a.outerHTML.match(/http[^"]+/)[0])`, assets.Options{})
	before := listening(t)
	w := a.open(webview.WindowOptions{Assets: h})
	a.expect("ready")
	if after := listening(t); after != before {
		t.Errorf("a document that plays nothing opened a port: %d, before %d", after, before)
	}
	a.eval(w, "run()")
	address := a.message()
	get := func(address string, edit func(*http.Request)) (int, string, http.Header) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), "GET", address, nil)
		if err != nil {
			t.Fatal(err)
		}
		edit(r)
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			return 0, err.Error(), nil
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		return res.StatusCode, string(body), res.Header
	}
	status, body, header := get(address, func(r *http.Request) { r.Header.Set("Range", "bytes=0-3"); r.Header.Set("Origin", "app://localhost") })
	if status != 206 || body != "RIFF" || header.Get("Access-Control-Allow-Origin") != "app://localhost" {
		t.Fatalf("%d %q %q", status, body, header)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	root := strings.TrimSuffix(address, "/short.wav")
	none := func(*http.Request) {}
	for _, c := range []struct {
		name    string
		address string
		edit    func(*http.Request)
	}{
		{"no token", "http://" + u.Host + "/short.wav", none},
		{"empty token", "http://" + u.Host + "//short.wav", none},
		{"made-up token", "http://" + u.Host + "/" + strings.Repeat("0", 32) + "/short.wav", none},
		{"a document", root + "/", none},
		{"a script", root + "/app.js", none},
		{"text", root + "/text.txt", none},
		{"up", root + "/../../etc/passwd", none},
		{"its own address", root + "/__casement/media", none},
		{"other host", address, func(r *http.Request) { r.Host = "localhost:" + u.Port() }},
		{"rebound name", address, func(r *http.Request) { r.Host = "evil.example:" + u.Port() }},
		{"other origin", address, func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") }},
		{"null origin", address, func(r *http.Request) { r.Header.Set("Origin", "null") }},
		{"POST", address, func(r *http.Request) { r.Method = "POST" }},
	} {
		if status, body, _ := get(c.address, c.edit); status < 400 || len(body) > 30 {
			t.Errorf("%s: %d %q", c.name, status, body)
		}
	}
	a.ui(w.Close)
	if status, body, _ := get(address, none); status != http.StatusForbidden {
		t.Errorf("after the window was closed: %d %q", status, body)
	}
	a.quit()
	if status, body, _ := get(address, none); status != 0 {
		t.Errorf("after the loop ended: %d %q", status, body)
	}
}

// listening counts the ports that this process listens on.
func listening(t *testing.T) (n int) {
	t.Helper()
	sockets, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	own := map[string]bool{}
	for _, s := range sockets {
		if to, err := os.Readlink("/proc/self/fd/" + s.Name()); err == nil {
			own[to] = true
		}
	}
	table, err := os.ReadFile("/proc/self/net/tcp")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(table)) {
		if f := strings.Fields(line); len(f) > 9 && f[3] == "0A" && own["socket:["+f[9]+"]"] {
			n++
		}
	}
	return n
}
