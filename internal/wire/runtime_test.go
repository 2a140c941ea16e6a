package wire_test

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"casement/internal/codec"
	"casement/internal/pagetest"
	"casement/ipc"
)

// normal returns JSON in one canonical notation.
func normal(text []byte) string {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return err.Error()
	}
	out, _ := json.Marshal(v)
	return string(out)
}

func TestTheRuntimeAddsOneGlobalOnly(t *testing.T) {
	t.Parallel()
	w := pagetest.Open(t, new(ipc.Router))
	names := `return Object.getOwnPropertyNames(globalThis).sort()`
	with := w.Must(names)
	w.LoadFrame(pagetest.Origin + "/") // The runtime does nothing here.
	without := w.Must(names)
	var more, fewer []string
	if json.Unmarshal([]byte(with), &more) != nil || json.Unmarshal([]byte(without), &fewer) != nil {
		t.Fatal(with, without)
	}
	var added []string
	for _, name := range more {
		if !strings.Contains(without, `"`+name+`"`) {
			added = append(added, name)
		}
	}
	if !reflect.DeepEqual(added, []string{"__ipc"}) {
		t.Errorf("the runtime adds %q", added)
	}
}

func TestThePageCanNotReplaceTheRuntime(t *testing.T) {
	t.Parallel()
	w := pagetest.Open(t, new(ipc.Router))
	if got := w.Must(`
		const before = globalThis.__ipc, invoke2 = before.invoke;
		try { globalThis.__ipc = {}; } catch {}
		try { delete globalThis.__ipc; } catch {}
		try { before.invoke = null; } catch {}
		const {writable, configurable, enumerable} = Object.getOwnPropertyDescriptor(globalThis, '__ipc');
		return [globalThis.__ipc === before, before.invoke === invoke2, Object.isFrozen(before), writable, configurable, enumerable]`); got != "[true,true,true,false,false,false]" {
		t.Error(got)
	}
}

func TestTheRuntimeIsSafeToLoadTwice(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	returns(&r, "go", 1)
	w := pagetest.Open(t, &r)
	page := w.Endpoint.Page()
	w.Must("globalThis.first = globalThis.__ipc")
	w.Must("globalThis.again = " + quote(t, w.Endpoint.Script()) + "; (0, eval)(again); (0, eval)(again)")
	if got := w.Must("return [first === globalThis.__ipc, await invoke('go')]"); got != "[true,1]" {
		t.Error(got)
	}
	if w.Endpoint.Page() != page {
		t.Error("a second load began another page")
	}
}

func quote(t *testing.T, s string) string {
	literal, err := codec.Literal(s)
	if err != nil {
		t.Fatal(err)
	}
	return literal
}

func TestADocumentThatComesBackIsANewPage(t *testing.T) {
	t.Parallel()
	cancelled := make(chan error, 1)
	started := make(chan none, 1)
	var r ipc.Router
	ipc.Handle(&r, "hold", func(ctx context.Context, _ none) (none, error) {
		started <- none{}
		<-ctx.Done()
		cancelled <- context.Cause(ctx)
		return none{}, ctx.Err()
	})
	returns(&r, "go", 1)
	w := pagetest.Open(t, &r)
	first := w.Endpoint.Page()
	w.Must("globalThis.held = invoke('hold').catch((e) => e.code); globalThis.one = channel(() => {})")
	<-started
	if got := w.Must(`__fire('pagehide'); __fire('pageshow', {persisted: false});
		return [await held, await invoke('go').catch((e) => e.code), await one.closed.catch((e) => e.code)]`); got != `["disconnected","disconnected","disconnected"]` {
		t.Error(got)
	}
	if err := <-cancelled; err == nil {
		t.Error("the command is not cancelled")
	}
	if w.Endpoint.Page() != nil {
		t.Error("the earlier page still exists")
	}
	if got := w.Must(`__fire('pageshow', {persisted: true}); return await invoke('go')`); got != "1" {
		t.Error(got)
	}
	second := w.Endpoint.Page()
	if second == nil || second.ID() == first.ID() {
		t.Error("it is the same page")
	}
	if got, err := w.Endpoint.EvalResult(t.Context(), "1 + 1"); err != nil || string(got) != "2" {
		t.Error(string(got), err)
	}
	// A message of the first page has no effect on the second.
	if got := w.Must(`let seen = 0; const two = channel(() => seen++);
		globalThis.__ipc.dispatch(['` + string(first.ID()) + `', '[[3,' + two.id + ',1]]']);
		globalThis.__ipc.dispatch(['` + string(second.ID()) + `', '[[3,' + two.id + ',1]]']);
		return seen`); got != "1" {
		t.Error(got)
	}
}

func TestAPartialMessageEndsWithItsPage(t *testing.T) {
	t.Parallel()
	w := pagetest.Open(t, new(ipc.Router))
	first := string(w.Endpoint.Page().ID())
	w.Must("globalThis.__ipc.part(['" + first + "', 0, '[[3,1,\"half']); globalThis.__ipc.part(['" + first + "', 100, 'AAAA']); __fire('pagehide'); __fire('pageshow', {persisted: true})")
	if got := w.Must(`const got = [], two = channel((m) => got.push(m.byteLength ?? m));
		globalThis.__ipc.dispatch(['` + string(w.Endpoint.Page().ID()) + `', '[[3,' + two.id + ',"whole"],[4,' + two.id + ']]', 'AAAA']);
		return got`); got != `["whole",3]` {
		t.Error(got)
	}
}

func TestTheRuntimeIsSmall(t *testing.T) {
	t.Parallel()
	w := pagetest.Open(t, new(ipc.Router))
	if n := len(w.Endpoint.Script()); n > 16<<10 {
		t.Errorf("the runtime has %d bytes", n)
	}
}
