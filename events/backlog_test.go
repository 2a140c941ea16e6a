package events_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"casement/events"
	"casement/internal/wire"
	"casement/ipc"
)

// TestAFullBacklogIsAnErrorAndLosesNothingElse would pass vacuously if the bound were never
// reached, or if accepted events did not arrive.
func TestAFullBacklogIsAnErrorAndLosesNothingElse(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	slow := newPaper(t, b, "slow", func(o *wire.EndpointOptions) { o.MaxBacklog = 10_000 })
	deaf := newPaper(t, b, "deaf", func(o *wire.EndpointOptions) { o.MaxBacklog = 10_000 })
	quick := newPaper(t, b, "quick")
	for _, p := range []*paper{slow, quick} {
		p.listen(1, "x", "")
		p.run()
	}
	deaf.listen(1, "y", "")
	goes := 0
	must(t)(b.Listen("x", func(events.Event) { goes++ }))
	var accepted []string
	refused := 0
	for i := range 2000 {
		err := b.Emit("x", i)
		switch {
		case err == nil:
			accepted = append(accepted, fmt.Sprint(i))
		case errors.Is(err, ipc.ErrBacklog) && strings.Contains(err.Error(), `x for window "slow"`) && !strings.Contains(err.Error(), "quick"):
			refused++
		default:
			t.Fatal(err)
		}
		if i == 1500 {
			// There is room again.
			for _, n := range slow.notes() {
				if n.payload != accepted[0] {
					t.Fatalf("the slow page heard %v, want %s", n, accepted[0])
				}
				accepted = accepted[1:]
			}
			if len(accepted) > 0 {
				t.Errorf("%d accepted events have not arrived", len(accepted))
			}
		}
	}
	if refused == 0 || goes != 2000 {
		t.Errorf("%d were refused, and Go received %d", refused, goes)
	}
	notes := slow.notes()
	for at, n := range notes {
		if at >= len(accepted) || n.payload != accepted[at] {
			t.Fatalf("the slow page heard %v at %d", n, at)
		}
	}
	if len(notes) != len(accepted) {
		t.Errorf("%d of %d accepted events arrived", len(notes), len(accepted))
	}
	if n := len(quick.notes()); n != 2000 {
		t.Errorf("the quick page heard %d events, want 2000", n)
	}
	if n := len(deaf.notes()); n != 0 {
		t.Errorf("the deaf page heard %d events", n)
	}
}

func TestAnEmitForAFullPageRejects(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	slow := newPaper(t, b, "slow", func(o *wire.EndpointOptions) { o.MaxBacklog = 1000 })
	quick := newPaper(t, b, "quick")
	slow.listen(1, "x", "")
	slow.run()
	check(t, b.Emit("x", strings.Repeat("x", 990)))
	if got := quick.answer(quick.emit("x", "", `"much too much"`)); !strings.Contains(got, `"busy"`) || !strings.Contains(got, "slow") {
		t.Errorf("the emit settles with %s", got)
	}
	slow.run()
	if got := quick.answer(quick.emit("x", "", `"now it fits"`)); got != "null" {
		t.Errorf("then it settles with %s", got)
	}
}

// TestAHundredThousandEventsForABlockedPage checks the comment of DefaultMaxBacklog. The tests of
// the shell run it with a real page that hangs.
func TestAHundredThousandEventsForABlockedPage(t *testing.T) {
	t.Parallel()
	const count = 100_000
	b := events.NewBus(nil)
	p := newPaper(t, b, "w")
	p.listen(1, "x", "")
	p.run()
	// 50 bytes with its quotes.
	payload := func(i int) string { return fmt.Sprintf("%048d", i) }
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range count {
		check(t, b.Emit("x", payload(i)))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	// Other tests run at the same time.
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 64<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
	notes := p.notes()
	if len(notes) != count {
		t.Fatalf("%d events arrived, want %d", len(notes), count)
	}
	for i, n := range notes {
		if n.payload != `"`+payload(i)+`"` {
			t.Fatalf("got %v, want %d", n, i)
		}
	}
}

// TestAllWindowsSeeOneOrder would pass vacuously if no other emit came between the windows' turns.
// So some emits are delayed at a window until the others wait for it.
func TestAllWindowsSeeOneOrder(t *testing.T) {
	t.Parallel()
	const emitters, each = 8, 1000
	b := events.NewBus(nil)
	papers := []*paper{newPaper(t, b, "a"), newPaper(t, b, "b"), newPaper(t, b, "c")}
	var posts atomic.Int64
	for i, p := range papers {
		p.Posted = func() {
			if posts.Add(1)%3 == 0 {
				time.Sleep(2 * time.Millisecond) // After one, Go's mutexes serve waiters in order.
			}
		}
		p.listen(1, "x", "")
		p.listen(2, "x", fmt.Sprintf(`{"kind":"Window","label":"%c"}`, 'a'+(i+1)%3))
	}
	var writers sync.WaitGroup
	for g := range emitters {
		writers.Go(func() {
			for i := range each {
				if err := b.Emit("x", g*each+i); err != nil {
					t.Error(err)
				}
				if i%10 == g {
					papers[g%3].run() // So that the next emit posts again.
				}
			}
		})
	}
	writers.Wait()
	if posts.Load() < 100 {
		t.Errorf("only %d emits were delayed", posts.Load()/3)
	}
	first := papers[0].notes()
	if len(first) != emitters*each {
		t.Fatalf("%d events, want %d", len(first), emitters*each)
	}
	for _, p := range papers[1:] {
		if got := p.notes(); fmt.Sprint(got) != fmt.Sprint(first) {
			t.Errorf("window %q got another order", p.label)
		}
	}
	next := [emitters]int{}
	for _, n := range first {
		var v int
		_, _ = fmt.Sscan(n.payload, &v)
		if g := v / each; v%each != next[g] {
			t.Fatalf("got %d, want %d", v, g*each+next[g])
		}
		next[v/each]++
	}
}
