package channels_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"casement/channels"
	"casement/internal/codec"
	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

type none struct{}

// one is the type of the arguments of "open".
type one[T any] struct {
	C channels.Channel[T] `json:"c"`
}

// taker registers a command with one channel, and returns a Go channel that yields the channels
// that pages pass to it.
func taker[T any](r *ipc.Router, name string) <-chan channels.Channel[T] {
	arrived := make(chan channels.Channel[T], 10)
	ipc.Handle(r, name, func(_ context.Context, a one[T]) (none, error) {
		arrived <- a.C
		return none{}, nil
	})
	return arrived
}

// collect creates a channel whose messages are appended to "got".
const collect = "globalThis.got = []; globalThis.c = channel((m) => { got.push(m); }); await invoke('open', {c})"

// wait creates a channel whose handler returns when "next" is called.
const wait = `globalThis.got = []; globalThis.next = () => {};
	globalThis.c = channel((m) => { got.push(m); return new Promise((r) => { globalThis.next = r; }) });
	await invoke('open', {c})`

// open opens a window in which script passes a channel to "open".
func open[T any](t *testing.T, script string, configure ...func(*wire.EndpointOptions)) (*pagetest.Window, channels.Channel[T]) {
	t.Helper()
	var r ipc.Router
	arrived := taker[T](&r, "open")
	w := pagetest.Open(t, &r, configure...)
	w.Must(script)
	return w, <-arrived
}

// TestAContextThatIsDoneSendsNothing has credit for every message: such a producer never waits.
func TestAContextThatIsDoneSendsNothing(t *testing.T) {
	t.Parallel()
	w, c := open[int](t, "globalThis.got = []; globalThis.c = channel((m) => { got.push(m); }); await invoke('open', {c})")
	ctx, cancel := context.WithCancel(t.Context())
	if err := c.SendContext(ctx, 1); err != nil {
		t.Fatal(err)
	}
	cancel()
	for range 100 {
		if err := c.SendContext(ctx, 2); !errors.Is(err, context.Canceled) {
			t.Fatalf("a context that is done: %v", err)
		}
	}
	if err := c.Send(3); err != nil {
		t.Fatal(err)
	}
	page(t, w, "got", "[1,3]")
}

// page waits until script returns want.
func page(t *testing.T, w *pagetest.Window, script, want string) {
	t.Helper()
	var got string
	pagetest.Until(t, script+" is "+want, func() bool {
		got = w.Must("return " + script)
		return got == want || len(got) > len(want)+1000
	})
	if got != want {
		t.Fatalf("%s is %.200s", script, got)
	}
}

func TestMessagesArriveInOrder(t *testing.T) {
	t.Parallel()
	const count = 2000
	w, c := open[int](t, collect)
	for i := range count {
		if err := c.Send(i); err != nil {
			t.Fatal(err)
		}
	}
	c.Close()
	page(t, w, fmt.Sprintf("[await c.closed, got.length === %d, got.every((n, i) => n === i)]", count), "[null,true,true]")
	if scripts, _ := w.Evals(); scripts > count/5 {
		t.Errorf("%d scripts for %d messages", scripts, count)
	}
}

func TestAProducerWaitsForItsReader(t *testing.T) {
	t.Parallel()
	w, c := open[int](t, wait)
	// The handler is busy with the first message, so the others wait, up to the limit.
	sent := 0
	for ; ; sent++ {
		if err := c.TrySend(sent); err != nil {
			if !errors.Is(err, channels.ErrFull) {
				t.Fatal(err)
			}
			break
		}
		if sent > 2*channels.DefaultMessages {
			t.Fatal("unbounded")
		}
	}
	if sent != channels.DefaultMessages {
		t.Errorf("%d messages are in flight", sent)
	}
	done := make(chan error, 1)
	go func() { done <- c.Send(sent) }()
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(nil)
	if err := c.SendContext(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	select {
	case err := <-done:
		t.Fatalf("it did not wait: %v", err)
	default:
	}
	page(t, w, "got.length", "1")
	// From now on the handler keeps up.
	w.Must("c.onmessage = (m) => { got.push(m); }; next()")
	if err := <-done; err != nil {
		t.Error(err)
	}
	page(t, w, "[got.length, got.every((n, i) => n === i)]", fmt.Sprintf("[%d,true]", channels.DefaultMessages+1))
	if err := c.TrySend(1); err != nil {
		t.Error(err)
	}
}

func TestALimitBoundsTheMessagesInFlight(t *testing.T) {
	t.Parallel()
	const piece = 1000
	text := strings.Repeat("x", piece-100) // The rest is for the message around it.
	for _, test := range []struct {
		limit     channels.Limit
		low, high int // bounds for the messages in flight
	}{
		{channels.Limit{}, channels.DefaultMessages, channels.DefaultMessages},
		{channels.Limit{Messages: 100_000}, channels.DefaultBytes / (piece + 100), channels.DefaultBytes / (piece - 100)},
		{channels.Limit{Messages: 1}, 1, 1},
		{channels.Limit{Messages: 2}, 2, 2},
		{channels.Limit{Messages: 7}, 7, 7},
		{channels.Limit{Messages: 5000, Bytes: 8 << 20}, 5000, 5000},
		{channels.Limit{Messages: 100, Bytes: 10 * piece}, 10, 12},
		{channels.Limit{Bytes: 1}, 1, 1},
		{channels.Limit{Messages: 100_000, Bytes: 3000 * piece}, 3000, 3400},
	} {
		t.Run(fmt.Sprintf("%+v", test.limit), func(t *testing.T) {
			t.Parallel()
			w, c := open[string](t, wait)
			c.SetLimit(test.limit)
			behind := func() (sent int) {
				for ; ; sent++ {
					if err := c.TrySend(text); err != nil {
						if !errors.Is(err, channels.ErrFull) {
							t.Fatal(err)
						}
						return sent
					}
					if sent > 2*test.high {
						t.Fatal("unbounded")
					}
				}
			}
			sent := behind()
			if sent < test.low || sent > test.high {
				t.Errorf("%d messages are in flight", sent)
			}
			// A waiting sender notices a larger limit.
			done := make(chan error, 1)
			go func() { done <- c.Send(text) }()
			c.SetLimit(channels.Limit{Messages: sent + 1, Bytes: 1 << 30})
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			// With a smaller limit, the messages in flight arrive, and later ones go one by one.
			c.SetLimit(channels.Limit{Messages: 1})
			w.Must("c.onmessage = (m) => { got.push(m); }; next()")
			if err := c.Send("last"); err != nil {
				t.Fatal(err)
			}
			page(t, w, "[got.length, got.at(-1)]", fmt.Sprintf(`[%d,"last"]`, sent+2))
			w.Must("c.onmessage = () => new Promise(() => {})")
			if err := c.Send(text); err != nil {
				t.Fatal(err)
			}
			if err := c.TrySend(text); !errors.Is(err, channels.ErrFull) {
				t.Errorf("a second message: %v", err)
			}
		})
	}
}

func TestCreditReturnsWhenASendIsCancelled(t *testing.T) {
	t.Parallel()
	const limit = 1000
	w, c := open[string](t, collect, func(o *wire.EndpointOptions) { o.MaxBacklog = limit })
	w.Freeze()
	text := strings.Repeat("x", 900)
	fill := func() {
		for range 200 {
			err := c.TrySend(text)
			if err != nil && !errors.Is(err, channels.ErrFull) {
				t.Fatal(err)
			}
			w.OnUI(func() {}) // The outbox drains as far as possible.
		}
		if err := c.TrySend(text); !errors.Is(err, channels.ErrFull) {
			t.Fatalf("the outbox does not fill: %v", err)
		}
	}
	fill()
	for range 2000 {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := c.SendContext(ctx, text); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if err := c.TrySend(text); !errors.Is(err, channels.ErrFull) {
			t.Fatal(err)
		}
	}
	c.Done()
	w.Load(pagetest.Origin + "/")
	if err := c.Send(text); !errors.Is(err, channels.ErrClosed) {
		t.Error(err)
	}
}

func TestCancelledSendsCostNoCredit(t *testing.T) {
	t.Parallel()
	// The window loses no script here: only the outbox is full, and then it drains.
	w, c := open[int](t, collect, func(o *wire.EndpointOptions) { o.MaxBacklog = 64 })
	for i := range 3000 {
		var err error
		w.OnUI(func() { // Nothing drains meanwhile.
			for range 3 {
				if err = c.TrySend(i); err != nil {
					break
				}
			}
		})
		if err != nil && !errors.Is(err, channels.ErrFull) {
			t.Fatal(err)
		}
		if i%500 == 0 {
			if err := c.Send(-1); err != nil {
				t.Fatal(err)
			}
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := c.SendContext(ctx, -2); err != nil {
		t.Fatal(err)
	}
	page(t, w, "got.at(-1)", "-2")
}

func TestHandlers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ script, want string }{
		"one that throws loses that message only": {
			`globalThis.got = []; globalThis.c = channel((m) => { if (m === 2) throw new Error('not 2'); got.push(m); }); await invoke('open', {c})`,
			"[1,3,4,5]",
		},
		"one that rejects loses that message only": {
			`globalThis.got = []; globalThis.c = channel(async (m) => { await null; if (m === 2) throw new Error('not 2'); got.push(m); }); await invoke('open', {c})`,
			"[1,3,4,5]",
		},
		"a promise is awaited": {
			`globalThis.got = []; globalThis.c = channel(async (m) => { got.push(m); for (let i = 0; i < 20; i++) await null; got.push(-m); }); await invoke('open', {c})`,
			"[1,-1,2,-2,3,-3,4,-4,5,-5]",
		},
		"any thenable is awaited": {
			`globalThis.got = []; globalThis.c = channel((m) => ({then(done) { got.push(m); queueMicrotask(done); }})); await invoke('open', {c})`,
			"[1,2,3,4,5]",
		},
		"one whose result is hostile loses nothing else": {
			`globalThis.got = []; globalThis.c = channel((m) => { got.push(m); return {get then() { throw new Error('hostile'); }}; }); await invoke('open', {c})`,
			"[1,2,3,4,5]",
		},
		"messages wait for one": {
			`globalThis.got = []; globalThis.c = channel(); await invoke('open', {c}); setTimeout(() => { c.onmessage = (m) => { got.push(m); } }, 5)`,
			"[1,2,3,4,5]",
		},
		"another takes over": {
			`globalThis.got = []; globalThis.c = channel((m) => { got.push(m); if (m === 2) c.onmessage = (m) => { got.push(-m); } }); await invoke('open', {c})`,
			"[1,2,-3,-4,-5]",
		},
		"without one they wait": {
			`globalThis.got = []; globalThis.c = channel((m) => { got.push(m); if (m === 2) { c.onmessage = undefined; setTimeout(() => { c.onmessage = (m) => { got.push(-m); } }, 5) } }); await invoke('open', {c})`,
			"[1,2,-3,-4,-5]",
		},
		"for await": {
			`globalThis.got = []; globalThis.c = channel(); await invoke('open', {c}); (async () => { for await (const m of c) { await null; got.push(m); } })()`,
			"[1,2,3,4,5]",
		},
		"for await begins before": {
			`globalThis.got = []; globalThis.c = channel(); (async () => { for await (const m of c) { await null; got.push(m); } })(); await invoke('open', {c})`,
			"[1,2,3,4,5]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := open[int](t, test.script)
			for i := range 5 {
				if err := c.Send(i + 1); err != nil {
					t.Error(err)
				}
			}
			c.Close()
			page(t, w, "got", test.want)
			page(t, w, "await c.closed", "null")
			if strings.Contains(name, "loses") && w.Log.Count("console: Error") == 0 {
				t.Errorf("the error is not reported: %s", w.Log)
			}
		})
	}
}

func TestLeavingTheLoopClosesTheChannel(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"break":  "for await (const m of c) { got.push(m); if (m === 1) break; }",
		"throw":  "try { for await (const m of c) { got.push(m); if (m === 1) throw 1; } } catch {}",
		"return": "await (async () => { for await (const m of c) { got.push(m); if (m === 1) return; } })()",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := open[int](t, "globalThis.got = []; globalThis.c = channel(); (async () => {"+body+"; got.push('left'); })(); await invoke('open', {c})")
			for i := range 3 {
				if err := c.Send(i); err != nil && !errors.Is(err, channels.ErrClosed) {
					t.Error(err)
				}
			}
			<-c.Done()
			page(t, w, "got", `[0,1,"left"]`)
			if err := c.Send(1); !errors.Is(err, channels.ErrClosed) {
				t.Error(err)
			}
		})
	}
}

func TestForAwaitThrowsTheErrorOfTheStream(t *testing.T) {
	t.Parallel()
	w, c := open[int](t, `globalThis.got = []; globalThis.c = channel();
		(async () => { try { for await (const m of c) got.push(m); } catch (e) { got.push(e.code, e.message); } })(); await invoke('open', {c})`)
	if err := c.Send(1); err != nil {
		t.Error(err)
	}
	c.CloseWithError(errors.New("disk full"))
	page(t, w, "got", `[1,"failed","disk full"]`)
}

func TestEitherSideEndsTheStream(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end    func(w *pagetest.Window, c channels.Channel[int])
		closed string // outcome of the promise in the page, if the page still exists
	}{
		"page closes":   {func(w *pagetest.Window, _ channels.Channel[int]) { w.Must("c.close(); c.close()") }, "fine"},
		"page disposes": {func(w *pagetest.Window, _ channels.Channel[int]) { w.Must("c[Symbol.dispose]()") }, "fine"},
		"reload":        {func(w *pagetest.Window, _ channels.Channel[int]) { w.Load(pagetest.Origin + "/") }, ""},
		"foreign":       {func(w *pagetest.Window, _ channels.Channel[int]) { w.Load("https://example.com/") }, ""},
		"window closes": {func(w *pagetest.Window, _ channels.Channel[int]) { w.Close() }, ""},
		"pagehide":      {func(w *pagetest.Window, _ channels.Channel[int]) { w.Must("__fire('pagehide')") }, "disconnected the page is going away"},
		"Close":         {func(_ *pagetest.Window, c channels.Channel[int]) { c.Close(); c.Close() }, "fine"},
		"CloseWithError": {
			func(_ *pagetest.Window, c channels.Channel[int]) {
				c.CloseWithError(ipc.NewError(errors.New("no\u2028"), map[string]int{"n": 1}))
				c.CloseWithError(errors.New("another"))
				c.Close()
			}, "failed no\u2028 {\"n\":1}",
		},
		"deadline": {func(_ *pagetest.Window, c channels.Channel[int]) { c.CloseWithError(context.DeadlineExceeded) }, "timed_out context deadline exceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := open[int](t, collect+`; globalThis.end = c.closed.then(() => 'fine', (e) => [e instanceof IpcError ? e.code : '?', e.message, JSON.stringify(e.details)].filter((s) => s).join(' '))`)
			if err := c.Send(1); err != nil {
				t.Error(err)
			}
			page(t, w, "got", "[1]")
			select {
			case <-c.Done():
				t.Error("it ended early")
			default:
			}
			test.end(w, c)
			<-c.Done()
			if err := c.Send(2); !errors.Is(err, channels.ErrClosed) {
				t.Error(err)
			}
			if err := c.TrySend(2); !errors.Is(err, channels.ErrClosed) {
				t.Error(err)
			}
			c.Close()
			if test.closed != "" {
				page(t, w, "await end === "+literal(t, test.closed), "true")
				page(t, w, "got", "[1]")
			}
			if w.Log.Has("a script failed") {
				t.Error(w.Log)
			}
		})
	}
}

func literal(t *testing.T, v any) string {
	t.Helper()
	text, err := codec.Literal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestWaitingSendersReturnWhenTheStreamEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(w *pagetest.Window, c channels.Channel[int]){
		"page closes": func(w *pagetest.Window, _ channels.Channel[int]) { w.Must("c.close()") },
		"reload":      func(w *pagetest.Window, _ channels.Channel[int]) { w.Load(pagetest.Origin + "/") },
		"Close":       func(_ *pagetest.Window, c channels.Channel[int]) { c.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := open[int](t, wait)
			errs := make(chan error, 5)
			for range cap(errs) {
				go func() {
					for {
						if err := c.Send(1); err != nil {
							errs <- err
							return
						}
					}
				}()
			}
			pagetest.Until(t, "the window is full", func() bool { return errors.Is(c.TrySend(1), channels.ErrFull) })
			end(w, c)
			for range cap(errs) {
				if err := <-errs; !errors.Is(err, channels.ErrClosed) {
					t.Error(err)
				}
			}
		})
	}
}

func TestConcurrentSendersShareAChannel(t *testing.T) {
	t.Parallel()
	const senders, each = 6, 300
	w, c := open[[2]int](t, collect)
	var done sync.WaitGroup
	for s := range senders {
		done.Go(func() {
			for i := range each {
				if err := c.Send([2]int{s, i}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done.Wait()
	c.Close()
	page(t, w, `(() => { const next = {}; return [got.length, got.every(([s, i]) => { const fine = i === (next[s] ?? 0); next[s] = i + 1; return fine; })]; })()`, fmt.Sprintf("[%d,true]", senders*each))
}

func TestOneSlowChannelStallsNoOther(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	slow, quick := taker[int](&r, "slow"), taker[int](&r, "quick")
	w := pagetest.Open(t, &r)
	w.Must(`globalThis.got = []; globalThis.stuck = 0;
		globalThis.a = channel(() => { stuck++; return new Promise(() => {}); }); await invoke('slow', {c: a});
		globalThis.b = channel((m) => { got.push(m); }); await invoke('quick', {c: b})`)
	a, b := <-slow, <-quick
	for a.TrySend(0) == nil {
	}
	for i := range 2000 {
		if err := b.Send(i); err != nil {
			t.Fatal(err)
		}
	}
	page(t, w, "[got.length, stuck]", "[2000,1]")
	if err := a.TrySend(0); !errors.Is(err, channels.ErrFull) {
		t.Error(err)
	}
}

func TestAChannelCanBePassedOnce(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	taker[int](&r, "open")
	ipc.Handle(&r, "two", func(context.Context, struct{ A, B channels.Channel[int] }) (none, error) { return none{}, nil })
	ipc.Handle(&r, "denied", func(context.Context, one[int]) (none, error) { return none{}, nil }, ipc.AllowWindows("other"))
	w := pagetest.Open(t, &r)
	for script, want := range map[string]string{
		"const c = channel(); await invoke('open', {c}); await invoke('open', {c})":                                                         "bad_arguments: open: channel",
		"const c = channel(); await invoke('two', {A: c, B: c})":                                                                            "bad_arguments: two: channel",
		"const c = channel(); c.close(); await invoke('open', {c})":                                                                         "bad_arguments: open: channel",
		"const c = channel(); await invoke('none', {c}).catch(() => 0); await c.closed":                                                     "unknown_command: ",
		"const c = channel(); await invoke('denied', {c}).catch(() => 0); await c.closed":                                                   "denied: ",
		"const c = channel(); await invoke('open', {c, d: 1}).catch(() => 0); await c.closed":                                               "bad_arguments: ",
		"const c = channel(); await invoke('open', {d: 1, c}).catch(() => 0); await c.closed":                                               "bad_arguments: ",
		"const c = channel(), a = new AbortController(); invoke('none', {c}, {signal: a.signal}).catch(() => 0); a.abort(); await c.closed": "unknown_command: ",
	} {
		_, err := w.Run(script)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", script, got, want)
		}
	}
}

func TestBadHandlesAreBadArguments(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	taker[int](&r, "open")
	w := pagetest.Open(t, &r)
	for _, handle := range []string{
		"null", "7", "{}", "[]", "true", "''", "'7'", "'__CHANNEL__:'", "'__CHANNEL__:x'", "'__CHANNEL__:0'", "'__CHANNEL__:07'",
		"'__CHANNEL__:-1'", "'__CHANNEL__: 1'", "'__CHANNEL__:1 '", "'__CHANNEL__:1.5'", "'__CHANNEL__:99999999999999999999'", "'__channel__:1'",
	} {
		if _, err := w.Run("await invoke('open', {c: " + handle + "})"); err == nil || !strings.HasPrefix(err.Error(), "bad_arguments: open: ") {
			t.Errorf("%s: %v", handle, err)
		}
	}
	// A handle in use that the page does not own.
	w.Must("globalThis.c = channel(); await invoke('open', {c})")
	if _, err := w.Run("await invoke('open', {c: c.toJSON()})"); err == nil || !strings.HasPrefix(err.Error(), "bad_arguments: ") {
		t.Error(err)
	}
}

func TestChannelsStandAtAnyDepth(t *testing.T) {
	t.Parallel()
	type leaf struct {
		C *channels.Channel[string] `json:"c"`
	}
	type deep struct {
		List   []channels.Channel[string]          `json:"list"`
		Map    map[string]channels.Channel[string] `json:"map"`
		Inner  struct{ Leaf leaf }                 `json:"inner"`
		Absent *channels.Channel[string]           `json:"absent"`
		Empty  channels.Channel[string]            `json:"empty,omitzero"`
	}
	var r ipc.Router
	ipc.Handle(&r, "deep", func(_ context.Context, a deep) (string, error) {
		for name, c := range map[string]channels.Channel[string]{"l0": a.List[0], "l1": a.List[1], "m": a.Map["k"], "i": *a.Inner.Leaf.C} {
			if err := c.Send(name); err != nil {
				return "", err
			}
			c.Close()
		}
		if err := a.Empty.Send("x"); !errors.Is(err, channels.ErrClosed) || a.Absent != nil || a.Empty.ID() != 0 {
			return "", fmt.Errorf("an absent channel: %w", err)
		}
		<-a.Empty.Done()
		a.Empty.Close()
		return "done", a.Empty.TrySend("x")
	})
	w := pagetest.Open(t, &r)
	got := w.Must(`const got = [], c = (n) => channel((m) => { got.push(n + '=' + m); });
		const all = [c(0), c(1), c(2), c(3)];
		await invoke('deep', {list: [all[0], all[1]], map: {k: all[2]}, inner: {Leaf: {c: all[3]}}}).catch((e) => got.push(e.message));
		await Promise.all(all.map((c) => c.closed));
		return got.sort()`)
	if got != `["0=l0","1=l1","2=m","3=i","channels: the channel is closed"]` {
		t.Error(got)
	}
}

type progress interface {
	channels.Variant
	isProgress()
}

type started struct {
	TotalBytes int `json:"totalBytes"`
}

type finished struct{}

func (started) Variant() string   { return "started" }
func (started) isProgress()       {}
func (*finished) Variant() string { return "finished" }
func (*finished) isProgress()     {}

func TestVariantsArriveTagged(t *testing.T) {
	t.Parallel()
	w, c := open[progress](t, collect)
	for _, p := range []progress{started{7}, &finished{}, nil} {
		if err := c.Send(p); err != nil {
			t.Error(err)
		}
	}
	page(t, w, "got", `[{"event":"started","data":{"totalBytes":7}},{"event":"finished","data":{}},null]`)
}

func TestBytesArriveRaw(t *testing.T) {
	t.Parallel()
	w, c := open[[]byte](t, collect, func(o *wire.EndpointOptions) { o.MaxScript = 1024 })
	for _, n := range []int{0, 1, 3, 700, 5000} {
		data := make([]byte, n)
		for i := range data {
			data[i] = byte(i)
		}
		if err := c.Send(data); err != nil {
			t.Error(err)
		}
		clear(data) // The sender may reuse its slice at once.
	}
	if err := c.Send(nil); err != nil {
		t.Error(err)
	}
	page(t, w, "got.map((b) => b instanceof ArrayBuffer && new Uint8Array(b).every((v, i) => v === (i & 255)) ? b.byteLength : 'bad')", "[0,1,3,700,5000,0]")
}

func TestAnUnwritableValueLeavesTheChannelOpen(t *testing.T) {
	t.Parallel()
	w, c := open[any](t, collect)
	for _, v := range []any{make(chan int), func() {}, int64(1 << 60), panicky{}} {
		if err := c.Send(v); err == nil || errors.Is(err, channels.ErrClosed) {
			t.Errorf("%T: %v", v, err)
		}
	}
	if err := c.Send("fine"); err != nil {
		t.Error(err)
	}
	c.Close()
	page(t, w, "[await c.closed, got]", `[null,["fine"]]`)
}

type panicky struct{}

func (panicky) MarshalJSON() ([]byte, error) { panic("no") }

func TestALargeMessageTravelsAlone(t *testing.T) {
	t.Parallel()
	w, c := open[string](t, wait)
	large := strings.Repeat("x", channels.DefaultBytes+1)
	if err := c.TrySend(large); err != nil {
		t.Fatal(err)
	}
	if err := c.TrySend("small"); !errors.Is(err, channels.ErrFull) {
		t.Errorf("a second message beside one beyond the limit: %v", err)
	}
	page(t, w, "got[0]?.length ?? 0", fmt.Sprint(len(large)))
	w.Must("c.onmessage = (m) => { got.push(m); }; next()")
	for _, text := range []string{"small", large, "small", large} {
		if err := c.Send(text); err != nil {
			t.Error(err)
		}
	}
	page(t, w, "got.map((m) => m.length)", fmt.Sprintf("[%d,5,%[1]d,5,%[1]d]", len(large)))
}

func TestAForgottenChannelEndsInThePage(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	ipc.Handle(&r, "open", func(_ context.Context, a one[int]) (none, error) {
		return none{}, a.C.Send(1) // Without Close.
	})
	w := pagetest.Open(t, &r)
	w.Must(collect)
	w.Must("globalThis.over = false; c.closed.then(() => { over = true; })")
	pagetest.Until(t, "the channel ends", func() bool {
		runtime.GC()
		return w.Must("return [over, got]") == "[true,[1]]"
	})
}

func TestAChannelThatThePageDropsEnds(t *testing.T) {
	t.Parallel()
	const drop = "globalThis.got = []; const c = channel((m) => { got.push(m); }%s); await invoke('open', {c})"
	for name, script := range map[string]string{
		"nothing can observe it":                  "await invoke('open', {c: channel()})",
		"its handler is removed":                  fmt.Sprintf(drop, "") + "; c.onmessage = undefined",
		"keepAlive is false":                      fmt.Sprintf(drop, ", {keepAlive: false}"),
		"keepAlive is false, with a late handler": "const c = channel(undefined, {keepAlive: false}); c.onmessage = () => {}; await invoke('open', {c})",
		"its reader is dropped between two messages": `globalThis.got = [];
			await (async () => { const c = channel(); await invoke('open', {c}); await c[Symbol.asyncIterator]().next(); })()`,
		"its signal is held": "globalThis.held = new AbortController(); await invoke('open', {c: channel(undefined, {signal: held.signal})})",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r ipc.Router
			arrived := make(chan channels.Channel[int], 1)
			ipc.Handle(&r, "open", func(_ context.Context, a one[int]) (none, error) {
				arrived <- a.C
				return none{}, a.C.Send(1)
			})
			w := pagetest.Open(t, &r)
			w.Must(script)
			c := <-arrived
			pagetest.Until(t, "Go gets the end", func() bool {
				w.Collect()
				select {
				case <-c.Done():
					return true
				default:
					return false
				}
			})
			if err := c.Send(1); !errors.Is(err, channels.ErrClosed) {
				t.Error(err)
			}
		})
	}
	for name, script := range map[string]string{
		"it has a handler":            fmt.Sprintf(drop, ""),
		"it gets a handler later":     "globalThis.got = []; const c = channel(); await invoke('open', {c}); c.onmessage = (m) => { got.push(m); }",
		"kept alive":                  "globalThis.got = []; (() => { const c = channel(undefined, {keepAlive: true}); globalThis.late = new WeakRef(c); globalThis.first = invoke('open', {c}); })(); await first; late.deref().onmessage = (m) => { got.push(m); }",
		"held":                        collect,
		"its end is waited for":       fmt.Sprintf(drop, ", {keepAlive: false}") + "; c.closed.then(() => 0)",
		"its next message is awaited": "globalThis.got = []; const c = channel(); (async () => { for await (const m of c) got.push(m); })(); await invoke('open', {c})",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := open[int](t, script)
			for i := range 5 {
				w.Collect()
				if err := c.Send(i); err != nil {
					t.Fatal(err)
				}
			}
			page(t, w, "got", "[0,1,2,3,4]")
		})
	}
}

// TestAChannelIsHeldUntilItsStreamEnds would pass vacuously if nothing were ever collected; see the
// test above.
func TestAChannelIsHeldUntilItsStreamEnds(t *testing.T) {
	t.Parallel()
	w, c := open[int](t, "globalThis.got = []; (() => { const c = channel((m) => { got.push(m); }); globalThis.weak = new WeakRef(c); globalThis.opened = invoke('open', {c}); })(); await opened")
	w.Collect()
	if got := w.Must("return weak.deref() !== undefined"); got != "true" {
		t.Fatal("it was collected")
	}
	if err := c.Send(1); err != nil {
		t.Fatal(err)
	}
	c.Close()
	page(t, w, "got", "[1]")
	pagetest.Until(t, "it is collected", func() bool {
		w.Collect()
		return w.Must("return weak.deref() === undefined") == "true"
	})
}

func TestASignalClosesAChannel(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ script, want string }{
		"later": {"globalThis.a = new AbortController(); const c = channel(() => {}, {signal: a.signal}); await invoke('open', {c}); a.abort(); return await c.closed ?? 'closed'", `"closed"`},
		"before it is passed": {"const a = new AbortController(); a.abort(); const c = channel(() => {}, {signal: a.signal}); return await invoke('open', {c}).catch((e) => e.code)",
			`"bad_arguments"`},
		"after its end": {"globalThis.a = new AbortController(); const c = channel(() => {}, {signal: a.signal}); await invoke('open', {c}); c.close(); a.abort(); return a.signal.fs?.length ?? 0", "0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r ipc.Router
			arrived := make(chan channels.Channel[int], 1)
			ipc.Handle(&r, "open", func(_ context.Context, a one[int]) (none, error) { arrived <- a.C; return none{}, nil })
			w := pagetest.Open(t, &r)
			if got := w.Must(test.script); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
			select {
			case c := <-arrived:
				<-c.Done()
			default:
				if name != "before it is passed" {
					t.Error("it was not passed")
				}
			}
		})
	}
}

func TestACallHoldsItsChannels(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	arrived, release := make(chan channels.Channel[int], 1), make(chan none)
	ipc.Handle(&r, "open", func(_ context.Context, a one[int]) (none, error) {
		arrived <- a.C
		<-release
		return none{}, nil
	})
	w := pagetest.Open(t, &r)
	running := w.Start("globalThis.got = []; await invoke('open', {c: channel((m) => { got.push(m); }, {keepAlive: false})})")
	c := <-arrived
	for i := range 3 {
		w.Collect()
		if err := c.Send(i); err != nil {
			t.Fatal(err)
		}
	}
	page(t, w, "got", "[0,1,2]")
	close(release)
	if _, err := w.Await(running); err != nil {
		t.Error(err)
	}
	pagetest.Until(t, "it ends with the call", func() bool {
		w.Collect()
		return errors.Is(c.TrySend(9), channels.ErrClosed)
	})
}

func TestAChannelNeedsACall(t *testing.T) {
	t.Parallel()
	var c channels.Channel[int]
	if err := c.UnmarshalJSON(t.Context(), []byte(`"__CHANNEL__:1"`)); err == nil {
		t.Error("a channel without a call")
	}
}

func TestACommandMayRefuseItsChannel(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	ended := make(chan error, 1)
	ipc.Handle(&r, "open", func(_ context.Context, a one[int]) (none, error) {
		go func() {
			for {
				if err := a.C.Send(1); err != nil {
					ended <- err
					return
				}
			}
		}()
		return none{}, &ipc.Error{Code: ipc.CodeBadArguments, Message: "not this one"}
	})
	w := pagetest.Open(t, &r)
	if got := w.Must("const c = channel(() => new Promise(() => {})); await invoke('open', {c}).catch(() => 0); return await c.closed.catch((e) => e.code)"); got != `"bad_arguments"` {
		t.Error(got)
	}
	// The page has closed it, so its producer must not wait for ever.
	if err := <-ended; !errors.Is(err, channels.ErrClosed) {
		t.Error(err)
	}
}

// Not parallel: it counts goroutines.
func TestProducersEndWithTheirWindow(t *testing.T) {
	var r ipc.Router
	var producers sync.WaitGroup
	ipc.Handle(&r, "open", func(_ context.Context, a one[int]) (none, error) {
		producers.Go(func() {
			for a.C.Send(1) == nil {
			}
		})
		return none{}, nil
	})
	w := pagetest.Open(t, &r)
	w.Must("for (let i = 0; i < 20; i++) await invoke('open', {c: channel(() => new Promise(() => {}), {keepAlive: true})})")
	w.Close()
	producers.Wait()
	pagetest.NoGoroutines(t)
}
