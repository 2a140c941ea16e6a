package events_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"

	"casement/events"
	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

// busOf returns an option that gives a window a bus.
func busOf(b *events.Bus) func(*wire.EndpointOptions) {
	return func(o *wire.EndpointOptions) {
		if o.Router == nil {
			o.Router = new(ipc.Router)
		}
		b.OpenWindow(o.Label)
		o.Bus = b.Pages()
	}
}

// until waits until an expression is true in the page.
func until(t *testing.T, w *pagetest.Window, expression string) {
	t.Helper()
	pagetest.Until(t, expression, func() bool { return w.Must("return "+expression) == "true" })
}

// TestAPagesListenersRunInTheOrderOfRegistration registers fifty, on all targets. With few, a
// random order would pass now and then.
func TestAPagesListenersRunInTheOrderOfRegistration(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	w := pagetest.Open(t, nil, busOf(b))
	w.Must(`
		globalThis.heard = [];
		globalThis.unlisten = [];
		const targets = [undefined, {kind: 'Any'}, {kind: 'Window', label: 'main'}, {kind: 'App'}];
		for (let i = 0; i < 50; i++) unlisten.push(await __ipc.listen('x', () => heard.push(i), targets[i % 4], i % 10 === 9))`)
	check(t, b.Emit("x", nil))
	until(t, w, "heard.length >= 50")
	if got := w.Must("return heard.every((n, i) => n === i) && heard.length === 50"); got != "true" {
		t.Error(w.Must("return heard"))
	}
	// The remaining listeners keep their places. A listener that is added again goes last.
	w.Must(`heard.length = 0; for (let i = 0; i < 50; i += 5) unlisten[i](); await __ipc.listen('x', () => heard.push('last'))`)
	check(t, b.Emit("x", nil))
	until(t, w, "heard.includes('last')")
	want := []string{}
	for i := range 50 {
		if i%5 != 0 && i%10 != 9 {
			want = append(want, fmt.Sprint(i))
		}
	}
	if got := w.Must("return heard.join(' ')"); got != `"`+strings.Join(want, " ")+` last"` {
		t.Error(got)
	}
}

// TestAPagesListenerThatThrowsDoesNotSilenceTheRest would pass vacuously if the listener did not
// throw, so the console must report it.
func TestAPagesListenerThatThrowsDoesNotSilenceTheRest(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	w := pagetest.Open(t, nil, busOf(b))
	w.Must(`
		globalThis.heard = [];
		await __ipc.listen('x', () => { throw new Error('on purpose'); });
		await __ipc.listen('x', (e) => heard.push(e.payload));
		await __ipc.listen('x', () => { throw undefined; }, undefined, true);
		await __ipc.listen('x', (e) => { heard.push(e.payload); e.payload = 'changed'; });
		await __ipc.listen('x', (e) => heard.push(e.payload))`)
	check(t, b.Emit("x", 1))
	check(t, b.Emit("x", 2))
	until(t, w, "heard.length >= 6")
	if got := w.Must("return heard"); got != "[1,1,1,2,2,2]" {
		t.Error(got)
	}
	if n := w.Log.Count("console: Error: on purpose"); n != 2 {
		t.Errorf("the console has it %d times, want 2:\n%s", n, w.Log)
	}
}

// TestOnceIsOnceInAPage would pass vacuously if the events came one by one. So Go emits them while
// the page is busy: they come in one script.
func TestOnceIsOnceInAPage(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	w := pagetest.Open(t, nil, busOf(b))
	w.Must(`
		globalThis.heard = []; globalThis.count = 0;
		await __ipc.listen('x', () => heard.push(1));
		await __ipc.listen('x', () => { count++; void __ipc.emit('x'); }, undefined, true);
		await __ipc.listen('x', () => { count += 100; throw new Error('on purpose'); }, undefined, true)`)
	w.OnUI(func() {
		for range 3 {
			check(t, b.Emit("x", nil))
		}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { _ = b.Emit("x", nil) })
		}
		all.Wait()
	})
	until(t, w, "heard.length === 12")
	if got := w.Must("return count"); got != "101" {
		t.Error(got)
	}
	if c := b.Census(); c.PageListeners != 1 {
		t.Errorf("Go has %d listeners", c.PageListeners)
	}
}

// TestAReloadLeavesNoStaleListener would pass vacuously if the page had no listeners, so they are
// counted before; and if nothing were emitted for stale ones.
func TestAReloadLeavesNoStaleListener(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	w := pagetest.Open(t, nil, busOf(b))
	listen := `
		globalThis.heard = [];
		for (let i = 0; i < 10; i++) await __ipc.listen('x', (e) => heard.push(e.payload), i % 2 ? {kind: 'Any'} : undefined);
		await __ipc.listen('y', () => heard.push('y'), {kind: 'Window', label: 'nobody'})`
	for round := range 20 {
		w.Must(listen)
		if c := b.Census(); c != (events.Census{Names: 2, Pages: 1, PageListeners: 11, Windows: 1}) {
			t.Fatalf("round %d: %+v", round, c)
		}
		// In transit when the page goes.
		check(t, b.Emit("x", "old"))
		w.Load(pagetest.Origin + "/")
		check(t, b.Emit("x", "between"))
		if c := b.Census(); c != (events.Census{Windows: 1}) {
			t.Fatalf("round %d: left over after a reload: %+v", round, c)
		}
	}
	w.Must(listen)
	check(t, b.Emit("x", "new"))
	until(t, w, "heard.length >= 10")
	if got := w.Must("return [...new Set(heard)]"); got != `["new"]` {
		t.Error(got)
	}
	if w.Log.Has("console") || w.Log.Has("WARN") || w.Log.Has("ERROR") {
		t.Errorf("logged:\n%s", w.Log)
	}
}

// TestUnlistenIsSafeAtAnyTime would pass vacuously if the listeners received nothing, so each
// receives an event before.
func TestUnlistenIsSafeAtAnyTime(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	w := pagetest.Open(t, nil, busOf(b))
	t.Run("at once, twice, inside", func(t *testing.T) {
		w.Must(`
			globalThis.heard = [];
			globalThis.one = await __ipc.listen('x', (e) => { heard.push('one ' + e.payload); if (e.payload === 2) { one(); one(); three(); } });
			globalThis.two = await __ipc.listen('x', (e) => heard.push('two ' + e.payload));
			globalThis.three = await __ipc.listen('x', (e) => heard.push('three ' + e.payload))`)
		// They are in one script, so Go sends the third before it can know.
		w.OnUI(func() {
			for i := range 3 {
				check(t, b.Emit("x", i+1))
			}
		})
		until(t, w, "heard.at(-1) === 'two 3'")
		if got := w.Must("return heard.join()"); got != `"one 1,two 1,three 1,one 2,two 2,two 3"` {
			t.Error(got)
		}
		if got := w.Must("one(); one(); two(); three(); return typeof two()"); got != `"undefined"` {
			t.Error(got)
		}
		if c := b.Census(); c.PageListeners != 0 {
			t.Errorf("Go has %d listeners", c.PageListeners)
		}
	})
	t.Run("as the page goes", func(t *testing.T) {
		w.Must(`
			globalThis.kept = await __ipc.listen('x', () => {});
			addEventListener('pagehide', () => { kept(); kept(); __ipc.listen('x', () => {}).catch((e) => console.log('listen ' + e.code)); __ipc.emit('x').catch((e) => console.log('emit ' + e.code)); })`)
		w.Load(pagetest.Origin + "/")
		if !w.Log.Has("listen disconnected") || !w.Log.Has("emit disconnected") {
			t.Errorf("logged:\n%s", w.Log)
		}
		if c := b.Census(); c.PageListeners != 0 {
			t.Errorf("Go has %d listeners", c.PageListeners)
		}
	})
	t.Run("of another page", func(t *testing.T) {
		// The listener's id is the same in both pages.
		p, q := newPaper(t, b, "p"), newPaper(t, b, "q")
		p.listen(1, "x", "")
		q.listen(1, "x", "")
		p.unlisten(1)
		p.unlisten(1)
		p.unlisten(99)
		check(t, b.Emit("x", 1))
		if got := fmt.Sprint(p.notes(), q.notes()); got != `[] [[1] 1 from null]` {
			t.Error(got)
		}
		if got := q.answer(q.listen(1, "y", "")); !strings.Contains(got, "exists already") {
			t.Errorf("the same id twice: %s", got)
		}
	})
}

func TestAPayloadsProtoIsAKey(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	w := pagetest.Open(t, nil, busOf(b))
	heard := make(chan string, 1)
	must(t)(b.Listen("y", func(e events.Event) { heard <- string(e.Payload()) }))
	w.Must(`await __ipc.listen('x', (e) => { globalThis.got = e.payload; })`)
	check(t, b.Emit("x", json.RawMessage(`{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}`)))
	until(t, w, "!!globalThis.got")
	if got := w.Must("return [Object.hasOwn(got, '__proto__'), got.polluted ?? null, ({}).polluted ?? null, Object.getPrototypeOf(got) === Object.prototype]"); got != "[true,null,null,true]" {
		t.Error(got)
	}
	w.Must("await __ipc.emit('y', got)")
	if got := <-heard; got != `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}` {
		t.Error(got)
	}
}

// awkward are texts that some layer has once misinterpreted.
const awkward = `['', '\0', '\x7f', '\u2028\u2029', 'back\\slash \'single\' "double" $x', '</script><!--', '日本語 😀 é', '\r\n\t', '%7F%25%', '\ufeff', ` +
	`"x".repeat(100000), '\\', "'", '__CHANNEL__:1', '\x1b[2J', '\u0085', 'null', '}]', '\ud83d\ude00']`

// TestAwkwardTextsComeThrough sends each text from one page to another, through Go.
func TestAwkwardTextsComeThrough(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	one := pagetest.Open(t, nil, busOf(b))
	two := pagetest.Open(t, nil, func(o *wire.EndpointOptions) { o.Label = "two"; o.MaxScript = 1024 }, busOf(b))
	two.Must(`globalThis.heard = []; await __ipc.listen('x', (e) => heard.push(e.payload))`)
	one.Must(`for (const text of ` + awkward + `) await __ipc.emit('x', text)`)
	until(t, two, "heard.length === "+awkward+".length")
	if got := two.Must("return " + awkward + ".filter((text, at) => heard[at] !== text)"); got != "[]" {
		t.Errorf("changed on the way: %s", got)
	}
	// A text without UTF-8 form must not break later ones.
	one.Must(`for (const text of ['\ud800', 'a\udc00b']) await __ipc.emit('x', text); await __ipc.emit('x', 'end')`)
	until(t, two, "heard.at(-1) === 'end'")
}

func TestAPagesEmitsAreHandledInOrder(t *testing.T) {
	t.Parallel()
	const count = 300
	b := events.NewBus(nil)
	w := pagetest.Open(t, nil, busOf(b))
	var heard []int
	must(t)(b.Listen("x", func(e events.Event) {
		var n int
		check(t, e.Unmarshal(&n))
		if e.Source != "main" {
			t.Errorf("the source is %q", e.Source)
		}
		heard = append(heard, n) // Not concurrent: -race checks it.
		runtime.Gosched()
	}))
	w.Must(fmt.Sprintf(`
		const all = [];
		for (let i = 0; i < %d; i++) { all.push(__ipc.emit('x', i)); if (i %% 50 === 0) await all.at(-1); }
		await Promise.all(all)`, count))
	for i, n := range heard {
		if n != i {
			t.Fatalf("got %d, want %d", n, i)
		}
	}
	if len(heard) != count {
		t.Errorf("%d events, want %d", len(heard), count)
	}
}

// TestASlowListenerDoesNotDelayAPagesCalls would pass vacuously if the listener were not running.
func TestASlowListenerDoesNotDelayAPagesCalls(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	var r ipc.Router
	ipc.Handle(&r, "ping", func(context.Context, none) (string, error) { return "pong", nil })
	w := pagetest.Open(t, &r, busOf(b))
	under, release := make(chan none), make(chan none)
	must(t)(b.Once("slow", func(events.Event) {
		close(under)
		<-release
	}))
	emitting := w.Start("await __ipc.emit('slow'); return 'emitted'")
	<-under
	behind := w.Start("await __ipc.emit('behind'); return 'behind'")
	// Other calls, listens and Go's events continue.
	if got := w.Must(`
		globalThis.heard = [];
		await __ipc.listen('x', (e) => heard.push(e.payload));
		return await invoke('ping')`); got != `"pong"` {
		t.Error(got)
	}
	check(t, b.Emit("x", 1))
	until(t, w, "heard.length === 1")
	select {
	case r := <-emitting:
		t.Errorf("the emit settled before its listener returned: %v", r)
	case r := <-behind:
		t.Errorf("an emit overtook another: %v", r)
	default:
	}
	close(release)
	for want, waiting := range map[string]<-chan pagetest.Result{`"emitted"`: emitting, `"behind"`: behind} {
		if got, err := w.Await(waiting); err != nil || got != want {
			t.Error(got, err)
		}
	}
}

// TestAPageThatEmitsTooMuchIsRejected fills the queue behind a listener that blocks.
func TestAPageThatEmitsTooMuchIsRejected(t *testing.T) {
	t.Parallel()
	const most = 1 << 16
	b := events.NewBus(nil)
	p := newPaper(t, b, "w")
	under, release := make(chan none), make(chan none)
	must(t)(b.Once("x", func(events.Event) {
		close(under)
		<-release
	}))
	heard := 0
	must(t)(b.Listen("x", func(events.Event) { heard++ }))
	first := p.emit("x", "", "1")
	<-under
	ids := make([]uint64, most)
	for i := range ids {
		ids[i] = p.emit("x", "", "1")
	}
	over := p.emit("x", "", "1")
	if got := p.answer(over); !strings.Contains(got, `"busy"`) {
		t.Errorf("one more settles with %s", got)
	}
	close(release)
	for _, id := range append(ids, first) {
		if got := p.answer(id); got != "null" {
			t.Fatalf("an accepted one settles with %s", got)
		}
	}
	if heard != most+1 {
		t.Errorf("%d events, want %d", heard, most+1)
	}
	if got := p.answer(p.emit("x", "", "1")); got != "null" {
		t.Errorf("a later one settles with %s", got)
	}
}

// TestAListenerThatEndsItsGoroutineEndsNoMore does what t.Fatal does in a listener. The page's
// later emits must not wait for it for ever.
func TestAListenerThatEndsItsGoroutineEndsNoMore(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	p := newPaper(t, b, "w")
	heard := 0
	must(t)(b.Listen("x", func(events.Event) {
		if heard++; heard == 1 {
			runtime.Goexit()
		}
	}))
	first, second := p.emit("x", "", "1"), p.emit("x", "", "2")
	if got := p.answer(first); !strings.Contains(got, "panicked") {
		t.Errorf("the first settles with %s", got)
	}
	if got := p.answer(second); got != "null" || heard != 2 {
		t.Errorf("the second settles with %s, and %d were received", got, heard)
	}
}

func TestAPageHasABoundOnListeners(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	p := newPaper(t, b, "w")
	for i := range events.MaxPageListeners {
		p.listen(wire.ListenerID(i+1), fmt.Sprint("x", i%100), "")
	}
	if got := p.answer(p.listen(1<<20, "x", "")); !strings.Contains(got, `"busy"`) {
		t.Errorf("one more settles with %s", got)
	}
	p.unlisten(1)
	if got := p.answer(p.listen(1<<20, "y", "")); got != "null" {
		t.Errorf("after an unlisten, one settles with %s", got)
	}
	// Another page has its own limit.
	q := newPaper(t, b, "q")
	if got := q.answer(q.listen(1, "y", "")); got != "null" {
		t.Errorf("another page gets %s", got)
	}
	p.load()
	if c := b.Census(); c.PageListeners != 1 || c.Names != 1 {
		t.Errorf("left over after a reload: %+v", c)
	}
}

// TestADocumentOutOfTheHistoryListensAgain fires the events of a browser that puts a document into
// its history cache and shows it again. It would pass vacuously if Go had not forgotten the page.
func TestADocumentOutOfTheHistoryListensAgain(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	w := pagetest.Open(t, nil, busOf(b))
	w.Must(`
		globalThis.heard = [];
		await __ipc.listen('x', (e) => heard.push('one ' + e.payload));
		await __ipc.listen('x', (e) => heard.push('any ' + e.payload), {kind: 'Any'});
		await __ipc.listen('x', (e) => heard.push('once ' + e.payload), undefined, true);
		globalThis.gone = await __ipc.listen('x', (e) => heard.push('gone ' + e.payload));
		globalThis.aside = await __ipc.listen('x', (e) => heard.push('aside ' + e.payload));
		gone();`)
	first := w.Endpoint.Page().ID()
	w.Must("__fire('pagehide', {persisted: true}); aside(); return 1")
	if c := b.Census(); c.PageListeners != 0 || w.Endpoint.Page() != nil {
		t.Fatalf("Go still has the page: %+v", c)
	}
	check(t, b.Emit("x", "meanwhile"))
	w.Must("__fire('pageshow', {persisted: true}); __fire('pageshow', {persisted: false}); return 1")
	pagetest.Until(t, "the page listens again", func() bool { return b.Census().PageListeners == 3 })
	if p := w.Endpoint.Page(); p == nil || p.ID() == first {
		t.Error("it is the same page")
	}
	check(t, b.Emit("x", 1))
	check(t, b.Emit("x", 2))
	until(t, w, "heard.length >= 5")
	if got := w.Must("return heard.join()"); got != `"one 1,any 1,once 1,one 2,any 2"` {
		t.Error(got)
	}
	if w.Log.Has("console") {
		t.Errorf("logged:\n%s", w.Log)
	}
}

func TestHostileMessagesAboutEventsAreRefused(t *testing.T) {
	t.Parallel()
	log := new(pagetest.Log)
	b := events.NewBus(nil)
	p := newPaper(t, b, "w", func(o *wire.EndpointOptions) { o.Logger = slog.New(log) })
	must(t)(b.ListenAny("x", func(events.Event) { t.Error("it was received") }))
	for _, m := range []struct{ header, body string }{
		{`"kind":"listen","listener":0,"event":"x"`, ""},
		{`"kind":"listen","event":"x"`, ""},
		{`"kind":"listen","listener":-1,"event":"x"`, ""},
		{`"kind":"listen","listener":1.5,"event":"x"`, ""},
		{`"kind":"listen","listener":1,"event":1`, ""},
		{`"kind":"listen","listener":1`, ""},
		{`"kind":"listen","listener":1,"event":"x","target":"w"`, ""},
		{`"kind":"listen","listener":1,"event":"x","target":{}`, ""},
		{`"kind":"listen","listener":1,"event":"x","target":{"kind":"Window"}`, ""},
		{`"kind":"emit","event":"x"`, ""},
		{`"kind":"emit","event":"x"`, "{"},
		{`"kind":"emit","event":"x"`, "1 2"},
		{`"kind":"emit","event":"x"`, "undefined"},
		{`"kind":"emit","event":"x"`, "\"\x00\""},
		{`"kind":"emit","event":"x"`, "1]'); alert(1); ('"},
		{`"kind":"emit","event":"x","target":{"kind":"Nobody"}`, "1"},
		{`"kind":"emit","event":"casement://focus"`, "1"},
	} {
		if got := p.answer(p.ask(m.header, m.body)); !strings.Contains(got, "bad_arguments") {
			t.Errorf("%s %s: %s", m.header, m.body, got)
		}
	}
	if c := b.Census(); c.PageListeners != 0 {
		t.Errorf("%+v", c)
	}
}

// TestALateListenOfAPageThatIsGoneIsRefused would pass vacuously if the bus never saw the message.
// So the test calls the bus directly, as a message in transit would.
func TestALateListenOfAPageThatIsGoneIsRefused(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	p := newPaper(t, b, "w")
	page := p.Endpoint.Page()
	check(t, b.Pages().Listen(page, 1, "x", nil))
	p.load()
	if err := b.Pages().Listen(page, 2, "x", nil); !errors.Is(err, ipc.ErrPageGone) {
		t.Errorf("the error is %v", err)
	}
	b.Pages().Unlisten(page, 1)
	b.Pages().Gone(page)
	if c := b.Census(); c != (events.Census{Windows: 1}) {
		t.Errorf("left over: %+v", c)
	}
}

// TestEventsOfAPageAreNoScriptForAnother sends JSON that the page runtime never would: with
// carriage returns, which end a line of script, and with invalid UTF-8. Every other page that
// listens must receive it as JSON, and Go's events for that page must still arrive.
func TestEventsOfAPageAreNoScriptForAnother(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	var r ipc.Router
	ipc.Handle(&r, "answer", func(context.Context, struct{}) (int, error) { return 7, nil })
	open := func(label ipc.Label) *pagetest.Window {
		return pagetest.Open(t, nil, func(o *wire.EndpointOptions) { o.Label, o.Router = label, &r }, busOf(b))
	}
	evil, good := open("evil"), open("good")
	good.Must("globalThis.heard = []; await __ipc.listen('x', (e) => { heard.push([e.payload, e.source]); })")
	var inGo []string
	if _, err := b.Listen("x", func(e events.Event) {
		inGo = append(inGo, string(e.Payload()))
		check(t, b.Emit("y", e.Payload())) // Go emits the payload again.
	}); err != nil {
		t.Fatal(err)
	}
	good.Must("globalThis.again = []; await __ipc.listen('y', (e) => { again.push(e.payload); })")
	bodies := []string{"{\"a\":\r1}", "\r\"'\\u2028\u2028\"\r", "[\t1\r,\r2\t]", "\"\xff\xfe\"", "\"'];globalThis.owned=1;(['\"", "\"</script>\""}
	want := `[{"a":1},"'` + "\u2028\u2028" + `",[1,2],"` + "\ufffd" + `","'];globalThis.owned=1;(['","</script>"]`
	for i, body := range bodies {
		evil.Receive(fmt.Sprintf("%s\n{\"kind\":\"emit\",\"id\":%d,\"event\":\"x\"}\n%s\n", evil.Head(), 900+i, body))
	}
	// Invalid JSON is rejected, and no listener receives it.
	for i, body := range []string{"\r", "\"a\rb\"", "{\"a\"\r}", "\"\x00\"", "1\r2", "'a'"} {
		evil.Receive(fmt.Sprintf("%s\n{\"kind\":\"emit\",\"id\":%d,\"event\":\"x\"}\n%s\n", evil.Head(), 950+i, body))
	}
	evil.Must("await __ipc.emit('x', 'last')")
	until(t, good, "heard.length >= 7 && again.length >= 7")
	want = strings.TrimSuffix(want, "]") + `,"last"]`
	for _, list := range []string{"heard.map((h) => h[0])", "again"} {
		if got := good.Must("return " + list); got != want {
			t.Errorf("%s: %s, want %s", list, got, want)
		}
	}
	if got := good.Must("return [heard.every((h) => h[1] === 'evil'), typeof owned, await __ipc.invoke('answer')]"); got != `[true,"undefined",7]` {
		t.Error(got)
	}
	for _, payload := range inGo {
		if strings.ContainsAny(payload, "\r\n\t") {
			t.Errorf("Go received %q", payload)
		}
	}
	if good.Log.Has("a script failed") {
		t.Error(good.Log.String())
	}
}

// TestAPagesListenersAreCharged to its window's account until they are removed.
func TestAPagesListenersAreCharged(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	w := pagetest.Open(t, nil, busOf(b), func(o *wire.EndpointOptions) { o.MaxHeld = 100_000 })
	got := w.Must(`
		const counts = [];
		for (let round = 0; round < 3; round++) {
			const unlisten = [];
			let code;
			while (!code && unlisten.length < 5000) {
				await __ipc.listen('e'.repeat(200) + unlisten.length, () => {}).then((f) => unlisten.push(f), (e) => { code = e.code; });
			}
			counts.push(code, unlisten.length > 50 && unlisten.length < 500);
			for (const f of unlisten) f();
		}
		return counts`)
	if got != `["busy",true,"busy",true,"busy",true]` {
		t.Error(got)
	}
}
