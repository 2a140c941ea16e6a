package webview_test

import (
	"encoding/json"
	"runtime"
	"strings"
	"testing"

	"casement/internal/webview"
)

func TestMessagesArriveAsTheyWereSent(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		w := a.open(webview.WindowOptions{Assets: page(post + `<script>post("ready")</script>`)})
		a.expect("ready")
		for _, c := range []struct{ name, script, want string }{
			{"empty", `""`, ""},
			{"DEL", `"a\u007fb"`, "a\x7fb"},
			{"NUL", `"a\u0000b"`, "a\x00b"},
			{"all controls", `Array.from({length:33},(_, i)=>String.fromCharCode(i)).join("")`,
				"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f "},
			{"line separators", `"\u2028\u2029"`, "\u2028\u2029"},
			{"quotes", `'"\\\'</script>'`, `"\'</script>`},
			{"percent", `"100% %7F %25"`, "100% %7F %25"},
			{"astral", `"\u{1F600}é"`, "😀é"},
			{"long", `"x".repeat(3e6)`, strings.Repeat("x", 3e6)},
		} {
			a.eval(w, "post("+c.script+")")
			if got := a.message(); got != c.want {
				t.Errorf("%s: %.80q, want %.80q", c.name, got, c.want)
			}
		}
		// UTF-8 can't encode a lone surrogate. It must not cut the message off or break the next
		// one.
		a.eval(w, `post("a\ud800b"); post("next")`)
		a.expect("a\ufffdb")
		a.expect("next")
	})
}

func TestMessagesKeepTheirOrder(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		const n = 5000
		a.open(webview.WindowOptions{Assets: page(post + `<script>for(let i=0;i<5000;i++)post(JSON.stringify(i))</script>`)})
		for i := range n {
			var got int
			if err := json.Unmarshal([]byte(a.message()), &got); err != nil || got != i {
				t.Fatalf("message %d: %d %v", i, got, err)
			}
		}
	})
}

func TestOnlyStringsAreMessages(t *testing.T) {
	a := start(t, false)
	a.open(webview.WindowOptions{Assets: page(`<script>
		const h = webkit.messageHandlers.casement
		for (const v of [1, null, undefined, {a: 1}, [1], true, new Date(0), new Uint8Array(4)]) try { h.postMessage(v) } catch {}
		h.postMessage("a string")
	</script>`)})
	a.expect("a string")
}

func TestWebviewGosOwnHandlerIsGone(t *testing.T) {
	a := start(t, false)
	a.open(webview.WindowOptions{Assets: page(post + `<script>
		post(String(window.webkit.messageHandlers.external) + " " + typeof (window.external && window.external.invoke))
	</script>`)})
	a.expect("undefined undefined")
}

func TestRecoveringFromANilDereferenceAfterMessages(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		w := a.open(webview.WindowOptions{Assets: page(post + `<script>post("1");post("2")</script>`)})
		a.expect("1")
		a.expect("2")
		for range 50 {
			a.eval(w, `post("3")`)
			a.expect("3")
			recovered := make(chan any)
			go func() { // on any thread and stack
				defer func() { recovered <- recover() }()
				var p *struct{ big [4096]int }
				p.big[100]++
			}()
			if r := <-recovered; r == nil {
				t.Fatal("no panic from a nil dereference")
			}
			a.ui(func() {
				defer func() {
					if recover() == nil {
						t.Error("no panic from a nil dereference on the UI thread")
					}
				}()
				var p *int
				*p = 1
			})
		}
	})
}

func TestTheScriptRunsFirstInTheTopFrameOfEveryDocument(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		w := a.open(webview.WindowOptions{
			Script: `window.before = "init " + location.pathname + " " + (document.body === null)`,
			Assets: page(post + `<script>post(String(window.before))</script>` +
				`<script>if (top === self) { const f = document.createElement("iframe"); f.src = "/inner"; document.head.append(f) }</script>`),
		})
		a.expect("init / true")
		a.eval(w, `location.href = "/next"`)
		for {
			if m := a.message(); m == "init /next true" {
				break
			} else if m == "init /inner true" {
				t.Fatal("the script ran in a frame")
			}
		}
	})
}

func TestMessagesWhileGoIsBusyOnTheUIThread(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		n := 200
		if portable {
			n = 20 // webview_go is slow with a megabyte
		}
		stop := make(chan struct{})
		var spin func()
		spin = func() {
			select {
			case <-stop:
			default:
				deep(200)
				a.loop.Post(spin)
			}
		}
		w := a.open(webview.WindowOptions{Assets: page(post + `<script>const big = "x".repeat(1<<20); post("ready")</script>`)})
		a.expect("ready")
		a.loop.Post(spin)
		go func() {
			for {
				select {
				case <-stop:
					return
				default:
					runtime.GC() // shrinks stacks and signals threads
				}
			}
		}()
		for range n {
			a.eval(w, "post(big)")
			if got := len(a.message()); got != 1<<20 {
				t.Fatalf("%d bytes", got)
			}
		}
		close(stop)
	})
}

// deep uses n frames of stack.
func deep(n int) {
	var frame [64]byte
	if n > 0 {
		deep(n - 1)
	}
	runtime.KeepAlive(&frame)
}
