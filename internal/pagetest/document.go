package pagetest

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"modernc.org/quickjs"
)

// Load loads a document in place of the current one.
func (w *Window) Load(url string) {
	w.OnUI(func() { w.load(url, true, "") })
}

// LoadWith loads a document in which the script early runs before the page runtime.
func (w *Window) LoadWith(url, early string) {
	w.OnUI(func() { w.load(url, true, early) })
}

// LoadForeign loads a document of another origin, which runs script directly after the page
// runtime.
func (w *Window) LoadForeign(url, script string) {
	w.OnUI(func() {
		w.load(url, true, "")
		if _, err := w.vm.Eval(script, quickjs.EvalGlobal); err != nil {
			w.t.Error(err)
		}
	})
}

// LoadFrame loads a document as in a frame.
func (w *Window) LoadFrame(url string) {
	w.OnUI(func() { w.load(url, false, "") })
}

func (w *Window) unload() {
	if w.vm == nil {
		return
	}
	_, _ = w.vm.Eval("__fire('pagehide')", quickjs.EvalGlobal)
	w.settle()
	w.vm.Close()
	w.vm = nil
	for id, waiting := range w.results {
		waiting <- Result{Err: fmt.Errorf("the document is gone")}
		delete(w.results, id)
	}
}

// document defines the browser functions that the page runtime needs.
const document = `
globalThis.self = globalThis;
globalThis.window = globalThis;
globalThis.__listeners = {};
globalThis.addEventListener = (name, f) => (__listeners[name] ??= []).push(f);
globalThis.removeEventListener = (name, f) => { __listeners[name] = (__listeners[name] ?? []).filter((g) => g !== f); };
globalThis.__fire = (name, event = {}) => { for (const f of __listeners[name] ?? []) f(event); };
globalThis.queueMicrotask ??= async (f) => { await undefined; f(); };
globalThis.crypto = { getRandomValues(array) { const octets = new Uint8Array(array.buffer); for (let i = 0; i < octets.length; i++) octets[i] = Math.random() * 256; return array; } };
globalThis.webkit = { messageHandlers: { casement: { postMessage(text) { __post(text); } } } };
globalThis.fetch = (url, { body, headers }) => new Promise((resolve, reject) => {
  const raw = typeof body !== 'string';
  let text = body;
  if (raw) { text = ''; for (const octet of body) text += String.fromCharCode(octet); text = btoa(text); }
  setTimeout(() => {
    const status = __fetch(url, headers.ipc, text, raw);
    if (status > 0) return resolve({ status, ok: status === 204 });
    if (status < 0) __fire('securitypolicyviolation', { blockedURI: url, effectiveDirective: 'connect-src', disposition: 'enforce' });
    reject(new TypeError('refused'));
  }, 0);
});
globalThis.console = { error: (...args) => __log(args.map((a) => a?.stack ? a + '' : String(a)).join(' ')), log: (...args) => __log(args.join(' ')) };
globalThis.__timers = new Map();
globalThis.setTimeout = (f, ms = 0) => { const id = __timer(ms); __timers.set(id, f); return id; };
globalThis.__settled = (id, promise) => Promise.resolve(promise).then(
  (value) => __done(id, JSON.stringify(value) ?? 'null', ''),
  (error) => __done(id, '', error?.code ? error.code + ': ' + error.message : String(error)));
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
globalThis.atob ??= (text) => {
  let out = '', bits = 0, have = 0;
  for (const c of text.replace(/=+$/, '')) {
    const digit = alphabet.indexOf(c);
    if (digit < 0) throw new TypeError('not base64');
    bits = (bits << 6) | digit; have += 6;
    if (have >= 8) { have -= 8; out += String.fromCharCode((bits >> have) & 255); }
  }
  return out;
};
globalThis.btoa ??= (text) => {
  let out = '';
  for (let i = 0; i < text.length; i += 3) {
    const n = (text.charCodeAt(i) << 16) | ((text.charCodeAt(i + 1) || 0) << 8) | (text.charCodeAt(i + 2) || 0);
    out += alphabet[n >> 18] + alphabet[(n >> 12) & 63] + (i + 1 < text.length ? alphabet[(n >> 6) & 63] : '=') + (i + 2 < text.length ? alphabet[n & 63] : '=');
  }
  return out;
};
globalThis.AbortController ??= class {
  signal = { aborted: false, reason: undefined, fs: [], addEventListener(_, f) { this.fs.push(f); }, removeEventListener(_, f) { this.fs = this.fs.filter((g) => g !== f); } };
  abort(reason) { this.signal.aborted = true; this.signal.reason = reason; for (const f of this.signal.fs) f(); }
};
`

// UploadPath is the path for uploads, if the endpoint's options have it.
const UploadPath = "/upload"

// upload returns the HTTP status for an upload, 0 if the network fails, or -1 if the document's
// policy forbids it.
func (w *Window) upload(path, header string, body []byte) int {
	switch {
	case path != Origin+UploadPath:
		return 404
	case w.NoUploads:
		w.Refused++
		return -1
	case w.LoseUploads:
		w.Refused++
		return 0
	case w.Endpoint.Upload(header, body) != nil:
		return 507
	}
	w.Uploads++
	return 204
}

func (w *Window) load(url string, top bool, early string) {
	w.unload()
	vm, err := quickjs.NewVM()
	if err != nil {
		w.t.Error(err)
		return
	}
	w.vm = vm
	must := func(err error) {
		if err != nil {
			w.t.Error(err)
		}
	}
	host := func(name string, f func(args []any) (any, error)) { must(vm.RegisterHostFunc(name, f)) }
	host("__post", func(args []any) (any, error) {
		text := args[0].(string)
		w.posted = append(w.posted, text)
		w.Endpoint.Receive([]byte(text))
		return nil, nil
	})
	host("__fetch", func(args []any) (any, error) {
		body := []byte(args[2].(string))
		if args[3].(bool) {
			body, _ = base64.StdEncoding.DecodeString(string(body)) // The document encoded it.
		}
		return w.upload(args[0].(string), args[1].(string), body), nil
	})
	host("__log", func(args []any) (any, error) {
		w.Log.add("console: " + args[0].(string))
		return nil, nil
	})
	host("__done", func(args []any) (any, error) {
		id := args[0].(int)
		if waiting := w.results[id]; waiting != nil {
			delete(w.results, id)
			r := Result{Text: args[1].(string)}
			if message := args[2].(string); message != "" {
				r.Err = errors.New(message)
			}
			waiting <- r
		}
		return nil, nil
	})
	timers := 0
	host("__timer", func(args []any) (any, error) {
		timers++
		id, ms := timers, 0.0
		switch v := args[0].(type) {
		case int:
			ms = float64(v)
		case float64:
			ms = v
		}
		time.AfterFunc(time.Duration(ms*float64(time.Millisecond)), func() {
			w.Post(func() {
				if w.vm == vm {
					_, _ = vm.Eval(fmt.Sprintf("{const f = __timers.get(%d); __timers.delete(%d); f();}", id, id), quickjs.EvalGlobal)
					w.settle()
				}
			})
		})
		return id, nil
	})
	parent := "globalThis.top = globalThis;"
	if !top {
		parent = "globalThis.top = {};"
	}
	origin := "null"
	if scheme, rest, ok := strings.Cut(url, "://"); ok {
		host, _, _ := strings.Cut(rest, "/")
		origin = scheme + "://" + host
	}
	w.origin = origin
	place, _ := json.Marshal(map[string]string{"origin": origin, "href": url})
	for _, script := range []string{document, parent + "globalThis.location = " + string(place), early, w.Endpoint.Script()} {
		_, err := vm.Eval(script, quickjs.EvalGlobal)
		must(err)
	}
	w.settle()
}
