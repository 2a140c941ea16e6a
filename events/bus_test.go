package events_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"casement/events"
	"casement/internal/pagetest"
	"casement/ipc"
)

type none = struct{}

// must returns the id of a listener, and ends the test on an error.
func must(t testing.TB) func(events.ID, error) events.ID {
	return func(id events.ID, err error) events.ID {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if id == 0 {
			t.Fatal("a listener has the id 0")
		}
		return id
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ears records the events that Go listeners receive.
type ears struct {
	mu    sync.Mutex
	heard []string
}

func (e *ears) listener(name string) func(events.Event) {
	return func(event events.Event) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.heard = append(e.heard, name+" "+string(event.Payload()))
	}
}

func (e *ears) take() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	heard := strings.Join(e.heard, ", ")
	e.heard = nil
	return heard
}

// TestANestedEmitKeepsItsTarget would pass vacuously if the inner emits reached no window, so each
// must reach its own.
func TestANestedEmitKeepsItsTarget(t *testing.T) {
	t.Parallel()
	var e ears
	b := events.NewBus(nil)
	for _, label := range []ipc.Label{"a", "b", "c"} {
		b.OpenWindow(label)
		must(t)(b.ListenWindow(label, "inner", e.listener(string(label))))
		must(t)(b.ListenWindow(label, "outer", func(events.Event) {
			check(t, b.EmitTo(label, "inner", "to "+label))
			check(t, b.EmitFilter("inner", "filtered "+label, func(t events.Target) bool { return t.Label == label }))
		}))
	}
	check(t, b.EmitTo("b", "outer", nil))
	if got := e.take(); got != `b "to b", b "filtered b"` {
		t.Error(got)
	}
	check(t, b.EmitFilter("outer", nil, func(t events.Target) bool { return t.Label == "a" || t.Label == "c" }))
	if got := e.take(); got != `a "to a", a "filtered a", c "to c", c "filtered c"` {
		t.Error(got)
	}
	check(t, b.Emit("outer", nil))
	if got := e.take(); got != `a "to a", a "filtered a", b "to b", b "filtered b", c "to c", c "filtered c"` {
		t.Error(got)
	}
}

// TestConcurrentEmitsKeepTheirTargets would pass vacuously if the emits did not overlap. So a
// filter and a listener yield, and all targets are in use at once.
func TestConcurrentEmitsKeepTheirTargets(t *testing.T) {
	t.Parallel()
	const emitters, each = 8, 300
	b := events.NewBus(nil)
	var right, wrong atomic.Int64
	papers := make([]*paper, emitters)
	for i := range emitters {
		label := ipc.Label(fmt.Sprint("w", i))
		papers[i] = newPaper(t, b, label)
		papers[i].listen(1, "aimed", "")
		must(t)(b.ListenWindow(label, "aimed", func(e events.Event) {
			runtime.Gosched()
			if string(e.Payload()) == fmt.Sprint(i) {
				right.Add(1)
			} else {
				wrong.Add(1)
			}
		}))
	}
	must(t)(b.Listen("aimed", func(events.Event) { wrong.Add(1) }))
	var all sync.WaitGroup
	for i := range emitters {
		label := ipc.Label(fmt.Sprint("w", i))
		all.Go(func() {
			for n := range each {
				var err error
				if n%2 == 0 {
					err = b.EmitTo(label, "aimed", i)
				} else {
					err = b.EmitFilter("aimed", i, func(t events.Target) bool { runtime.Gosched(); return t.Label == label })
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if right.Load() != emitters*each || wrong.Load() != 0 {
		t.Errorf("%d received by their targets and %d by others, want %d and 0", right.Load(), wrong.Load(), emitters*each)
	}
	for i, p := range papers {
		notes := p.notes()
		if len(notes) != each {
			t.Errorf("the page of window %d heard %d events, want %d", i, len(notes), each)
		}
		for _, n := range notes {
			if n.payload != fmt.Sprint(i) {
				t.Errorf("the page of window %d heard %v", i, n)
			}
		}
	}
}

// TestOnceIsOnce would pass vacuously if the listener received nothing, so it requires exactly one
// event; and if the concurrent emits ran one after the other, so they wait for each other.
func TestOnceIsOnce(t *testing.T) {
	t.Parallel()
	listen := map[string]func(*events.Bus, string, func(events.Event)) (events.ID, error){
		"app":    (*events.Bus).Once,
		"window": func(b *events.Bus, n string, f func(events.Event)) (events.ID, error) { return b.OnceWindow("w", n, f) },
	}
	for name, once := range listen {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := events.NewBus(nil)
			b.OpenWindow("w")
			var count atomic.Int64
			t.Run("three quick ones", func(t *testing.T) {
				id := must(t)(once(b, "quick", func(events.Event) { count.Add(1) }))
				for range 3 {
					check(t, b.Emit("quick", nil))
				}
				if n := count.Swap(0); n != 1 {
					t.Errorf("%d times", n)
				}
				if b.Unlisten(id) {
					t.Error("it still listens")
				}
			})
			t.Run("the handler emits", func(t *testing.T) {
				must(t)(once(b, "nested", func(events.Event) {
					count.Add(1)
					check(t, b.Emit("nested", nil))
				}))
				check(t, b.Emit("nested", nil))
				check(t, b.Emit("nested", nil))
				if n := count.Swap(0); n != 1 {
					t.Errorf("%d times", n)
				}
			})
			t.Run("the handler panics", func(t *testing.T) {
				must(t)(once(b, "panics", func(events.Event) {
					count.Add(1)
					panic("on purpose")
				}))
				check(t, b.Emit("panics", nil))
				check(t, b.Emit("panics", nil))
				if n := count.Swap(0); n != 1 {
					t.Errorf("%d times", n)
				}
			})
			t.Run("at once from eight goroutines", func(t *testing.T) {
				// The gate opens when all emits have seen the listener.
				var gate sync.WaitGroup
				id := must(t)(b.ListenAny("raced", func(events.Event) {
					gate.Done()
					gate.Wait()
				}))
				for round := range 100 {
					must(t)(once(b, "raced", func(events.Event) { count.Add(1) }))
					var all sync.WaitGroup
					gate.Add(8)
					for range 8 {
						all.Go(func() { _ = b.Emit("raced", nil) })
					}
					all.Wait()
					if n := count.Swap(0); n != 1 {
						t.Fatalf("round %d: %d times", round, n)
					}
				}
				b.Unlisten(id)
			})
			if c := b.Census(); c != (events.Census{Windows: 1}) {
				t.Errorf("left over: %+v", c)
			}
		})
	}
}

// TestListenersRunInTheOrderOfRegistration registers a hundred. With few, a random order would pass
// now and then.
func TestListenersRunInTheOrderOfRegistration(t *testing.T) {
	t.Parallel()
	var e ears
	b := events.NewBus(nil)
	b.OpenWindow("w")
	var want []string
	ids := map[int]events.ID{}
	for i := range 100 {
		name := fmt.Sprint(i)
		switch i % 4 {
		case 0:
			ids[i] = must(t)(b.Listen("x", e.listener(name)))
		case 1:
			ids[i] = must(t)(b.ListenWindow("w", "x", e.listener(name)))
		case 2:
			ids[i] = must(t)(b.ListenAny("x", e.listener(name)))
		case 3:
			must(t)(b.Once("x", e.listener(name)))
		}
		want = append(want, name+" 0")
	}
	check(t, b.Emit("x", 0))
	if got := e.take(); got != strings.Join(want, ", ") {
		t.Errorf("%s", got)
	}
	// The remaining listeners keep their places. A listener that is added again goes last.
	want = want[:0]
	for i := range 100 {
		switch {
		case i%8 == 0:
			b.Unlisten(ids[i])
		case i%4 != 3:
			want = append(want, fmt.Sprint(i)+" 1")
		}
	}
	must(t)(b.Listen("x", e.listener("0")))
	want = append(want, "0 1")
	check(t, b.Emit("x", 1))
	if got := e.take(); got != strings.Join(want, ", ") {
		t.Errorf("%s", got)
	}
}

func TestAListenerThatPanicsDoesNotStopTheRest(t *testing.T) {
	t.Parallel()
	var e ears
	log := new(pagetest.Log)
	b := events.NewBus(slog.New(log))
	for _, v := range []any{"a text", errors.New("an error"), nil} {
		must(t)(b.Listen("x", func(events.Event) { panic(v) }))
		must(t)(b.Listen("x", func(events.Event) { var p *int; *p++ }))
		must(t)(b.Listen("x", e.listener("after")))
	}
	for range 2 {
		if err := b.Emit("x", 1); err != nil {
			t.Errorf("a listener's panic is an error of the emit: %v", err)
		}
		if got := e.take(); got != "after 1, after 1, after 1" {
			t.Error(got)
		}
	}
	if n := log.Count("a listener panicked"); n != 12 {
		t.Errorf("%d panics are logged, want 12", n)
	}
	if !log.Has("bus_test.go") {
		t.Error("the stack is not logged")
	}
}

func TestAFilterThatPanicsLeavesTheBusUsable(t *testing.T) {
	t.Parallel()
	var e ears
	b := events.NewBus(nil)
	must(t)(b.Listen("x", e.listener("app")))
	func() {
		defer func() { _ = recover() }()
		_ = b.EmitFilter("x", 1, func(events.Target) bool { panic("on purpose") })
	}()
	check(t, b.Emit("x", 2))
	if got := e.take(); got != "app 2" {
		t.Error(got)
	}
}

// TestAListenerMayListenUnlistenAndEmit would hang if a lock were held during a call.
func TestAListenerMayListenUnlistenAndEmit(t *testing.T) {
	t.Parallel()
	var e ears
	b := events.NewBus(nil)
	b.OpenWindow("w")
	var self, later events.ID
	self = must(t)(b.Listen("x", func(event events.Event) {
		if event.ID != self {
			t.Errorf("the event's id is %d, want %d", event.ID, self)
		}
		e.listener("first")(event)
		if !b.Unlisten(self) || !b.Unlisten(later) || b.Unlisten(self) {
			t.Error("Unlisten returns a wrong result")
		}
		must(t)(b.Listen("x", e.listener("new")))
		must(t)(b.ListenWindow("w", "y", e.listener("window")))
		check(t, b.Emit("y", "nested"))
		check(t, b.EmitFilter("y", "filtered", func(target events.Target) bool {
			must(t)(b.Once("z", e.listener("once")))
			check(t, b.Emit("z", target.String()))
			return !target.IsApp()
		}))
		b.CloseWindow("w")
	}))
	later = must(t)(b.Listen("x", e.listener("unlistened")))
	must(t)(b.ListenWindow("w", "x", e.listener("closed")))
	must(t)(b.Listen("x", e.listener("last")))
	check(t, b.Emit("x", 1))
	want := `first 1, window "nested", once "app", once "window \"w\"", window "filtered", last 1`
	if got := e.take(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	check(t, b.Emit("x", 2))
	if got := e.take(); got != "last 2, new 2" {
		t.Error(got)
	}
}

func TestUnlistenReportsWhetherTheListenerExisted(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	b.OpenWindow("w")
	one := must(t)(b.Listen("x", func(events.Event) {}))
	two := must(t)(b.ListenWindow("w", "x", func(events.Event) {}))
	once := must(t)(b.Once("x", func(events.Event) {}))
	if one == two || two == once || one == once {
		t.Error("two listeners have the same id")
	}
	if b.Unlisten(0) || b.Unlisten(once+1) {
		t.Error("an unknown listener exists")
	}
	if !b.Unlisten(one) || b.Unlisten(one) {
		t.Error("it does not exist once, or exists twice")
	}
	b.CloseWindow("w")
	if b.Unlisten(two) {
		t.Error("a closed window's listener exists")
	}
	if !b.Unlisten(once) || b.Unlisten(once) {
		t.Error("a once does not exist once, or exists twice")
	}
	if c := b.Census(); c != (events.Census{}) {
		t.Errorf("left over: %+v", c)
	}
}

// TestAfterUnlistenAListenerIsNotCalled emits all the time. Only a call that began before Unlisten
// returned may still run.
func TestAfterUnlistenAListenerIsNotCalled(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	stop := make(chan none)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					_ = b.Emit("x", nil)
				}
			}
		})
	}
	heard := 0
	for range 40 {
		var over, late atomic.Bool
		var calls atomic.Int64
		began := make(chan none, 1)
		id := must(t)(b.Listen("x", func(events.Event) {
			late.CompareAndSwap(false, over.Load())
			calls.Add(1)
			select {
			case began <- none{}:
			default:
			}
		}))
		<-began
		b.Unlisten(id)
		// A call may have begun earlier and not have checked yet.
		before := calls.Load()
		over.Store(true)
		heard += int(before)
		for range 20 {
			_ = b.Emit("x", nil)
		}
		if calls.Load() > before+4 {
			t.Fatalf("%d calls after Unlisten, more than the other emitters", calls.Load()-before)
		}
	}
	close(stop)
	all.Wait()
	if heard == 0 {
		t.Error("no event was received")
	}
}

func TestAWindowsListenersEndWithIt(t *testing.T) {
	t.Parallel()
	var e ears
	b := events.NewBus(nil)
	listen := func(label ipc.Label, name string) (events.ID, error) {
		return b.ListenWindow(label, "x", e.listener(name))
	}
	if _, err := listen("w", "early"); err == nil {
		t.Error("listening on a window that is not open succeeds")
	}
	b.OpenWindow("w")
	b.OpenWindow("w")
	b.OpenWindow("other")
	must(t)(listen("w", "w"))
	must(t)(listen("other", "other"))
	must(t)(b.OnceWindow("w", "x", e.listener("once")))
	b.CloseWindow("w")
	b.CloseWindow("w")
	check(t, b.Emit("x", 1))
	if got := e.take(); got != "other 1" {
		t.Error(got)
	}
	if _, err := listen("w", "late"); err == nil {
		t.Error("listening on a closed window succeeds")
	}
	// A new window with the label starts without listeners.
	b.OpenWindow("w")
	check(t, b.EmitTo("w", "x", 2))
	must(t)(listen("w", "new"))
	check(t, b.EmitTo("w", "x", 3))
	if got := e.take(); got != "new 3" {
		t.Error(got)
	}
}

// A counted counts its marshalling.
type counted struct{ times *atomic.Int64 }

func (c counted) MarshalJSON() ([]byte, error) {
	c.times.Add(1)
	return []byte(`"counted"`), nil
}

// TestAPayloadIsMarshalledOnce would pass vacuously if it reached no listener, so all must receive
// it.
func TestAPayloadIsMarshalledOnce(t *testing.T) {
	t.Parallel()
	var e ears
	b := events.NewBus(nil)
	var papers []*paper
	for i := range 5 {
		p := newPaper(t, b, ipc.Label(fmt.Sprint("w", i)))
		p.listen(1, "x", "")
		p.listen(2, "x", `{"kind":"Any"}`)
		papers = append(papers, p)
		must(t)(b.Listen("x", e.listener("go")))
	}
	for name, emit := range map[string]func(any) error{
		"Emit":       func(v any) error { return b.Emit("x", v) },
		"EmitFilter": func(v any) error { return b.EmitFilter("x", v, func(events.Target) bool { return true }) },
		"Retain":     func(v any) error { return b.Emit("x", v, events.Retain()) },
	} {
		var times atomic.Int64
		check(t, emit(counted{&times}))
		for _, p := range papers {
			if got := fmt.Sprint(p.notes()); got != `[[1 2] "counted" from null]` {
				t.Errorf("%s: a page heard %s", name, got)
			}
		}
		if got := e.take(); strings.Count(got, `go "counted"`) != 5 {
			t.Errorf("%s: Go heard %s", name, got)
		}
		if n := times.Load(); n != 1 {
			t.Errorf("%s: it was marshalled %d times", name, n)
		}
	}
}

// TestAWindowThatDoesNotListenCostsNothing would pass vacuously if the scripts were not counted, so
// one window listens.
func TestAWindowThatDoesNotListenCostsNothing(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	deaf := newPaper(t, b, "deaf")
	other := newPaper(t, b, "other") // listens for another event
	aside := newPaper(t, b, "aside") // listens on another target
	past := newPaper(t, b, "past")   // listened earlier
	all := newPaper(t, b, "all")
	other.listen(1, "y", `{"kind":"Any"}`)
	aside.listen(1, "x", `{"kind":"App"}`)
	past.listen(1, "x", "")
	all.listen(1, "x", "")
	for _, p := range []*paper{deaf, other, aside, past, all} {
		p.run()
	}
	past.unlisten(1)
	before := []int{deaf.Scripts, other.Scripts, aside.Scripts, past.Scripts}
	for i := range 100 {
		check(t, b.EmitFilter("x", i, func(target events.Target) bool { return !target.IsApp() }))
		check(t, b.EmitTo("past", "x", i))
	}
	if n := len(all.notes()); n != 100 {
		t.Fatalf("the window that listens heard %d events, want 100", n)
	}
	after := make([]int, 0, 4)
	for _, p := range []*paper{deaf, other, aside, past} {
		if p.Posts() > 0 {
			t.Errorf("something is posted to window %q", p.label)
		}
		p.run()
		after = append(after, p.Scripts)
	}
	if !slices.Equal(before, after) {
		t.Errorf("scripts before %v, after %v", before, after)
	}
}

// A refusing can't be marshalled.
type refusing struct{ panics bool }

func (r refusing) MarshalJSON() ([]byte, error) {
	if r.panics {
		panic("on purpose")
	}
	return nil, errors.New("no")
}

type invalid struct{}

func (invalid) MarshalJSON() ([]byte, error) { return []byte(`{"a":`), nil }

type cycle struct{ Next *cycle }

// TestABadPayloadIsAnError also retains each payload: none may be kept.
func TestABadPayloadIsAnError(t *testing.T) {
	t.Parallel()
	var e ears
	b := events.NewBus(nil)
	must(t)(b.ListenAny("x", e.listener("go")))
	p := newPaper(t, b, "w")
	p.listen(1, "x", "")
	round := &cycle{}
	round.Next = round
	for name, payload := range map[string]any{
		"func": func() {}, "chan": make(chan int), "complex": 1i, "NaN": math.NaN(), "infinity": math.Inf(1),
		"int64 beyond 2^53": int64(1) << 60, "uint64 beyond 2^53": []uint64{1 << 53}, "error": refusing{}, "panic": refusing{true},
		"invalid": invalid{}, "raw": json.RawMessage(`{"a":1`), "raw of two": json.RawMessage(`1 2`), "empty raw": json.RawMessage{},
		"deep": map[string]any{"a": []any{make(chan int)}}, "cycle": round, "func key": map[complex64]int{1: 1},
	} {
		for how, emit := range map[string]func() error{
			"Emit":       func() error { return b.Emit("x", payload, events.Retain()) },
			"EmitTo":     func() error { return b.EmitTo("w", "x", payload, events.Retain()) },
			"EmitFilter": func() error { return b.EmitFilter("x", payload, func(events.Target) bool { return true }) },
			"Announce":   func() error { return b.Announce("", "x", payload, events.Retain()) },
		} {
			if emit() == nil {
				t.Errorf("%s of %s returns no error", how, name)
			}
		}
	}
	if got := e.take(); got != "" || len(p.notes()) > 0 {
		t.Errorf("received: %s", got)
	}
	if c := b.Census(); c.Retained != 0 {
		t.Errorf("%d payloads are retained", c.Retained)
	}
	check(t, b.Emit("x", "good"))
	if got := e.take(); got != `go "good"` {
		t.Error(got)
	}
}

// TestPayloadsArriveAsJSON sends each payload to Go and to a page.
func TestPayloadsArriveAsJSON(t *testing.T) {
	t.Parallel()
	var e ears
	b := events.NewBus(nil)
	must(t)(b.Listen("x", e.listener("go")))
	p := newPaper(t, b, "w")
	p.listen(1, "x", "")
	for _, c := range []struct {
		payload any
		want    string
	}{
		{nil, `null`}, {none{}, `null`}, {(*int)(nil), `null`}, {map[string]int(nil), `null`}, {error(nil), `null`},
		{0, `0`}, {false, `false`}, {"", `""`}, {[]int{}, `[]`}, {map[string]int{}, `{}`}, {int64(1<<53 - 1), `9007199254740991`},
		{json.RawMessage(`{"__proto__":{"a":1}}`), `{"__proto__":{"a":1}}`}, {json.RawMessage(` "a" `), `"a"`},
		{`\'"` + "`$", `"\\'\"` + "`$\""}, {"\x00\x7f\n", "\"\\u0000\x7f\\n\""}, {"日本 😀", `"日本 😀"`}, {"</script><!--", `"</script><!--"`},
		{[]byte("ab"), `"YWI="`}, {1.5, `1.5`}, {"a\xffb", `"a` + "\\ufffd" + `b"`},
	} {
		check(t, b.Emit("x", c.payload))
		if got := e.take(); got != "go "+c.want {
			t.Errorf("%#v: Go heard %q, want %q", c.payload, got, c.want)
		}
		notes := p.notes()
		if len(notes) != 1 || notes[0].payload != c.want {
			t.Errorf("%#v: the page heard %q, want %q", c.payload, notes, c.want)
		}
	}
}

// TestAPayloadIsMarshalledBeforeEmitReturns would pass vacuously if nothing arrived.
func TestAPayloadIsMarshalledBeforeEmitReturns(t *testing.T) {
	t.Parallel()
	var e ears
	b := events.NewBus(nil)
	p := newPaper(t, b, "w")
	p.listen(1, "x", "")
	raw := json.RawMessage(`[1,2]`)
	check(t, b.Emit("x", raw, events.Retain()))
	copy(raw, "broken")
	must(t)(b.Listen("x", e.listener("go")))
	if got := e.take() + fmt.Sprint(p.notes()); got != "go [1,2][[1] [1,2] from null]" {
		t.Error(got)
	}
}

func TestEventUnmarshal(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	ran := false
	must(t)(b.Listen("x", func(e events.Event) {
		var text string
		if err := e.Unmarshal(&text); err == nil || !strings.Contains(err.Error(), "the payload of x") {
			t.Errorf("the error is %v", err)
		}
		var n int
		check(t, e.Unmarshal(&n))
		ran = n == 7 && e.Name == "x" && e.Source == ""
	}))
	check(t, b.Emit("x", 7))
	if !ran {
		t.Error("it did not arrive")
	}
}

// TestBusesAreIndependent would pass vacuously if neither bus received its own event.
func TestBusesAreIndependent(t *testing.T) {
	t.Parallel()
	var e ears
	one, two := events.NewBus(nil), events.NewBus(nil)
	must(t)(one.ListenAny("x", e.listener("one")))
	must(t)(two.ListenAny("x", e.listener("two")))
	check(t, one.Emit("x", 1))
	check(t, two.Emit("x", 2))
	if got := e.take(); got != "one 1, two 2" {
		t.Error(got)
	}
}
