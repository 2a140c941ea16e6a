package channels_test

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"casement/channels"
	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

type values[T any] struct {
	Values channels.Receiver[T] `json:"values"`
}

// sink creates a sink, records its events in "seen", and passes it to "read". The command's answer
// is recorded too.
const sink = `globalThis.seen = [];
	globalThis.s = __ipc.sink((...event) => { if (event[0] !== 'refusal') seen.push(event[0] + (event[1]?.message ?? '')); });
	globalThis.push = (v, ask = false) => s.push(s.pack(v), ask);
	globalThis.answer = invoke('read', {values: s}).then((v) => { seen.push('returned ' + v); }, (e) => { seen.push(e.code + ' ' + e.message); });`

// TestAReceiverEndsWithItsCommand, however the command ends: at once, before the promise settles,
// with the command's own error, and without garbage collection.
func TestAReceiverEndsWithItsCommand(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end     func(context.Context, channels.Receiver[int]) (int, error)
		options []ipc.Option
		want    string
	}{
		"returns": {end: func(context.Context, channels.Receiver[int]) (int, error) { return 7, nil },
			want: `["open","stop","returned 7"]`},
		"inline": {end: func(context.Context, channels.Receiver[int]) (int, error) { return 7, nil }, options: []ipc.Option{ipc.Inline()},
			want: `["open","stop","returned 7"]`},
		"reads one": {end: func(ctx context.Context, r channels.Receiver[int]) (int, error) { return r.Recv(ctx) },
			want: `["open","stop","returned 1"]`},
		"fails": {end: func(context.Context, channels.Receiver[int]) (int, error) { return 0, errors.New("the disk is full") },
			want: `["open","stopthe disk is full","failed the disk is full"]`},
		"panics": {end: func(context.Context, channels.Receiver[int]) (int, error) { panic("on purpose") },
			want: `["open","stopread: panic: on purpose","panicked read: panic: on purpose"]`},
		"has closed it": {end: func(_ context.Context, r channels.Receiver[int]) (int, error) {
			r.CloseWithError(errors.New("enough"))
			return 7, nil
		},
			want: `["open","stopenough","returned 7"]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r ipc.Router
			ran := make(chan channels.Receiver[int], 1)
			ipc.Handle(&r, "read", func(ctx context.Context, a values[int]) (int, error) {
				ran <- a.Values
				return test.end(ctx, a.Values)
			}, test.options...)
			w := pagetest.Open(t, &r)
			if got := w.Must(sink + "push(1, true); push(2, true); push(3); await answer; return seen.filter((t) => t !== 'grant')"); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
			in := <-ran
			if v, err := in.Recv(t.Context()); !errors.Is(err, channels.ErrClosed) {
				t.Errorf("after its command it receives %v, %v", v, err)
			}
			<-in.Done()
			in.Close()
			// Later values of the page are ignored.
			w.Must("push(4, true); s.end(); await invoke('none').catch(() => 0)")
		})
	}
}

// TestAReaderThatOutlivesItsCommandEnds reads on a goroutine that waits for the next value.
func TestAReaderThatOutlivesItsCommandEnds(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	got, began := make(chan error, 1), make(chan none)
	ipc.Handle(&r, "read", func(_ context.Context, a values[int]) (none, error) {
		go func() {
			v, err := a.Values.Recv(context.Background())
			if v != 1 || err != nil {
				got <- errors.New("no first value")
				return
			}
			close(began)
			_, err = a.Values.Recv(context.Background())
			got <- err
		}()
		<-began
		return none{}, nil
	})
	w := pagetest.Open(t, &r)
	w.Must(sink + "push(1); await answer")
	if err := <-got; !errors.Is(err, channels.ErrClosed) {
		t.Error(err)
	}
}

// TestASinkThatThePageHasEndedIsNotStopped: the first end counts.
func TestASinkThatThePageHasEndedIsNotStopped(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	ipc.Handle(&r, "read", func(ctx context.Context, a values[int]) (int, error) {
		sum := 0
		for {
			v, err := a.Values.Recv(ctx)
			if err == io.EOF {
				return sum, nil
			} else if err != nil {
				return 0, err
			}
			sum += v
		}
	})
	w := pagetest.Open(t, &r)
	if got := w.Must(sink + "push(1); push(2); s.end(); await answer; return seen"); got != `["open","returned 3"]` {
		t.Error(got)
	}
}

// TestUnreadValuesAreReleased when a command returns and has read only some of them.
func TestUnreadValuesAreReleased(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	ipc.Handle(&r, "read", func(ctx context.Context, a values[string]) (int, error) {
		v, err := a.Values.Recv(ctx)
		return len(v), err
	})
	w := pagetest.Open(t, &r, func(o *wire.EndpointOptions) { o.MaxHeld = 50_000 })
	for range 20 {
		if got := w.Must(sink + "for (let i = 0; i < 20; i++) push('x'.repeat(1000)); await answer; return seen.at(-1)"); got != `"returned 1000"` {
			t.Fatal(got)
		}
	}
}

// TestNothingOfAChannelBlocksTheUIThread calls the blocking functions of a channel and a sink from
// an inline command.
func TestNothingOfAChannelBlocksTheUIThread(t *testing.T) {
	t.Parallel()
	type args struct {
		C      channels.Channel[string]  `json:"c"`
		D      channels.Channel[string]  `json:"d"`
		Values channels.Receiver[string] `json:"values"`
	}
	var r ipc.Router
	busy := make(chan none)
	ipc.Handle(&r, "inline", func(ctx context.Context, a args) (none, error) {
		check := func(what string, err, want error) {
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", what, err, want)
			}
		}
		_, err := a.Values.Recv(ctx)
		check("Recv", err, ipc.ErrUIThread)
		for _, err = range a.Values.All(ctx) {
			check("All", err, ipc.ErrUIThread)
		}
		_, err = channels.NewReader(ctx, channels.Receiver[[]byte]{}).Read(make([]byte, 1))
		check("Read", err, channels.ErrClosed)
		a.C.SetLimit(channels.Limit{Messages: 1})
		for err = nil; err == nil; {
			err = a.C.Send("x")
		}
		check("Send without credit", err, ipc.ErrUIThread)
		check("SendContext", a.C.SendContext(ctx, "x"), ipc.ErrUIThread)
		check("TrySend", a.C.TrySend("x"), channels.ErrFull)

		// Another sender has the turn, and waits for room in a full outbox.
		for err = nil; err == nil; {
			err = a.D.TrySend(strings.Repeat("x", 900))
		}
		check("a full backlog", err, channels.ErrFull)
		go func() { defer close(busy); _ = a.D.Send("y") }()
		for a.D.TrySend("z") == nil {
			time.Sleep(time.Millisecond)
		}
		check("Send in a full backlog", a.D.Send("x"), ipc.ErrUIThread)
		policy := channels.Latest(a.D)
		for range 3 {
			_ = policy.Send("p") // An error is about an earlier value.
		}
		check("Flush", policy.Flush(ctx), ipc.ErrUIThread)
		a.D.Close()
		a.C.Close()
		a.Values.Close()
		return none{}, nil
	}, ipc.Inline())
	w := pagetest.Open(t, &r, func(o *wire.EndpointOptions) { o.MaxBacklog = 20_000 })
	got := w.Must(`const c = channel(() => {}), d = channel(() => {}), seen = [];
		const values = __ipc.sink((...event) => { seen.push(event[0]); });
		await invoke('inline', {c, d, values});
		await c.closed; await d.closed;
		return seen.at(-1)`)
	if got != `"stop"` {
		t.Error(got)
	}
	<-busy
}

// TestAnEndFollowsAPendingSend closes a channel while a sender holds its turn. The end must neither
// wait for the sender nor overtake its message.
func TestAnEndFollowsAPendingSend(t *testing.T) {
	t.Parallel()
	for range 50 {
		w, c := open[int](t, collect+"; globalThis.over = c.closed.then(() => { got.push('end'); })", func(o *wire.EndpointOptions) { o.MaxBacklog = 2000 })
		sent := make(chan int, 1)
		go func() {
			n := 0
			for c.Send(n) == nil {
				n++
			}
			sent <- n
		}()
		for range 3 {
			w.Must("await invoke('none').catch(() => 0)")
		}
		c.Close()
		n := <-sent
		got := w.Must("await over; await invoke('none').catch(() => 0); return [got.length - 1, got.at(-1), got.slice(0, -1).every((v, i) => v === i)]")
		// The pending message may have arrived although its sender got ErrClosed.
		if want := "[" + strconv.Itoa(n) + `,"end",true]`; got != want && got != "["+strconv.Itoa(n+1)+`,"end",true]` {
			t.Fatalf("%s, want %s", got, want)
		}
		w.Close()
	}
}
