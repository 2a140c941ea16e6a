package events_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"casement/events"
	"casement/internal/pagetest"
	"casement/internal/wire"
)

// TestALaterListenerReceivesTheRetainedEvent would pass vacuously if earlier listeners received it
// again, so their events are counted too.
func TestALaterListenerReceivesTheRetainedEvent(t *testing.T) {
	t.Parallel()
	var e ears
	b := events.NewBus(nil)
	p, q := newPaper(t, b, "p"), newPaper(t, b, "q")
	must(t)(b.Listen("x", e.listener("early")))
	p.listen(1, "x", "")
	check(t, b.Emit("x", "passing"))
	check(t, b.Emit("x", "first", events.Retain()))
	check(t, b.Emit("x", "last", events.Retain()))
	check(t, b.Emit("x", "passing too"))
	if got := e.take(); got != `early "passing", early "first", early "last", early "passing too"` {
		t.Error(got)
	}
	if got := fmt.Sprint(p.notes()); got != `[[1] "passing" from null [1] "first" from null [1] "last" from null [1] "passing too" from null]` {
		t.Error(got)
	}
	must(t)(b.Listen("x", e.listener("late")))
	must(t)(b.ListenWindow("q", "x", e.listener("window")))
	must(t)(b.ListenAny("x", e.listener("any")))
	must(t)(b.Once("x", e.listener("once")))
	must(t)(b.OnceWindow("q", "x", e.listener("once in a window")))
	must(t)(b.Listen("y", e.listener("another name")))
	if got := e.take(); got != `late "last", window "last", any "last", once "last", once in a window "last"` {
		t.Error(got)
	}
	p.listen(2, "x", `{"kind":"Any"}`)
	q.listen(1, "x", "")
	q.listen(2, "x", `{"kind":"App"}`)
	q.listen(3, "x", `{"kind":"Window","label":"ghost"}`)
	if got := fmt.Sprint(p.notes(), q.notes()); got != `[[2] "last" from null] [[1] "last" from null [2] "last" from null [3] "last" from null]` {
		t.Error(got)
	}
	check(t, b.Emit("x", "now"))
	if got := e.take(); got != `early "now", late "now", window "now", any "now"` {
		t.Error(got) // The once has already had its event.
	}
}

// TestAPageHearsARetainedEventBeforeItsListenResolves: a page that awaits listen has the value. It
// would pass vacuously if the value came with a later event.
func TestAPageHearsARetainedEventBeforeItsListenResolves(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	check(t, b.Emit("x", json.RawMessage(`{"theme":"dark"}`), events.Retain()))
	w := pagetest.Open(t, nil, busOf(b))
	got := w.Must(`
		const heard = [];
		await __ipc.listen('x', (e) => heard.push(e.payload.theme));
		heard.push('listening');
		await __ipc.listen('x', (e) => heard.push('once ' + e.payload.theme), {kind: 'Any'}, true);
		await __ipc.emit('x', {theme: 'light'});
		await __ipc.emit('x', {theme: 'grey'});
		return heard.join()`)
	if got != `"dark,listening,once dark,light,grey"` {
		t.Error(got)
	}
	// A reload starts anew.
	w.Load(pagetest.Origin + "/")
	if got := w.Must("let got; await __ipc.listen('x', (e) => { got = e.payload.theme; }); return got"); got != `"dark"` {
		t.Error(got)
	}
}

func TestEachMailboxHasItsOwnRetainedEvent(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	b.OpenWindow("a")
	b.OpenWindow("b")
	// received returns the event that a later listener on each target receives.
	received := func() string {
		var e ears
		ids := []events.ID{
			must(t)(b.Listen("x", e.listener("app"))), must(t)(b.ListenWindow("a", "x", e.listener("a"))),
			must(t)(b.ListenWindow("b", "x", e.listener("b"))), must(t)(b.ListenAny("x", e.listener("any"))),
		}
		for _, id := range ids {
			b.Unlisten(id)
		}
		return e.take()
	}
	for _, c := range []struct {
		what string
		do   func() error
		want string
	}{
		{"to a", func() error { return b.EmitTo("a", "x", 1, events.Retain()) }, "a 1, any 1"},
		{"to b", func() error { return b.EmitTo("b", "x", 2, events.Retain()) }, "a 1, b 2, any 2"},
		{"to all", func() error { return b.Emit("x", 3, events.Retain()) }, "app 3, a 3, b 3, any 3"},
		{"to a again", func() error { return b.EmitTo("a", "x", 4, events.Retain()) }, "app 3, a 4, b 3, any 4"},
		{"in passing", func() error { return b.Emit("x", 5) }, "app 3, a 4, b 3, any 4"},
		{"a closes", func() error { b.CloseWindow("a"); b.OpenWindow("a"); return nil }, "app 3, a 3, b 3, any 3"},
		{"b closes", func() error { b.CloseWindow("b"); b.OpenWindow("b"); return nil }, "app 3, a 3, b 3, any 3"},
		{"to nobody who is open", func() error { return b.EmitTo("ghost", "x", 6, events.Retain()) }, "app 3, a 3, b 3, any 6"},
	} {
		check(t, c.do())
		if got := received(); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
	if c := b.Census(); c.Retained != 2 || c.Listeners != 0 {
		t.Errorf("%+v", c)
	}
	b.CloseWindow("ghost")
	if c := b.Census(); c.Retained != 1 {
		t.Errorf("%+v", c)
	}
}

func TestAShellEventMayBeRetained(t *testing.T) {
	t.Parallel()
	var e ears
	b := events.NewBus(nil)
	b.OpenWindow("w")
	check(t, b.Announce("w", "focus", true, events.Retain()))
	check(t, b.Announce("", "theme", "dark", events.Retain()))
	must(t)(b.ListenWindow("w", "casement://focus", e.listener("w")))
	must(t)(b.Listen("casement://focus", e.listener("app")))
	must(t)(b.Listen("casement://theme", e.listener("app")))
	if got := e.take(); got != `w true, app "dark"` {
		t.Error(got)
	}
}

// TestAListenerHearsARetainedEventAtMostOnce adds a listener during the emit. It would pass
// vacuously if the two never overlapped, so there are many rounds, and both ways of delivery are
// counted.
func TestAListenerHearsARetainedEventAtMostOnce(t *testing.T) {
	t.Parallel()
	for range 500 {
		b := events.NewBus(nil)
		var e ears
		var all sync.WaitGroup
		all.Go(func() { _ = b.Emit("x", 1, events.Retain()) })
		all.Go(func() { _, _ = b.Listen("x", e.listener("go")) })
		all.Wait()
		if got := e.take(); got != "go 1" {
			t.Fatalf("it heard %q", got)
		}
	}
}

// TestARetainedEventThatDoesNotFitIsAnError fills a page's outbox. The page's listen is rejected,
// so Go must not keep the listener.
func TestARetainedEventThatDoesNotFitIsAnError(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	p := newPaper(t, b, "w", func(o *wire.EndpointOptions) { o.MaxBacklog = 1000 })
	check(t, b.Emit("x", strings.Repeat("r", 600), events.Retain()))
	p.listen(1, "y", "")
	p.run()
	check(t, b.Emit("y", strings.Repeat("y", 600)))
	before := b.Census()
	if got := p.answer(p.listen(2, "x", "")); !strings.Contains(got, `"busy"`) {
		t.Errorf("the listen settles with %s", got)
	}
	if c := b.Census(); c != before {
		t.Errorf("Go has %+v, before %+v", c, before)
	}
	p.notes()
	if got := p.answer(p.listen(2, "x", "")); got != "null" {
		t.Errorf("with room, the listen settles with %s", got)
	}
	if notes := p.notes(); len(notes) != 1 || notes[0].ids[0] != 2 {
		t.Error(notes)
	}
}
