package wire_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"casement/channels"
	"casement/events"
	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

// A spoiled is a window with a call of each kind in flight, a channel and two listeners, whose page
// then replaced everything it can. The page's variable got records the arrivals.
type spoiled struct {
	*pagetest.Window
	bus     *events.Bus
	channel channels.Channel[any]
	release chan none
}

func spoil(t *testing.T) *spoiled {
	t.Helper()
	bus, pages := events.New(nil)
	s := &spoiled{bus: bus, release: make(chan none)}
	opened := make(chan channels.Channel[any], 1)
	var r ipc.Router
	ipc.Handle(&r, "open", func(_ context.Context, a struct {
		C channels.Channel[any] `json:"c"`
	}) (none, error) {
		opened <- a.C
		return none{}, nil
	})
	wait := func(ctx context.Context) {
		select {
		case <-s.release:
		case <-ctx.Done():
		}
	}
	ipc.Handle(&r, "value", func(ctx context.Context, _ none) (string, error) { wait(ctx); return "value", nil })
	ipc.Handle(&r, "bytes", func(ctx context.Context, _ none) ([]byte, error) { wait(ctx); return []byte("bytes"), nil })
	ipc.Handle(&r, "fail", func(ctx context.Context, _ none) (none, error) { wait(ctx); return none{}, errors.New("fails") })
	ipc.Handle(&r, "echo", func(_ context.Context, a struct {
		Value string `json:"value"`
	}) (string, error) {
		return a.Value, nil
	})
	ipc.Handle(&r, "sum", func(ctx context.Context, a struct {
		Values channels.Receiver[int] `json:"values"`
	}) (int, error) {
		sum := 0
		for n, err := range a.Values.All(ctx) {
			if err != nil {
				return 0, err
			}
			sum += n
		}
		return sum, nil
	})
	s.Window = pagetest.Open(t, &r, func(o *wire.EndpointOptions) { o.Bus = pages })
	s.Must(`
		globalThis.got = '';
		globalThis.note = async (name, call) => {
			try { const value = await call; got += name + '=' + value + ' '; } catch (error) { got += name + '!' + error.code + ' '; }
		};
		const c = channel((m) => {
			if (typeof m === 'string' && m !== 'last') throw 'on purpose';
			got += 'channel=' + (typeof m === 'object' ? 'bytes' : m) + ' ';
		});
		await invoke('open', {c});
		await __ipc.listen('x', () => { throw 'on purpose'; });
		await __ipc.listen('x', (e) => { got += 'event=' + e.payload + ' '; });
		note('value', invoke('value'));
		note('bytes', (async () => typeof await invoke('bytes'))());
		note('fail', invoke('fail'));`)
	s.channel = <-opened
	s.OnUI(func() { s.Eval([]byte(pagetest.Vandal)) })
	return s
}

// got returns the page's record, in a way that has to work too.
func (s *spoiled) got(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	text, err := s.Endpoint.EvalResult(ctx, "got")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Trim(string(text), `" `)
}

func (s *spoiled) until(t *testing.T, want string) {
	t.Helper()
	pagetest.Until(t, want, func() bool { return strings.Contains(s.got(t), want) })
}

func TestReplacedGlobalsLoseNoMessage(t *testing.T) {
	t.Parallel()
	s := spoil(t)
	// More batches than may be in flight, each with a handler that throws: all are acknowledged.
	for n := range 300 {
		for _, v := range []any{"throw", n} {
			if err := s.channel.Send(v); err != nil {
				t.Fatal(err)
			}
		}
		s.until(t, fmt.Sprintf("channel=%d", n))
	}
	s.OnUI(func() { s.Eval([]byte("got = ''")) })
	if err := s.channel.Send([]byte{1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	if err := s.bus.Emit("x", 7); err != nil {
		t.Fatal(err)
	}
	close(s.release)
	for _, want := range []string{"channel=bytes", "event=7", "value=value", "bytes=object", "fail!failed"} {
		s.until(t, want)
	}
	// The page's later messages arrive too, a large message and a stream among them.
	s.OnUI(func() {
		s.Eval([]byte(`
			note('echo', __ipc.invoke('echo', {__proto__: null, value: 'said'}));
			note('none', __ipc.invoke('none'));
			note('emit', __ipc.emit('x', 8));
			(() => {
				const out = __ipc.sink(() => undefined);
				note('sum', __ipc.invoke('sum', {__proto__: null, values: out}));
				for (let n = 0; n < 5; n++) out.push(out.pack(n), false);
				out.end();
			})();`))
	})
	for _, want := range []string{"echo=said", "none!unknown_command", "event=8", "emit=null", "sum=10"} {
		s.until(t, want)
	}
	if s.Log.Has("a script failed") || s.Log.Has("a job failed") {
		t.Error(s.Log)
	}
}

// TestAConsoleThatThrowsLosesNoMessage is a milder case, which an app's logging library may cause.
func TestAConsoleThatThrowsLosesNoMessage(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"throws":     "console.error = () => { throw 1; }",
		"is gone":    "console = undefined",
		"is a trap":  "Object.defineProperty(globalThis, 'console', {get() { throw 1; }})",
		"is no more": "delete console.error",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, pages := events.New(nil)
			var r ipc.Router
			returns(&r, "go", 1)
			w := pagetest.Open(t, &r, func(o *wire.EndpointOptions) { o.Bus = pages })
			w.Must(`globalThis.heard = [];
				await __ipc.listen('x', () => { throw new Error('on purpose'); });
				await __ipc.listen('x', (e) => { heard.push(e.payload); });` + script)
			for n := range 200 {
				if err := b.Emit("x", n); err != nil {
					t.Fatal(err)
				}
				pagetest.Until(t, "the event arrives", func() bool { return w.Must("return heard.length") == fmt.Sprint(n+1) })
			}
			if got := w.Must("return await invoke('go')"); got != "1" {
				t.Error(got)
			}
		})
	}
}
