package wire_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	json "github.com/goccy/go-json"

	"casement/internal/wire"
	"casement/ipc"
)

// heapOf returns the live heap that f allocates, in bytes.
func heapOf(f func()) int {
	live := func() int {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc)
	}
	before := live()
	f()
	return live() - before
}

// A keeper is a receiver that keeps its values until its command returns.
type keeper struct{ values []wire.Value }

func (k *keeper) Receive(v wire.Value) error { k.values = append(k.values, v); return nil }
func (k *keeper) Ended(error)                {}
func (k *keeper) Over() {
	for _, v := range k.values {
		v.Release()
	}
	k.values = nil
}

// A deafBus blocks in Emit until it is released.
type deafBus struct{ release chan none }

func (deafBus) Listen(p *wire.Page, _ wire.ListenerID, event string, _ json.RawMessage) error {
	return p.Hold(100 + len(event))
}
func (deafBus) Unlisten(*wire.Page, wire.ListenerID) {}
func (deafBus) Gone(*wire.Page)                      {}
func (b deafBus) Emit(*wire.Page, string, json.RawMessage, wire.Payload) error {
	<-b.release
	return nil
}

// holding returns a window with a limit for held memory, and a channel that releases its commands
// and listeners. The command "hold" owns sink 1 and its values, and blocks until then.
func holding(t *testing.T, limit int) (p *paper, release chan none) {
	release = make(chan none)
	var r ipc.Router
	ipc.Handle(&r, "hold", func(ctx context.Context, _ json.RawMessage) (none, error) {
		_ = wire.CallFrom(ctx).AttachReceiver(1, new(keeper)) // An error means that there is no sink 1.
		<-release
		return none{}, nil
	})
	p = newPaper(t, &r, withUploads, func(o *wire.EndpointOptions) {
		o.MaxHeld, o.Bus = limit, deafBus{release}
	})
	t.Cleanup(func() {
		select {
		case <-release:
		default:
			close(release)
		}
	})
	return p, release
}

// TestHeldMemoryIsBounded floods Go in every way. The counted memory stays within the limit, and
// most of the limit must be reached, or the test shows nothing. The heap grows by no more than the
// counted memory, and at the end nothing is held.
func TestHeldMemoryIsBounded(t *testing.T) { // Not parallel: it measures the heap.
	const limit = 4 << 20
	text := strings.Repeat("x", 1000)
	ids := func(from, n int) string {
		all := make([]string, n)
		for i := range all {
			all[i] = fmt.Sprint(from + i)
		}
		return strings.Join(all, ",")
	}
	for name, flood := range map[string]struct {
		times int
		one   func(p *paper, n int)
	}{
		"calls": {15_000, func(p *paper, n int) {
			p.Receive(fmt.Sprintf(`{"kind":"call","id":%d,"command":"hold"}`, n), `{"a":"`+text+`"}`)
		}},
		"small calls": {15_000, func(p *paper, n int) {
			p.Receive(fmt.Sprintf(`{"kind":"call","id":%d,"command":"hold"}`, n), "1")
		}},
		"headers": {500, func(p *paper, n int) {
			p.Receive(fmt.Sprintf(`{"kind":"call","id":%d,"command":"hold","headers":{"a":"%s"}}`, n, strings.Repeat("x", 60_000)), "1")
		}},
		"many headers": {500, func(p *paper, n int) {
			p.Receive(fmt.Sprintf(`{"kind":"call","id":%d,"command":"hold","headers":{"%s":""}}`, n, strings.ReplaceAll(ids(0, 1000), ",", `":"","`)), "1")
		}},
		"unused fields of a header": {500, func(p *paper, n int) {
			p.Receive(fmt.Sprintf(`{"kind":"call","id":%d,"command":"hold","z":"%s"}`, n, strings.Repeat("x", 60_000)), "1")
		}},
		"channels": {25, func(p *paper, n int) {
			p.Receive(fmt.Sprintf(`{"kind":"call","id":%d,"command":"hold","channels":[%s]}`, n, ids(n*5000, 5000)), "1")
		}},
		"sinks": {25, func(p *paper, n int) {
			p.Receive(fmt.Sprintf(`{"kind":"call","id":%d,"command":"hold","sinks":[%s]}`, n, ids(n*5000, 5000)), "1")
		}},
		"one channel many times": {500, func(p *paper, n int) {
			p.Receive(fmt.Sprintf(`{"kind":"call","id":%d,"command":"hold","channels":[%s1]}`, n, strings.Repeat("1,", 25_000)), "1")
		}},
		"a small body beside a large one": {8000, func(p *paper, n int) {
			p.Endpoint.Receive(fmt.Appendf(nil, "%s %s\n{\"kind\":\"call\",\"id\":%d,\"command\":\"hold\"}\n1\n{\"kind\":\"call\",\"id\":0}\n\"%s\"\n",
				p.Key, p.Page, n, strings.Repeat("x", 20_000)))
		}},
		"bodies that do not come": {15_000, func(p *paper, n int) {
			p.Receive(fmt.Sprintf(`{"kind":"call","id":%d,"command":"hold","uploaded":%d}`, n, n), "")
		}},
		"bodies that come": {15_000, func(p *paper, n int) {
			_ = p.Endpoint.Upload(fmt.Sprint(p.Key, " ", p.Page, " ", n), []byte(`"`+text+`"`))
			p.Receive(fmt.Sprintf(`{"kind":"call","id":%d,"command":"hold","uploaded":%d}`, n, n), "")
		}},
		"bodies that come late": {15_000, func(p *paper, n int) {
			p.Receive(fmt.Sprintf(`{"kind":"call","id":%d,"command":"hold","uploaded":%d}`, n, n), "")
			_ = p.Endpoint.Upload(fmt.Sprint(p.Key, " ", p.Page, " ", n), []byte(`"`+text+`"`))
		}},
		"unnamed uploads": {15_000, func(p *paper, n int) {
			_ = p.Endpoint.Upload(fmt.Sprint(p.Key, " ", p.Page, " ", n), []byte(text))
		}},
		"empty uploads": {50_000, func(p *paper, n int) {
			_ = p.Endpoint.Upload(fmt.Sprint(p.Key, " ", p.Page, " ", n), nil)
		}},
		"many sinks of one call": {60_000, func(p *paper, n int) {
			if n == 1 {
				p.Receive(`{"kind":"call","id":1,"command":"hold","sinks":[`+ids(1, 100)+`]}`, "1")
			}
			p.Receive(fmt.Sprintf(`{"kind":"push","channel":%d}`, 1+n%100), "[1]")
		}},
		"values that are large": {50, func(p *paper, n int) {
			if n == 1 {
				p.Receive(`{"kind":"call","id":1,"command":"hold","sinks":[`+ids(1, 100)+`]}`, "1")
			}
			p.Receive(fmt.Sprintf(`{"kind":"push","channel":%d}`, 1+n%100), `"`+strings.Repeat("x", 200_000)+`"`)
		}},
		"values behind bodies that do not come": {60_000, func(p *paper, n int) {
			if n == 1 {
				p.Receive(`{"kind":"call","id":1,"command":"hold","sinks":[`+ids(1, 100)+`]}`, "1")
			}
			p.Receive(fmt.Sprintf(`{"kind":"push","channel":%d,"uploaded":%d}`, 1+n%100, n), "")
		}},
		"events": {15_000, func(p *paper, n int) {
			p.Receive(fmt.Sprintf(`{"kind":"emit","id":%d,"event":"e"}`, n), `"`+text+`"`)
		}},
		"events with names": {500, func(p *paper, n int) {
			p.Receive(fmt.Sprintf(`{"kind":"emit","id":%d,"event":"%s","target":{"kind":"%[2]s"}}`, n, strings.Repeat("e", 20_000)), "1")
		}},
		"listeners": {15_000, func(p *paper, n int) {
			p.Receive(fmt.Sprintf(`{"kind":"listen","id":%d,"listener":%d,"event":"%s"}`, n, n, strings.Repeat("e", 900)), "")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p, release := holding(t, limit)
			p.Deaf = true
			most := 0
			heap := heapOf(func() {
				for n := 1; n <= flood.times; n++ {
					flood.one(p, n)
					if n%256 == 0 {
						p.Run()
					}
					if held := p.Endpoint.Held(); held > limit {
						t.Fatalf("%d bytes are held", held)
					} else {
						most = max(most, held)
					}
				}
				p.Run()
				if backlog := p.Endpoint.Page().Backlog(); backlog > 1<<20 { // Refusals, which the page does not read.
					p.Endpoint.Page().DropBacklog()
				}
			})
			if most < limit*9/10 {
				t.Errorf("at most %d bytes were held: the limit was not reached", most)
			}
			// Goroutine stacks are not part of this heap. MaxCalls bounds them.
			if heap > 2*limit {
				t.Errorf("%d MiB of heap, but only %d MiB counted", heap>>20, p.Endpoint.Held()>>20)
			}
			runtime.KeepAlive(p)
			close(release)
			p.Endpoint.Gone()
			p.Endpoint.Wait()
			if held := p.Endpoint.Held(); held != 0 {
				t.Errorf("%d bytes are held at the end", held)
			}
		})
	}
}

// Neither are the bodies that such values name.
func TestValuesForUnknownSinksAreNotKept(t *testing.T) {
	t.Parallel()
	p, _ := holding(t, 0)
	for n := 1; n <= 1000; n++ {
		upload := func() {
			if err := p.Endpoint.Upload(fmt.Sprint(p.Key, " ", p.Page, " ", n), make([]byte, 1000)); err != nil {
				t.Fatal(err)
			}
		}
		if n%2 == 0 {
			upload()
		}
		p.Receive(fmt.Sprintf(`{"kind":"push","channel":%d,"uploaded":%d}`, n%7+1, n), "")
		if n%2 == 1 {
			upload()
		}
		p.Receive(fmt.Sprintf(`{"kind":"push","channel":%d}`, n%7+1), "1")
	}
	if held := p.Endpoint.Held(); held != 0 {
		t.Errorf("%d bytes are held", held)
	}
}

// TestHeldMemoryIsReleased sends more in total, one call after the other, than may be held at a
// time.
func TestHeldMemoryIsReleased(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	ipc.Handle(&r, "take", func(ctx context.Context, data []byte) (int, error) {
		return len(data), wire.CallFrom(ctx).AttachReceiver(wire.ChannelID(len(data)), new(keeper))
	})
	p := newPaper(t, &r, withUploads, func(o *wire.EndpointOptions) { o.MaxHeld, o.Bus = 100_000, nothingBus{} })
	for n := 1; n <= 500; n++ {
		size := 1000 + n
		p.Receive(fmt.Sprintf(`{"kind":"call","id":%d,"command":"take","body":"bytes","uploaded":%d,"channels":[%d],"sinks":[%d]}`, n, n, n, size), "")
		p.Receive(fmt.Sprintf(`{"kind":"push","channel":%d}`, size), `"`+strings.Repeat("x", 1000)+`"`)
		if err := p.Endpoint.Upload(fmt.Sprint(p.Key, " ", p.Page, " ", n), make([]byte, size)); err != nil {
			t.Fatal(err)
		}
		p.Receive(fmt.Sprintf(`{"kind":"emit","id":%d,"event":"x"}`, 1000+n), `"`+strings.Repeat("x", 1000)+`"`)
		p.RunUntil("both settle", func() bool {
			settled := 0
			for _, m := range p.Got {
				if join(m) == fmt.Sprintf("[0,%d,%d]", n, size) || join(m) == fmt.Sprintf("[0,%d,null]", 1000+n) {
					settled++
				}
			}
			return settled == 2
		})
		p.Got = nil
	}
	p.Endpoint.Wait()
	if held := p.Endpoint.Held(); held != 0 {
		t.Errorf("%d bytes are held", held)
	}
}

type nothingBus struct{}

func (nothingBus) Listen(*wire.Page, wire.ListenerID, string, json.RawMessage) error { return nil }
func (nothingBus) Unlisten(*wire.Page, wire.ListenerID)                              {}
func (nothingBus) Gone(*wire.Page)                                                   {}
func (nothingBus) Emit(*wire.Page, string, json.RawMessage, wire.Payload) error      { return nil }

// TestHeldMemoryIsSharedByAWindowsPages loads one page after the other, with commands that outlive
// their pages.
func TestHeldMemoryIsSharedByAWindowsPages(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	p, release := holding(t, limit)
	for n := range 100 {
		page := fmt.Sprintf("%016x", n)
		p.Endpoint.Receive([]byte(p.Key + " " + page + "\n{\"kind\":\"hello\"}\n\n{\"kind\":\"call\",\"id\":1,\"command\":\"hold\"}\n\"" +
			strings.Repeat("x", 100_000) + "\"\n"))
		if held := p.Endpoint.Held(); held > limit {
			t.Fatalf("%d bytes are held", held)
		}
	}
	if held := p.Endpoint.Held(); held < limit*8/10 {
		t.Errorf("%d bytes are held: the test shows nothing", held)
	}
	close(release)
	p.Endpoint.Gone()
	p.Endpoint.Wait()
	if held := p.Endpoint.Held(); held != 0 {
		t.Errorf("%d bytes are held at the end", held)
	}
}

// TestSmallScriptsTakeTheMemoryTheyAreCountedWith measures the heap, with and without a page.
func TestSmallScriptsTakeTheMemoryTheyAreCountedWith(t *testing.T) { // Not parallel: it measures the heap.
	const limit = 8 << 20
	for _, page := range []bool{true, false} {
		p := newPaper(t, new(ipc.Router), func(o *wire.EndpointOptions) { o.MaxBacklog = limit })
		if p.Dumb = true; !page {
			p.Endpoint.Gone()
		}
		n := 0
		heap := heapOf(func() {
			var err error
			for ; err == nil; n++ {
				err = p.Endpoint.Eval("x()")
			}
			if !errors.Is(err, ipc.ErrBacklog) {
				t.Error(err)
			}
		})
		if n < 10_000 || heap > limit {
			t.Errorf("with a page %v: %d scripts take %d KiB", page, n, heap>>10)
		}
		runtime.KeepAlive(p)
	}
}
