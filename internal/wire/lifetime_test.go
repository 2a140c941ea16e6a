package wire_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

// A listener is a Stream that reports its calls.
type listener struct {
	granted chan uint64
	ended   chan error
}

func newListener() *listener {
	return &listener{granted: make(chan uint64, 100), ended: make(chan error, 2)}
}

func (l *listener) Granted(n uint64) { l.granted <- n }
func (l *listener) Ended(err error)  { l.ended <- err }

// endings are the ways in which a page ends.
var endings = map[string]func(w *pagetest.Window){
	"reload":      func(w *pagetest.Window) { w.Load(pagetest.Origin + "/") },
	"navigation":  func(w *pagetest.Window) { w.Load(pagetest.Origin + "/other") },
	"foreign":     func(w *pagetest.Window) { w.Load("https://example.com/") },
	"crash":       func(w *pagetest.Window) { w.Endpoint.Gone() },
	"close":       func(w *pagetest.Window) { w.Close() },
	"close twice": func(w *pagetest.Window) { w.Endpoint.Close(); w.Endpoint.Close(); w.Close() },
	"pagehide":    func(w *pagetest.Window) { w.Must("__fire('pagehide')") },
}

// Neither it nor its cases are parallel: it counts goroutines.
func TestAllThatAPageHasEndsWithIt(t *testing.T) {
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			started, causes := make(chan *wire.Page, 3), make(chan error, 3)
			stream := newListener()
			var runs atomic.Int32
			var r ipc.Router
			ipc.Handle(&r, "hold", func(ctx context.Context, a struct {
				Channel string `json:"channel,omitempty"`
			}) (none, error) {
				runs.Add(1)
				call := wire.CallFrom(ctx)
				if id, err := wire.ParseChannel(a.Channel); err == nil {
					if err := call.Attach(id, stream); err != nil {
						t.Error(err)
					}
				}
				started <- call.Page()
				<-ctx.Done()
				causes <- context.Cause(ctx)
				return none{}, ctx.Err()
			})
			w := pagetest.Open(t, &r, func(o *wire.EndpointOptions) { o.MaxBacklog = 1000 })
			w.Must(`globalThis.settled = []; globalThis.one = channel(() => {});
				for (const args of [{}, {}, {channel: one}]) invoke('hold', args).catch((e) => settled.push(e.code));`)
			var page *wire.Page
			for range 3 {
				page = <-started
			}
			evaluated := make(chan error, 1)
			go func() {
				_, err := w.Endpoint.EvalResult(context.Background(), "new Promise(() => globalThis.asked = true)")
				evaluated <- err
			}()
			pagetest.Until(t, "the script has begun", func() bool { return w.Must("return globalThis.asked ?? false") == "true" })
			w.Freeze()
			sent := make(chan error, 1)
			go func() {
				for {
					if err := page.Send(context.Background(), value(t, 2, strings.Repeat("x", 500))); err != nil {
						sent <- err
						return
					}
				}
			}()
			pagetest.Until(t, "the backlog is full", func() bool { return errors.Is(page.TrySend(value(t, 2, strings.Repeat("x", 500))), ipc.ErrBacklog) })

			w.Thaw() // The next document is another page.
			w.OnUI(func() {})
			end(w)

			for range 3 {
				if err := <-causes; !errors.Is(err, ipc.ErrPageGone) {
					t.Errorf("a command's context ended with %v", err)
				}
			}
			if err := <-stream.ended; !errors.Is(err, ipc.ErrPageGone) {
				t.Errorf("the stream ended with %v", err)
			}
			if err := <-evaluated; !errors.Is(err, ipc.ErrPageGone) {
				t.Errorf("the evaluation ended with %v", err)
			}
			if err := <-sent; !errors.Is(err, ipc.ErrPageGone) {
				t.Errorf("the send ended with %v", err)
			}
			<-page.Context().Done()
			if err := context.Cause(page.Context()); !errors.Is(err, ipc.ErrPageGone) {
				t.Errorf("the page's context ended with %v", err)
			}
			if name == "pagehide" {
				if got := w.Must("return settled"); got != `["disconnected","disconnected","disconnected"]` {
					t.Error(got)
				}
				if _, err := w.Run("await invoke('hold')"); err == nil || !strings.HasPrefix(err.Error(), "disconnected: ") {
					t.Error(err)
				}
			}
			w.Close()
			if n := runs.Load(); n != 3 {
				t.Errorf("%d runs for 3 calls", n)
			}
			select {
			case err := <-stream.ended:
				t.Errorf("the stream ended twice, now with %v", err)
			default:
			}
			pagetest.NoGoroutines(t)
		})
	}
}

func TestAClosedEndpointRefusesEverything(t *testing.T) {
	t.Parallel()
	w := pagetest.Open(t, new(ipc.Router))
	page := w.Endpoint.Page()
	w.Endpoint.Close()
	w.Load(pagetest.Origin + "/")
	if w.Endpoint.Page() != nil {
		t.Error("a closed endpoint has a page")
	}
	if err := w.Endpoint.Eval("1"); !errors.Is(err, ipc.ErrPageGone) {
		t.Error(err)
	}
	if _, err := w.Endpoint.EvalResult(t.Context(), "1"); !errors.Is(err, ipc.ErrPageGone) {
		t.Error(err)
	}
	if err := page.Send(t.Context(), value(t, 1, 1)); !errors.Is(err, ipc.ErrPageGone) {
		t.Error(err)
	}
	if n := w.Endpoint.InFlight(); n != 0 {
		t.Error(n)
	}
}

func TestShutdownCancelsCallsAndTheirPageGetsTheAnswer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	var r ipc.Router
	started := make(chan none, 1)
	ipc.Handle(&r, "hold", func(ctx context.Context, _ none) (none, error) {
		started <- none{}
		<-ctx.Done()
		return none{}, ctx.Err()
	})
	w := pagetest.OpenContext(t, ctx, &r)
	running := w.Start("await invoke('hold')")
	<-started
	cancel()
	if _, err := w.Await(running); err == nil || !strings.HasPrefix(err.Error(), "cancelled: ") {
		t.Error(err)
	}
}

func TestManyCallsEndWithTheirWindow(t *testing.T) {
	const calls = 10_000
	var begun, ended atomic.Int32
	var r ipc.Router
	ipc.Handle(&r, "hold", func(ctx context.Context, _ none) (none, error) {
		begun.Add(1)
		defer ended.Add(1)
		<-ctx.Done()
		return none{}, ctx.Err()
	})
	p := newPaper(t, &r)
	for from := 1; from <= calls; from += 1000 {
		var batch strings.Builder
		fmt.Fprintf(&batch, "%s %s\n", p.Key, p.Page)
		for id := from; id < from+1000; id++ {
			fmt.Fprintf(&batch, "{\"kind\":\"call\",\"id\":%d,\"command\":\"hold\"}\n{}\n", id)
		}
		p.Endpoint.Receive([]byte(batch.String()))
	}
	if n := p.Endpoint.InFlight(); n != calls {
		t.Errorf("%d calls are in flight", n)
	}
	p.Endpoint.Close()
	p.Endpoint.Wait()
	if begun.Load() != ended.Load() {
		t.Errorf("%d commands began, %d ended", begun.Load(), ended.Load())
	}
	p.Run()
	if p.Scripts > 0 {
		t.Errorf("%d scripts for a page that is gone", p.Scripts)
	}
	pagetest.NoGoroutines(t)
}

func TestChannelsBelongToOneOwner(t *testing.T) {
	t.Parallel()
	first, second := newListener(), newListener()
	var r ipc.Router
	var page *wire.Page
	ipc.Handle(&r, "attach", func(ctx context.Context, _ none) (none, error) {
		call := wire.CallFrom(ctx)
		page = call.Page()
		if err := call.Attach(1, first); err != nil {
			return none{}, err
		}
		if err := call.Attach(3, second); err == nil {
			t.Error("a channel that is not an argument of the call can be attached")
		}
		return none{}, call.Attach(1, second)
	})
	ipc.Handle(&r, "refuse", func(ctx context.Context, _ none) (none, error) {
		if err := wire.CallFrom(ctx).Attach(2, second); err != nil {
			t.Error(err)
		}
		return none{}, &ipc.Error{Code: ipc.CodeBadArguments, Message: "I don't like them"}
	})
	p := newPaper(t, &r)
	settled := func(id int) string {
		p.Receive(fmt.Sprintf(`{"kind":"call","id":%d,"command":%q,"channels":[%[1]d]}`, id, map[int]string{1: "attach", 2: "refuse"}[id]), "{}")
		p.RunUntil("the call settles", func() bool { return len(p.Got) == id })
		return fmt.Sprintf("%s", p.Got[id-1])
	}
	if got := settled(1); !strings.Contains(got, "channel 1 is in use") {
		t.Error(got)
	}
	p.Receive(`{"kind":"grant","channel":1,"messages":5}`, "")
	p.Receive(`{"kind":"grant","channel":9,"messages":5}`, "")
	if n := <-first.granted; n != 5 {
		t.Error(n)
	}
	// The end of another channel is not its end. Its own end is reported once.
	p.Receive(`{"kind":"close","channel":9}`, "")
	p.Receive(`{"kind":"close","channel":1}`, "")
	p.Receive(`{"kind":"close","channel":1}`, "")
	p.Receive(`{"kind":"grant","channel":1,"messages":6}`, "")
	if err := <-first.ended; err != nil {
		t.Error(err)
	}
	// With this code the page ends the channels of the call, so their owner must be notified.
	settled(2)
	if err := <-second.ended; err != nil {
		t.Error(err)
	}
	page.Detach(7)
	p.Endpoint.Gone()
	if len(first.ended)+len(first.granted)+len(second.ended)+len(second.granted) > 0 {
		t.Error("a stream was called after its end")
	}
	p.Receive(`{"kind":"hello"}`, "")
}
