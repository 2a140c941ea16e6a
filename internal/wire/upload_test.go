package wire_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"

	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

// large is the size from which a body is uploaded before its call, in bytes.
const large = 32 << 10

func withUploads(o *wire.EndpointOptions) { o.Upload = pagetest.UploadPath }

// uploader returns a window with commands that take large bodies and count their runs.
func uploader(t *testing.T, runs *atomic.Int32, configure ...func(*wire.EndpointOptions)) *pagetest.Window {
	t.Helper()
	var r ipc.Router
	ipc.Handle(&r, "check", func(_ context.Context, data []byte) (int, error) {
		runs.Add(1)
		if !bytes.Equal(data, pattern(len(data))) {
			return -1, nil
		}
		return len(data), nil
	})
	ipc.Handle(&r, "length", func(_ context.Context, a struct {
		Text string `json:"text"`
		More []byte `json:"more"`
	}) (string, error) {
		runs.Add(1)
		return fmt.Sprint(len(a.Text), " ", len(a.More), " ", strings.Count(a.Text, "é")), nil
	})
	w := pagetest.Open(t, &r, append([]func(*wire.EndpointOptions){withUploads}, configure...)...)
	w.Must(`globalThis.pattern = (n) => Uint8Array.from({length: n}, (_, i) => (i * 7 + (i >> 8)) & 255);`)
	return w
}

func uploadsOf(w *pagetest.Window) (n int) {
	w.OnUI(func() { n = w.Uploads })
	return n
}

func TestALargeBodyIsUploaded(t *testing.T) {
	t.Parallel()
	for _, refused := range []bool{false, true} {
		t.Run(fmt.Sprintf("refused=%v", refused), func(t *testing.T) {
			t.Parallel()
			var runs atomic.Int32
			w := uploader(t, &runs)
			w.OnUI(func() { w.NoUploads = refused })
			for n, script := range []string{
				fmt.Sprintf(`return await invoke('check', pattern(%d)) === %d`, large-1, large-1),
				fmt.Sprintf(`return await invoke('check', pattern(%d)) === %d`, large, large),
				fmt.Sprintf(`return await invoke('check', pattern(%d).buffer) === %d`, large, large),
				// Arguments count as they were passed, whatever happens to them later.
				fmt.Sprintf(`const data = pattern(%d), answer = invoke('check', data); data.fill(0); return await answer === %d`, large, large),
				// A part of a larger buffer.
				fmt.Sprintf(`const all = new Uint8Array(%d); all.set(pattern(%d), 10);
					return await invoke('check', all.subarray(10, %d)) === %d`, 2*large, large, large+10, large),
				fmt.Sprintf(`return await invoke('length', {text: 'é'.repeat(%d), more: new Uint8Array(3)}) === '%d 3 %d'`, large, 2*large, large),
				// Several at once.
				fmt.Sprintf(`const all = await Promise.all([1, 2, 3].map((n) => invoke('check', pattern(%d + n)))); return all.join() === '%d,%d,%d'`,
					large, large+1, large+2, large+3),
			} {
				runs.Store(0)
				if got := w.Must(script); got != "true" {
					t.Errorf("%d: %s", n, got)
				}
				if want := int32(1 + 2*(n/6)); runs.Load() != want {
					t.Errorf("%d: the command has run %d times", n, runs.Load())
				}
			}
			want, wantRefused := 8, 0 // All but the first.
			if refused {
				want, wantRefused = 0, 1 // The page stops uploading.
			}
			w.OnUI(func() {
				if w.Uploads != want || w.Refused != wantRefused {
					t.Errorf("%d uploads and %d refused, want %d and %d", w.Uploads, w.Refused, want, wantRefused)
				}
			})
			for _, text := range w.Posted() {
				if !refused && len(text) > 2*large {
					t.Errorf("a message of %d bytes was posted", len(text))
				}
			}
		})
	}
}

func TestALargeBodyNeedsNoUploads(t *testing.T) {
	t.Parallel()
	var runs atomic.Int32
	w := uploader(t, &runs, func(o *wire.EndpointOptions) { o.Upload = "" })
	if got := w.Must(fmt.Sprintf(`return await invoke('check', pattern(%d)) === %d`, large, large)); got != "true" {
		t.Error(got)
	}
	if got := uploadsOf(w); got != 0 {
		t.Errorf("%d uploads", got)
	}
}

func TestAnUploadThatIsAbortedCancelsItsCall(t *testing.T) {
	t.Parallel()
	for _, arrives := range []bool{false, true} {
		t.Run(fmt.Sprintf("arrives=%v", arrives), func(t *testing.T) {
			t.Parallel()
			var r ipc.Router
			began, cancelled := make(chan struct{}), make(chan error, 1)
			ipc.Handle(&r, "wait", func(ctx context.Context, _ []byte) (none, error) {
				close(began)
				<-ctx.Done()
				cancelled <- context.Cause(ctx)
				return none{}, ctx.Err()
			})
			ipc.Handle(&r, "begun", func(context.Context, none) (none, error) {
				<-began
				return none{}, nil
			})
			w := pagetest.Open(t, &r, withUploads)
			got := w.Must(fmt.Sprintf(`
				const control = new AbortController();
				const answer = invoke('wait', new Uint8Array(%d), {signal: control.signal});
				if (%v) await invoke('begun');
				control.abort('enough');
				try { await answer; } catch (error) { return [error.code, error.cause]; }`, large, arrives))
			if got != `["cancelled","enough"]` {
				t.Error(got)
			}
			if !arrives {
				// Go answers anyway, and the command does not run when its body arrives.
				pagetest.Until(t, "no call is in flight", func() bool { return w.Endpoint.InFlight() == 0 })
				return
			}
			if err := <-cancelled; !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
}

func TestABodyThatIsTooLargeIsNotUploaded(t *testing.T) {
	t.Parallel()
	var runs atomic.Int32
	w := uploader(t, &runs, func(o *wire.EndpointOptions) { o.MaxMessage = 2 * large })
	for _, script := range []string{
		fmt.Sprintf(`invoke('check', new Uint8Array(%d))`, 2*large+1),
		// It has fewer characters than bytes, so Go detects the size.
		fmt.Sprintf(`invoke('length', {text: 'é'.repeat(%d), more: ''})`, large+large/2),
	} {
		if got := w.Must("try { await " + script + "; } catch (error) { return error.code; }"); got != `"too_large"` {
			t.Errorf("%s: %s", script, got)
		}
	}
	if runs.Load() != 0 || uploadsOf(w) != 0 {
		t.Errorf("%d runs, %d uploads", runs.Load(), uploadsOf(w))
	}
}

func TestForeignUploadsAreRefused(t *testing.T) {
	t.Parallel()
	var runs atomic.Int32
	w := uploader(t, &runs, func(o *wire.EndpointOptions) { o.MaxMessage, o.MaxBacklog, o.MaxHeld = 1000, 1000, 1200 })
	head := w.Head()
	key, page, _ := strings.Cut(head, " ")
	body := pattern(100)
	for _, header := range []string{
		"", " ", key, head, head + " ", head + " x", head + " 0", head + " -1", head + " 1 2", head + " 9007199254740992",
		strings.Repeat("0", len(key)) + " " + page + " 1", key + " 0123456789abcdef 1", key + "0 " + page + " 1",
	} {
		if err := w.Endpoint.Upload(header, body); !errors.Is(err, wire.ErrUpload) {
			t.Errorf("%q: %v", header, err)
		}
	}
	if err := w.Endpoint.Upload(head+" 1", body); err != nil {
		t.Error(err)
	}
	if err := w.Endpoint.Upload(head+" 1", body); !errors.Is(err, wire.ErrUpload) {
		t.Errorf("twice: %v", err)
	}
	if err := w.Endpoint.Upload(head+" 2", make([]byte, 901)); !errors.Is(err, ipc.ErrBacklog) {
		t.Errorf("more than may wait: %v", err)
	}
	if err := w.Endpoint.Upload(head+" 2", make([]byte, 1001)); !errors.Is(err, ipc.ErrBacklog) {
		t.Errorf("more than a message may be: %v", err)
	}
	// The waiting body belongs to one call, and is dropped with the page.
	w.Receive(head + "\n{\"kind\":\"call\",\"id\":900,\"command\":\"check\",\"body\":\"bytes\",\"uploaded\":1}\n\n")
	pagetest.Until(t, "the command runs", func() bool { return runs.Load() == 1 })
	if err := w.Endpoint.Upload(head+" 3", make([]byte, 1000)); err != nil {
		t.Error("the claimed body is still counted:", err)
	}
	w.Load(pagetest.Origin + "/")
	if err := w.Endpoint.Upload(head+" 4", body); !errors.Is(err, wire.ErrUpload) {
		t.Errorf("from an earlier page: %v", err)
	}
	if err := w.Endpoint.Upload(w.Head()+" 1", make([]byte, 1000)); err != nil {
		t.Error("the uploads of an earlier page are still counted:", err)
	}
	if runs.Load() != 1 {
		t.Errorf("%d runs", runs.Load())
	}
}

// A call's message and its body may arrive in either order, and the body in either of two ways.
func TestACallRunsOnceHoweverItsBodyArrives(t *testing.T) {
	t.Parallel()
	const call, base64 = `{"kind":"call","id":7,"command":"check","body":"bytes","uploaded":3}`, "AAECAw=="
	body := []byte{0, 1, 2, 3}
	head := func(p *paper) string { return p.Key + " " + p.Page + " 3" }
	upload := func(p *paper) error { return p.Endpoint.Upload(head(p), body) }
	message := func(p *paper) error { p.Receive(`{"kind":"body","id":3}`, base64); return nil }
	announce := func(p *paper) error { p.Receive(call, ""); return nil }
	cancel := func(p *paper) error { p.Receive(`{"kind":"cancel","id":7}`, ""); return nil }
	large := func(p *paper) error { return p.Endpoint.Upload(head(p), make([]byte, 1001)) }
	largeMessage := func(p *paper) error { p.Receive(`{"kind":"body","id":3}`, strings.Repeat("A", 1000)); return nil }
	noBase64 := func(p *paper) error { p.Receive(`{"kind":"body","id":3}`, "!"); return nil }
	for name, test := range map[string]struct {
		steps []func(*paper) error
		want  string
		runs  int32
		err   error
	}{
		"the message first":    {[]func(*paper) error{announce, upload}, `[0,7,4]`, 1, nil},
		"the body first":       {[]func(*paper) error{upload, announce}, `[0,7,4]`, 1, nil},
		"in a message":         {[]func(*paper) error{announce, message}, `[0,7,4]`, 1, nil},
		"in both ways":         {[]func(*paper) error{announce, upload, message}, `[0,7,4]`, 1, nil},
		"in both, late":        {[]func(*paper) error{announce, message, upload}, `[0,7,4]`, 1, nil},
		"in both, early":       {[]func(*paper) error{upload, announce, message, upload}, `[0,7,4]`, 1, nil},
		"cancelled":            {[]func(*paper) error{announce, cancel}, `[2,7,{"code":"cancelled"`, 0, nil},
		"cancelled, then here": {[]func(*paper) error{announce, cancel, upload, message, cancel}, `[2,7,{"code":"cancelled"`, 0, nil},
		"too large":            {[]func(*paper) error{announce, large, message}, `[0,7,4]`, 1, ipc.ErrBacklog},
		"too large a message":  {[]func(*paper) error{announce, largeMessage}, `[2,7,{"code":"too_large"`, 0, nil},
		"no base64":            {[]func(*paper) error{announce, noBase64}, `[2,7,{"code":"bad_arguments"`, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var runs atomic.Int32
			var r ipc.Router
			ipc.Handle(&r, "check", func(_ context.Context, data []byte) (int, error) {
				runs.Add(1)
				if !bytes.Equal(data, body) {
					return -1, nil
				}
				return len(data), nil
			})
			p := newPaper(t, &r, withUploads, func(o *wire.EndpointOptions) { o.MaxMessage, o.MaxBacklog = 1000, 1000 })
			var err error
			for _, step := range test.steps {
				err = errors.Join(err, step(p))
			}
			if (test.err == nil) != (err == nil) || !errors.Is(err, test.err) {
				t.Errorf("%v, want %v", err, test.err)
			}
			p.RunUntil("an answer", func() bool { return len(p.Got) == 1 && p.Endpoint.InFlight() == 0 })
			if got := join(p.Got[0]); !strings.HasPrefix(got, test.want) || runs.Load() != test.runs {
				t.Errorf("%s after %d runs, want %s after %d", got, runs.Load(), test.want, test.runs)
			}
			// Nothing is left of the call: the full limit is free.
			if err := p.Endpoint.Upload(p.Key+" "+p.Page+" 4", make([]byte, 1000)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestACallThatIsRefusedForgetsItsBody(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	release := make(chan struct{})
	ipc.Handle(&r, "wait", func(context.Context, []byte) (none, error) { <-release; return none{}, nil })
	p := newPaper(t, &r, withUploads, func(o *wire.EndpointOptions) { o.MaxMessage, o.MaxBacklog, o.MaxCalls = 1000, 1000, 1 })
	head := p.Key + " " + p.Page
	p.Receive(`{"kind":"call","id":1,"command":"wait","body":"bytes"}`, "")
	if err := p.Endpoint.Upload(head+" 1", make([]byte, 1000)); err != nil {
		t.Error(err)
	}
	p.Receive(`{"kind":"call","id":2,"command":"wait","body":"bytes","uploaded":1}`, "")
	p.Receive(`{"kind":"call","id":3,"command":"wait","body":"bytes","uploaded":2}`, "")
	for number := range 3 {
		if err := p.Endpoint.Upload(fmt.Sprint(head, " ", number+2), make([]byte, 1000)); err != nil {
			t.Errorf("%d: %v", number+2, err)
		}
		p.Endpoint.Receive([]byte(head + "\n{\"kind\":\"call\",\"id\":9,\"command\":\"wait\",\"uploaded\":" + fmt.Sprint(number+2) + "}\n\n"))
	}
	// A header that is too large is refused unread.
	p.Receive(`{"kind":"call","id":20,"command":"wait","uploaded":5,"headers":{"x":"`+strings.Repeat("x", 64<<10)+`"}}`, "")
	for number := range 3 {
		if err := p.Endpoint.Upload(fmt.Sprint(head, " 5"), make([]byte, 1000)); err != nil {
			t.Errorf("%d: %v", number, err)
		}
	}
	close(release)
	p.RunUntil("the answers", func() bool { return len(p.Got) == 7 })
	for at, message := range p.Got[:6] {
		if got := join(message); !strings.Contains(got, []string{"busy", "too_large"}[at/5]) {
			t.Error(got)
		}
	}
}

// unrun returns a paper whose command "check" must not run.
func unrun(t *testing.T) *paper {
	t.Helper()
	var r ipc.Router
	ipc.Handle(&r, "check", func(context.Context, []byte) (none, error) {
		t.Error("the command ran")
		return none{}, nil
	})
	return newPaper(t, &r, withUploads)
}

func TestAPageThatGoesForgetsAwaitedBodies(t *testing.T) {
	t.Parallel()
	p := unrun(t)
	p.Receive(`{"kind":"call","id":7,"command":"check","body":"bytes","uploaded":3}`, "")
	page := p.Endpoint.Page()
	p.Endpoint.Gone()
	if err := p.Endpoint.Upload(p.Key+" "+p.Page+" 3", make([]byte, 10)); !errors.Is(err, wire.ErrUpload) {
		t.Error(err)
	}
	if page.Context().Err() == nil {
		t.Error("the page still exists")
	}
}

func TestOnlyTheHeaderMarksABodyAsUploaded(t *testing.T) {
	t.Parallel()
	p := unrun(t)
	p.Receive(`{"kind":"call","id":1,"command":"check","body":"uploaded"}`, "AAAA")
	p.RunUntil("an answer", func() bool { return len(p.Got) == 1 })
	if got := join(p.Got[0]); !strings.Contains(got, "bad_arguments") || !strings.Contains(got, "unknown form") {
		t.Error(got)
	}
}

// A collector is a receiver that records its calls.
type collector struct {
	mu    sync.Mutex
	calls []string
}

func (c *collector) Receive(v wire.Value) error {
	var data []byte
	if err := v.Decode(&data); err != nil {
		return err
	}
	c.record(fmt.Sprint(string(data), v.Ask))
	return nil
}

func (c *collector) Ended(err error) { c.record(fmt.Sprint("end ", err)) }

func (c *collector) Over() {}

func (c *collector) record(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, what)
}

func (c *collector) all() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.calls, ", ")
}

// collected returns a paper with a collector as the owner of sink 5, for a command that does not
// return before the page's end.
func collected(t *testing.T, configure ...func(*wire.EndpointOptions)) (*paper, *collector) {
	t.Helper()
	c, attached := new(collector), make(chan error)
	var r ipc.Router
	ipc.Handle(&r, "collect", func(ctx context.Context, _ none) (none, error) {
		attached <- wire.CallFrom(ctx).AttachReceiver(5, c)
		<-ctx.Done()
		return none{}, ctx.Err()
	})
	p := newPaper(t, &r, append([]func(*wire.EndpointOptions){withUploads}, configure...)...)
	p.Receive(`{"kind":"call","id":1,"command":"collect","sinks":[5]}`, "{}")
	if err := <-attached; err != nil {
		t.Fatal(err)
	}
	return p, c
}

func TestASinksValuesStayInOrder(t *testing.T) {
	t.Parallel()
	const want = "0false, 1true, 2false, 3false, 4true, 5false, end <nil>"
	arrive := map[int]func(*paper){
		1: func(p *paper) { _ = p.Endpoint.Upload(p.Key+" "+p.Page+" 1", []byte("1")) },
		3: func(p *paper) { p.Receive(`{"kind":"body","id":2}`, "Mw==") },
		4: func(p *paper) { _ = p.Endpoint.Upload(p.Key+" "+p.Page+" 3", []byte("4")) },
	}
	say := []func(*paper){
		func(p *paper) { p.Receive(`{"kind":"push","channel":5,"body":"bytes"}`, "MA==") },
		func(p *paper) { p.Receive(`{"kind":"push","channel":5,"body":"bytes","uploaded":1,"ask":true}`, "") },
		func(p *paper) { p.Receive(`{"kind":"push","channel":5,"body":"bytes"}`, "Mg==") },
		func(p *paper) { p.Receive(`{"kind":"push","channel":5,"body":"bytes","uploaded":2}`, "") },
		func(p *paper) { p.Receive(`{"kind":"push","channel":5,"body":"bytes","uploaded":3,"ask":true}`, "") },
		func(p *paper) { p.Receive(`{"kind":"push","channel":5,"body":"bytes"}`, "NQ==") },
		func(p *paper) { p.Receive(`{"kind":"end","channel":5}`, "") },
	}
	// Each order of the three bodies, starting after each number of messages.
	for _, order := range [][]int{{1, 3, 4}, {1, 4, 3}, {3, 1, 4}, {3, 4, 1}, {4, 1, 3}, {4, 3, 1}} {
		for after := range len(say) + 1 {
			p, c := collected(t)
			for i, f := range say {
				if i == after {
					for _, at := range order {
						if at != 3 { // A message arrives after the one that it completes.
							arrive[at](p)
						}
					}
				}
				f(p)
			}
			for _, at := range order {
				if after == len(say) || at == 3 {
					arrive[at](p)
				}
			}
			if got := c.all(); got != want {
				t.Errorf("%v after %d: %s", order, after, got)
			}
		}
	}
}

func TestASinksBodiesMayArriveTogether(t *testing.T) {
	t.Parallel()
	p, c := collected(t)
	var want []string
	var g errgroup.Group
	for n := 1; n <= 50; n++ {
		want = append(want, fmt.Sprint(n, "false"))
		p.Receive(fmt.Sprintf(`{"kind":"push","channel":5,"body":"bytes","uploaded":%d}`, n), "")
		g.Go(func() error { return p.Endpoint.Upload(fmt.Sprint(p.Key, " ", p.Page, " ", n), fmt.Append(nil, n)) })
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	if got := c.all(); got != strings.Join(want, ", ") {
		t.Error(got)
	}
}

func TestASinkEndsWithABodyThatFails(t *testing.T) {
	t.Parallel()
	p, c := collected(t, func(o *wire.EndpointOptions) { o.MaxMessage = 1000 })
	p.Receive(`{"kind":"push","channel":5,"body":"bytes","uploaded":1}`, "")
	p.Receive(`{"kind":"push","channel":5,"body":"bytes"}`, "MA==")
	p.Receive(`{"kind":"body","id":1}`, strings.Repeat("A", 1000))
	p.RunUntil("the page gets the stop", func() bool { return len(p.Got) == 1 })
	if got := join(p.Got[0]); !strings.HasPrefix(got, `[8,5,{"code":"too_large"`) {
		t.Error(got)
	}
	if got := c.all(); !strings.HasPrefix(got, "end ") || strings.Contains(got, "false") {
		t.Error(got)
	}
}

func TestValuesBehindAMissingBodyAreBounded(t *testing.T) {
	t.Parallel()
	p, c := collected(t)
	p.Receive(`{"kind":"push","channel":5,"body":"bytes","uploaded":1}`, "")
	// The page may be ahead by its credit; Go accepts twice that.
	for range 2 * 4096 {
		p.Receive(`{"kind":"push","channel":5,"body":"bytes"}`, "MA==")
	}
	p.RunUntil("the page gets the stop", func() bool { return len(p.Got) == 1 })
	if got := join(p.Got[0]); !strings.HasPrefix(got, `[8,5,{"code":"failed"`) || !strings.Contains(c.all(), "more than its credit allows") {
		t.Error(got, c.all())
	}
	if err := p.Endpoint.Upload(p.Key+" "+p.Page+" 1", make([]byte, 10)); err != nil {
		t.Error(err)
	}
	if got := c.all(); strings.Contains(got, "false") {
		t.Error(got)
	}
}

// A command may decode its arguments late, and the page need not know.
func TestValuesBeforeTheirReaderAreKept(t *testing.T) {
	t.Parallel()
	const ahead = 4096 // The credit of the page runtime.
	c, attach := new(collector), make(chan struct{})
	var r ipc.Router
	ipc.Handle(&r, "collect", func(ctx context.Context, _ none) (none, error) {
		<-attach
		return none{}, wire.CallFrom(ctx).AttachReceiver(5, c)
	})
	p := newPaper(t, &r)
	p.Receive(`{"kind":"call","id":1,"command":"collect","sinks":[5]}`, "{}")
	for range ahead {
		p.Receive(`{"kind":"push","channel":5,"body":"bytes"}`, "MA==")
	}
	close(attach)
	p.RunUntil("the sink's end and an answer", func() bool { return len(p.Got) == 2 })
	if got := strings.Count(c.all(), "0false"); got != ahead {
		t.Errorf("%d values of %d, and %s", got, ahead, join(p.Got[1]))
	}
}

func TestOneValueMayExceedTheLimit(t *testing.T) {
	t.Parallel()
	p, c := collected(t)
	upload := func(number, size int) {
		t.Helper()
		if err := p.Endpoint.Upload(fmt.Sprint(p.Key, " ", p.Page, " ", number), bytes.Repeat([]byte{'a'}, size)); err != nil {
			t.Fatal(err)
		}
	}
	p.Receive(`{"kind":"push","channel":5,"body":"bytes","uploaded":1}`, "")
	upload(2, 20<<20)
	p.Receive(`{"kind":"push","channel":5,"body":"bytes","uploaded":2}`, "")
	upload(1, 3)
	if got := len(c.all()); got != len("aaafalse, ")+20<<20+len("false") {
		t.Errorf("%d bytes: %.100s", got, c.all())
	}
}
