package wire_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"casement/channels"
	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

// uploads checks that the largest possible body can be uploaded, which excludes a message.
func uploads(t *testing.T, w *pagetest.Window, size int) {
	t.Helper()
	before := uploadsOf(w)
	if got := w.Must(fmt.Sprintf("return await invoke('check', pattern(%d))", size)); got != fmt.Sprint(size) {
		t.Error(got)
	}
	if n := uploadsOf(w) - before; n != 1 {
		t.Errorf("%d uploads, want 1", n)
	}
}

func TestAnUploadThatFailsAffectsNoOther(t *testing.T) {
	t.Parallel()
	const most = 2 * large
	for name, test := range map[string]struct {
		lose   bool
		script string
		want   string
	}{
		"a lost upload follows as a message":  {true, fmt.Sprintf("return await invoke('check', pattern(%d))", large), fmt.Sprint(large)},
		"a text too":                          {true, fmt.Sprintf("return await invoke('length', {text: 'x'.repeat(%d), more: ''})", large), fmt.Sprintf(`"%d 0 0"`, large)},
		"unless it is too large for that":     {true, fmt.Sprintf("return await invoke('check', pattern(%d)).catch((e) => e.code)", most), `"too_large"`},
		"a text that is too large in bytes":   {false, fmt.Sprintf("return await invoke('length', {text: '\u65e5'.repeat(%d), more: ''}).catch((e) => e.message)", large), fmt.Sprintf(`"length: %d bytes, more than the app's limit of %d"`, 3*large+21, most)},
		"an event that is too large in bytes": {false, fmt.Sprintf("return await __ipc.emit('x', '\u65e5'.repeat(%d)).catch((e) => e.message)", large), fmt.Sprintf(`"emit x: %d bytes, more than the app's limit of %d"`, 3*large+2, most)},
		"bytes that are too large":            {false, fmt.Sprintf("return await invoke('check', pattern(%d)).catch((e) => e.code)", most+1), `"too_large"`},
		"a call whose signal is aborted meanwhile": {true, fmt.Sprintf(
			"const a = new AbortController(), p = invoke('check', pattern(%d), {signal: a.signal}); a.abort(); return await p.catch((e) => e.code)", large), `"cancelled"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var runs atomic.Int32
			w := uploader(t, &runs, func(o *wire.EndpointOptions) { o.MaxMessage = most })
			w.OnUI(func() { w.LoseUploads = test.lose })
			if got := w.Must(test.script); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
			pagetest.Until(t, "no call is in flight", func() bool { return w.Endpoint.InFlight() == 0 })
			if test.lose { // The upload of an aborted call may still be in transit.
				pagetest.Until(t, "the upload is lost", func() (lost bool) { w.OnUI(func() { lost = w.Refused > 0 }); return lost })
			}
			w.OnUI(func() { w.LoseUploads = false })
			uploads(t, w, most)
			// The page itself reported the failure.
			if w.Log.Has(refusal) {
				t.Error(w.Log)
			}
		})
	}
}

func TestAValueThatIsTooLargeEndsItsSink(t *testing.T) {
	t.Parallel()
	const most = 2 * large
	for name, value := range map[string]string{
		"bytes":          fmt.Sprintf("new Uint8Array(%d)", most+1),
		"text":           fmt.Sprintf("'x'.repeat(%d)", most),
		"few characters": fmt.Sprintf("'\u65e5'.repeat(%d)", large),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r ipc.Router
			ipc.Handle(&r, "check", func(_ context.Context, data []byte) (int, error) { return len(data), nil })
			ended := make(chan error, 1)
			ipc.Handle(&r, "read", func(ctx context.Context, a struct {
				Values channels.Receiver[any] `json:"values"`
			}) (int, error) {
				count := 0
				for _, err := range a.Values.All(ctx) {
					if err != nil {
						ended <- err
						return count, nil
					}
					count++
				}
				ended <- nil
				return count, nil
			})
			w := pagetest.Open(t, &r, withUploads, func(o *wire.EndpointOptions) { o.MaxMessage = most })
			got := w.Must(fmt.Sprintf(`
				globalThis.pattern = (n) => new Uint8Array(n);
				const stops = [], out = __ipc.sink((kind, why) => { if (kind === 'stop') stops.push(why.code); });
				const count = invoke('read', {values: out});
				out.push(out.pack('first'), false);
				let thrown;
				try { out.push(out.pack(%s), false); } catch (error) { thrown = error.code; }
				return [thrown, stops, await count]`, value))
			if got != `["too_large",["too_large"],1]` {
				t.Error(got)
			}
			if err := <-ended; err == nil || !strings.Contains(err.Error(), fmt.Sprintf("more than the app's limit of %d", most)) {
				t.Error(err)
			}
			uploads(t, w, most)
		})
	}
}

// Go ends a sink whose next value it refuses: the stream must not have a gap.
func TestARefusedValueEndsItsSink(t *testing.T) {
	t.Parallel()
	for name, push := range map[string]struct{ header, body, code string }{
		"oversized":                  {`{"kind":"push","channel":5}`, `"` + strings.Repeat("x", 1000) + `"`, "too_large"},
		"an odd form":                {`{"kind":"push","channel":5,"body":"gzip"}`, "1", "failed"},
		"a header that is too large": {`{"kind":"push","channel":5,"url":"` + strings.Repeat("x", wire.MaxHeader) + `"}`, "", "too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, c := collected(t, func(o *wire.EndpointOptions) {
				if name == "oversized" {
					o.MaxMessage = 1000
				}
			})
			p.Receive(`{"kind":"push","channel":5,"body":"bytes"}`, "MA==")
			p.Receive(push.header, push.body)
			p.RunUntil("the page gets the stop", func() bool { return len(p.Got) == 1 })
			if got := join(p.Got[0]); !strings.HasPrefix(got, `[8,5,{"code":"`+push.code+`"`) {
				t.Error(got)
			}
			if got := c.all(); !strings.HasPrefix(got, "0false, end ") {
				t.Error(got)
			}
		})
	}
}
