package wire_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"casement/internal/pagetest"
	"casement/ipc"
)

// dialogs replaces a browser's dialogs with functions that record the posted messages before they
// return.
const dialogs = `
	globalThis.sent = 0;
	const { casement } = webkit.messageHandlers, post = casement.postMessage;
	casement.postMessage = (text) => { sent++; post(text); };
	globalThis.opened = [];
	globalThis.alert = function alert(text) { opened.push([sent, this === globalThis, text ?? null]); };
	globalThis.confirm = function confirm(text) { opened.push([sent, this === globalThis, text]); return true; };
	globalThis.prompt = function prompt(text, answer) { opened.push([sent, this === globalThis, text]); return answer; };
	globalThis.print = function print() { opened.push([sent, this === globalThis, null]); };
`

func TestQueuedMessagesAreSentBeforeADialog(t *testing.T) {
	t.Parallel()
	for dialog, want := range map[string]string{
		"alert('a')": `[null,[2,true,"a"]]`, "window.alert()": "[null,[2,true,null]]", "confirm('a')": `[true,[2,true,"a"]]`,
		"prompt('a', 'b')": `["b",[2,true,"a"]]`, "print()": "[null,[2,true,null]]",
	} {
		t.Run(dialog, func(t *testing.T) {
			t.Parallel()
			var r ipc.Router
			returns(&r, "save", 1)
			w := pagetest.Open(t, &r)
			w.LoadWith(pagetest.Origin+"/", dialogs) // One message: hello.
			got := w.Must(fmt.Sprintf("const saved = invoke('save'), answer = %s; await saved; return [answer ?? null, opened[0]]", dialog))
			if got != want {
				t.Errorf("%s, want %s", got, want)
			}
			// An empty queue sends nothing.
			if got := w.Must("const before = sent; " + dialog + "; return sent - before"); got != "0" {
				t.Errorf("%s messages for nothing", got)
			}
		})
	}
}

func TestDialogsLookNative(t *testing.T) {
	t.Parallel()
	w := pagetest.Open(t, new(ipc.Router))
	w.LoadWith(pagetest.Origin+"/", dialogs)
	if got := w.Must("return [alert, confirm, prompt, print].map((f) => [f.name, f.length])"); got != `[["alert",1],["confirm",1],["prompt",2],["print",0]]` {
		t.Error(got)
	}
	// A page may replace them, as its tests do.
	if got := w.Must("globalThis.alert = () => 'mine'; return alert('a')"); got != `"mine"` {
		t.Error(got)
	}
}

// The page's own listeners run before the runtime's, whatever their order of registration.
func TestCallsOfAPageThatUnloadsAreSent(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"before unload":  "addEventListener('beforeunload', () => { invoke('save').catch(() => 0); })",
		"at pagehide":    "addEventListener('pagehide', () => { invoke('save').catch(() => 0); })",
		"in a microtask": "addEventListener('pagehide', () => 0); Promise.resolve().then(() => invoke('save').catch(() => 0))",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r ipc.Router
			saved := make(chan none, 1)
			handleSave(&r, saved)
			w := pagetest.Open(t, &r)
			w.Must(script)
			w.Must("__fire('beforeunload'); __fire('pagehide')")
			<-saved
			posted := w.Posted()
			last := posted[len(posted)-1]
			if !strings.Contains(strings.Join(posted, ""), `"command":"save"`) || !strings.Contains(last, `{"kind":"bye"}`) {
				t.Errorf("%q", posted)
			}
			if got := w.Must("return await invoke('save').catch((e) => e.code)"); got != `"disconnected"` {
				t.Error("the page still runs:", got)
			}
		})
	}
}

func handleSave(r *ipc.Router, saved chan<- none) {
	ipc.Handle(r, "save", func(context.Context, none) (none, error) { saved <- none{}; return none{}, nil })
}
