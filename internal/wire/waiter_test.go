package wire_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"casement/internal/wire"
	"casement/ipc"
)

// lengths returns the lengths of the texts that have arrived.
func (p *paper) lengths() (all []int) {
	for _, m := range p.Got {
		all = append(all, len(m[2])-2)
	}
	return all
}

// TestWaitersAreServedInOrder queues a large message first. Behind it wait small ones of each kind,
// for which there would be room at once otherwise. The largest is larger than the outbox.
func TestWaitersAreServedInOrder(t *testing.T) {
	for _, large := range []int{9_000, 30_000} {
		t.Run(strconv.Itoa(large), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const limit = 10_000
				p := newPaper(t, new(ipc.Router), func(o *wire.EndpointOptions) { o.MaxBacklog = limit })
				page := p.Endpoint.Page()
				p.Dumb = true
				var want []int
				send := func(size int) {
					want = append(want, size)
					m := value(t, 1, strings.Repeat("x", size))
					go func() {
						if err := page.Send(context.Background(), m); err != nil {
							t.Error(err)
						}
						m.Free()
					}()
					synctest.Wait()
				}
				// Fill the flight, and a part of the outbox.
				for page.Backlog() < 5000 {
					send(1000)
					p.Run()
				}
				send(large)
				before := page.Backlog()
				for size := range 20 {
					send(size)
					if size%5 != 0 {
						continue
					}
					m := value(t, 1, strings.Repeat("y", 100+size))
					switch err := page.TrySend(m); {
					case err == nil:
						want = append(want, 100+size)
					case !errors.Is(err, ipc.ErrBacklog):
						t.Error(err)
					}
					m.Free()
					if err := page.SendLater(value(t, 1, strings.Repeat("z", 200+size)), nil); err != nil {
						t.Error(err)
					}
					want = append(want, 200+size)
				}
				if page.Backlog() != before {
					t.Errorf("%d bytes wait, %d before: a later message went first", page.Backlog(), before)
				}
				p.Dumb = false
				p.Ack(strconv.Itoa(p.Scripts))
				for range 100 {
					p.Run()
					synctest.Wait()
				}
				if got := p.lengths(); fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("they arrive as %v, want %v", got, want)
				}
			})
		})
	}
}

// TestAWaiterThatGivesUpBlocksNoOther cancels the first waiter, for which there is no room, while
// others wait for which there is.
func TestAWaiterThatGivesUpBlocksNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPaper(t, new(ipc.Router), func(o *wire.EndpointOptions) { o.MaxBacklog = 10_000 })
		page := p.Endpoint.Page()
		p.Dumb = true
		for page.Backlog() < 5000 {
			if err := page.TrySend(value(t, 1, strings.Repeat("x", 1000))); err != nil {
				t.Fatal(err)
			}
			p.Run()
		}
		ctx, cancel := context.WithCancel(context.Background())
		first, others := make(chan error, 1), make(chan error, 10)
		go func() { first <- page.Send(ctx, value(t, 1, strings.Repeat("x", 9000))) }()
		synctest.Wait()
		for range cap(others) {
			go func() { others <- page.Send(context.Background(), value(t, 1, "y")) }()
		}
		later := 0
		if err := page.SendLater(value(t, 1, "z"), func() { later++ }); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if len(others) > 0 || later > 0 {
			t.Fatalf("%d and %d went first", len(others), later)
		}
		cancel()
		synctest.Wait()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if len(others) != cap(others) || later != 1 {
			t.Errorf("%d of %d, and %d of 1, were served", len(others), cap(others), later)
		}
	})
}

// TestLargeResultsSettleAmongBusySenders runs 24 senders that never stop, so that there is rarely
// room for more than one of their messages. The largest result is larger than the outbox.
func TestLargeResultsSettleAmongBusySenders(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	ipc.Handle(&r, "large", func(_ context.Context, a struct{ KiB int }) (string, error) {
		return strings.Repeat("x", a.KiB<<10), nil
	})
	p := newPaper(t, &r, func(o *wire.EndpointOptions) { o.MaxScript, o.MaxBacklog = 128<<10, 2<<20 })
	page := p.Endpoint.Page()
	ctx, cancel := context.WithCancel(t.Context())
	var senders sync.WaitGroup
	defer senders.Wait()
	defer cancel()
	for range 24 {
		senders.Go(func() {
			m := wire.NewBytes(1, make([]byte, 16<<10))
			defer m.Free()
			for page.Send(ctx, m) == nil {
			}
		})
	}
	for len(p.Got) < 500 {
		p.RunOne()
	}
	for id, size := range []int{256, 1024, 1900, 3000} {
		p.Got = nil
		p.Receive(fmt.Sprintf(`{"kind":"call","id":%d,"command":"large"}`, id+1), fmt.Sprintf(`{"KiB":%d}`, size))
		began := time.Now()
		settled := false
		for settle := fmt.Sprintf("[0,%d,", id+1); !settled; {
			p.RunOne()
			for _, m := range p.Got {
				settled = settled || string(m[0]) == "0" && strings.HasPrefix(join(m), settle) && len(m[2]) == size<<10+2
			}
			if p.Got = nil; time.Since(began) > 2*time.Minute {
				t.Fatalf("a result of %d KiB has not settled", size)
			}
		}
	}
}
