package wire_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

func value(t testing.TB, channel wire.ChannelID, v any) *wire.Message {
	t.Helper()
	m, err := wire.NewValue(channel, v)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestManyMessagesTravelInFewScripts(t *testing.T) {
	t.Parallel()
	p := newPaper(t, new(ipc.Router), func(o *wire.EndpointOptions) { o.MaxScript = 64 << 10 })
	for range 10_000 {
		m := value(t, 1, "fifty bytes of progress, more or less, as they go")
		if err := p.Endpoint.Page().TrySend(m); err != nil {
			t.Fatal(err)
		}
		m.Free()
	}
	p.Run()
	if len(p.Got) != 10_000 {
		t.Fatalf("%d messages", len(p.Got))
	}
	if p.Scripts > 10 {
		t.Errorf("%d scripts for 600 kB", p.Scripts)
	}
}

func TestAPageThatDoesNotAcknowledgeGetsOneFlight(t *testing.T) {
	t.Parallel()
	const limit, size = 256 << 10, 8000
	p := newPaper(t, new(ipc.Router), func(o *wire.EndpointOptions) { o.MaxBacklog = limit })
	p.Dumb = true
	page := p.Endpoint.Page()
	m := value(t, 1, strings.Repeat("x", size))
	accepted := 0
	for {
		err := page.TrySend(m)
		if errors.Is(err, ipc.ErrBacklog) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		accepted++
		p.Run()
		if page.Backlog() > limit {
			t.Fatalf("%d bytes wait, more than %d", page.Backlog(), limit)
		}
	}
	if p.Scripts > 64 {
		t.Errorf("%d scripts are in flight", p.Scripts)
	}
	if accepted*size > limit+65*size {
		t.Errorf("%d messages of %d bytes were accepted", accepted, size)
	}
	if err := p.Endpoint.Eval("1"); !errors.Is(err, ipc.ErrBacklog) && page.Backlog() > limit {
		t.Errorf("a script: %v", err)
	}
	if err := p.Endpoint.Eval(strings.Repeat(" ", size)); !errors.Is(err, ipc.ErrBacklog) {
		t.Errorf("a large script: %v", err)
	}
	if _, err := p.Endpoint.EvalResult(t.Context(), strings.Repeat(" ", size)); !errors.Is(err, ipc.ErrBacklog) {
		t.Errorf("a large evaluation: %v", err)
	}
	// The page recovers, and everything arrives.
	p.Dumb = false
	p.Ack("64")
	p.Run()
	if page.Backlog() != 0 || len(p.Got) != accepted {
		t.Errorf("%d messages of %d arrived, %d bytes wait", len(p.Got), accepted, page.Backlog())
	}
	// An acknowledgement of a script that was never sent has no effect.
	p.Ack("18446744073709551615")
	if err := page.TrySend(m); err != nil {
		t.Error(err)
	}
	p.Run()
}

func TestLargeScriptsFillTheFlightByBytes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // The limit in flight depends on the page's delay.
		p := newPaper(t, new(ipc.Router), func(o *wire.EndpointOptions) { o.MaxScript = 256 << 10 })
		p.Dumb = true
		page := p.Endpoint.Page()
		m := value(t, 1, strings.Repeat("x", 256<<10-1000))
		for range 10 {
			if err := page.TrySend(m); err != nil {
				t.Fatal(err)
			}
		}
		p.Run()
		if p.Scripts != 4 {
			t.Errorf("%d scripts of a quarter of a mebibyte are in flight", p.Scripts)
		}
		p.Ack("2")
		p.Run()
		if p.Scripts != 6 {
			t.Errorf("%d scripts after two were acknowledged", p.Scripts)
		}
	})
}

func TestAScriptLargerThanAFlightIsEvaluated(t *testing.T) {
	t.Parallel()
	p := newPaper(t, new(ipc.Router))
	for range 3 {
		if err := p.Endpoint.Page().TrySend(value(t, 1, "x")); err != nil {
			t.Error(err)
		}
		p.Run()
		before := p.Scripts
		if err := p.Endpoint.Eval(strings.Repeat(" ", 5<<20)); err != nil {
			t.Error(err)
		}
		p.Run()
		if p.Scripts == before {
			t.Fatal("it waits for an acknowledgement although none is pending")
		}
	}
}

// full returns a page whose outbox is full.
func full(t *testing.T) (*paper, *wire.Page) {
	p := newPaper(t, new(ipc.Router), func(o *wire.EndpointOptions) { o.MaxBacklog = 100 })
	page := p.Endpoint.Page()
	if err := page.TrySend(value(t, 1, strings.Repeat("x", 200))); err != nil {
		t.Fatal(err)
	}
	return p, page
}

func TestSendWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, page := full(t)
		done := make(chan error, 1)
		go func() { done <- page.Send(context.Background(), value(t, 1, "y")) }()
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatalf("it did not wait: %v", err)
		default:
		}
		p.Run()
		if err := <-done; err != nil {
			t.Error(err)
		}
		p.Run()
		if len(p.Got) != 2 {
			t.Errorf("%d messages", len(p.Got))
		}
	})
}

func TestSendEndsWithThePageAndWithItsContext(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(e *wire.Endpoint, cancel context.CancelFunc)
		want error
	}{
		"close":   {func(e *wire.Endpoint, _ context.CancelFunc) { e.Close() }, ipc.ErrPageGone},
		"gone":    {func(e *wire.Endpoint, _ context.CancelFunc) { e.Gone() }, ipc.ErrPageGone},
		"context": {func(_ *wire.Endpoint, cancel context.CancelFunc) { cancel() }, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, page := full(t)
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				errs := make(chan error, 10)
				for range cap(errs) {
					go func() { errs <- page.Send(ctx, value(t, 1, "y")) }()
				}
				synctest.Wait()
				if len(errs) > 0 {
					t.Fatalf("it did not wait: %v", <-errs)
				}
				test.end(p.Endpoint, cancel)
				for range cap(errs) {
					if err := <-errs; !errors.Is(err, test.want) {
						t.Error(err)
					}
				}
				if test.want == ipc.ErrPageGone {
					if err := page.TrySend(value(t, 1, "z")); !errors.Is(err, ipc.ErrPageGone) {
						t.Error(err)
					}
					p.Run()
					if p.Scripts > 0 || page.Backlog() > 0 {
						t.Errorf("%d scripts for a page that is gone", p.Scripts)
					}
				}
			})
		})
	}
}

func TestMemoryStaysBoundedWhileAPageHangs(t *testing.T) {
	t.Parallel()
	const (
		limit   = 64 << 10
		size    = 1000
		senders = 4
		// The outbox is bounded, and so are the scripts in flight.
		bound = limit + wire.MaxFlightScripts*wire.DefaultMaxScript
	)
	w := pagetest.Open(t, new(ipc.Router), func(o *wire.EndpointOptions) { o.MaxBacklog = limit })
	page := w.Endpoint.Page()
	w.Freeze()
	// Each sender sends twice the bound. Without a bound, all of them would finish.
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var done sync.WaitGroup
	var taken atomic.Int64
	for range senders {
		done.Go(func() {
			m := value(t, 1, strings.Repeat("x", size))
			for range 2 * bound / size {
				if err := page.Send(ctx, m); err != nil {
					if ctx.Err() == nil {
						t.Error(err)
					}
					return
				}
				taken.Add(size)
				if page.Backlog() > limit {
					t.Errorf("%d bytes wait", page.Backlog())
				}
			}
			t.Error("the outbox of a page that hangs is unbounded")
		})
	}
	for scripts := 0; scripts < wire.MaxFlightScripts && !t.Failed(); scripts, _ = w.Evals() {
		time.Sleep(time.Millisecond)
	}
	// The flight is full. Now the outbox fills up, and stays full.
	m := value(t, 1, strings.Repeat("x", size))
	for page.TrySend(m) == nil && !t.Failed() {
		taken.Add(size)
	}
	time.Sleep(20 * time.Millisecond)
	if err := page.TrySend(m); !errors.Is(err, ipc.ErrBacklog) {
		t.Errorf("a full outbox returns %v", err)
	}
	cancel()
	done.Wait()
	if taken.Load() > bound {
		t.Errorf("%d bytes were accepted", taken.Load())
	}
	if scripts, _ := w.Evals(); scripts > wire.MaxFlightScripts {
		t.Errorf("%d scripts are evaluated in a page that hangs", scripts)
	}
}

func TestOneMessageForSeveralPages(t *testing.T) {
	t.Parallel()
	m := value(t, 1, strings.Repeat("\\'", 3000))
	small := value(t, 1, "x")
	for range 3 {
		p := newPaper(t, new(ipc.Router))
		for _, m := range []*wire.Message{small, m} {
			if err := p.Endpoint.Page().TrySend(m); err != nil {
				t.Fatal(err)
			}
		}
		p.Run()
		if len(p.Got) != 2 || !(sent{channel: 1, text: strings.Repeat("\\'", 3000)}).wants(p.Got[1]) {
			t.Errorf("%.100s", p.Got)
		}
	}
}

func TestTheFlightAdaptsToTheDelayOfThePage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		delay     time.Duration
		low, high int // bounds for the bytes in flight at the end
	}{
		{time.Millisecond, 5 << 19, 8 << 20},
		{50 * time.Millisecond, 320 << 10, 640 << 10},
	} {
		t.Run(test.delay.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPaper(t, new(ipc.Router), func(o *wire.EndpointOptions) { o.MaxScript = 64 << 10 })
				p.Dumb = true
				page := p.Endpoint.Page()
				m := value(t, 1, strings.Repeat("x", 60<<10))
				last := 0
				for range 100 {
					before := p.Scripts
					for range 100 {
						if err := page.TrySend(m); err != nil && !errors.Is(err, ipc.ErrBacklog) {
							t.Fatal(err)
						}
					}
					p.Run()
					last = (p.Scripts - before) * 60 << 10
					time.Sleep(test.delay)
					p.Ack(strconv.Itoa(p.Scripts))
				}
				if last < test.low || last > test.high {
					t.Errorf("%d KiB are in flight", last>>10)
				}
			})
		})
	}
}
