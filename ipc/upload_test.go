package ipc_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"casement/internal/pagetest"
	"casement/ipc"
)

// large is from how many bytes on a body goes ahead of its call.
const large = 128 << 10

func withUploads(o *ipc.EndpointOptions) { o.Upload = pagetest.UploadPath }

// uploader is a window with commands that take large bodies and count their runs.
func uploader(t *testing.T, runs *atomic.Int32, configure ...func(*ipc.EndpointOptions)) *pagetest.Window {
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
	w := pagetest.Open(t, &r, append([]func(*ipc.EndpointOptions){withUploads}, configure...)...)
	w.Must(`globalThis.pattern = (n) => Uint8Array.from({length: n}, (_, i) => (i * 7 + (i >> 8)) & 255);`)
	return w
}

func uploadsOf(w *pagetest.Window) (n int) {
	w.OnUI(func() { n = w.Uploads })
	return n
}

func TestALargeBodyGoesAhead(t *testing.T) {
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
				// What is passed counts, not what becomes of it.
				fmt.Sprintf(`const data = pattern(%d), answer = invoke('check', data); data.fill(0); return await answer === %d`, large, large),
				// A part of something larger.
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
			want := 8 // All but the first.
			if refused {
				want = 0
			}
			if got := uploadsOf(w); got != want {
				t.Errorf("%d uploads, want %d", got, want)
			}
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
	w := uploader(t, &runs, func(o *ipc.EndpointOptions) { o.Upload = "" })
	if got := w.Must(fmt.Sprintf(`return await invoke('check', pattern(%d)) === %d`, large, large)); got != "true" {
		t.Error(got)
	}
	if got := uploadsOf(w); got != 0 {
		t.Errorf("%d uploads", got)
	}
}

func TestAnUploadThatIsAbortedCancelsItsCall(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	cancelled := make(chan error, 1)
	ipc.Handle(&r, "wait", func(ctx context.Context, _ []byte) (none, error) {
		<-ctx.Done()
		cancelled <- context.Cause(ctx)
		return none{}, ctx.Err()
	})
	w := pagetest.Open(t, &r, withUploads)
	got := w.Must(fmt.Sprintf(`
		const control = new AbortController();
		const answer = invoke('wait', new Uint8Array(%d), {signal: control.signal});
		control.abort('enough');
		try { await answer; } catch (error) { return [error.code, error.cause]; }`, large))
	if got != `["cancelled","enough"]` {
		t.Error(got)
	}
	if err := <-cancelled; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestABodyThatIsTooLargeIsNotUploaded(t *testing.T) {
	t.Parallel()
	var runs atomic.Int32
	w := uploader(t, &runs, func(o *ipc.EndpointOptions) { o.MaxMessage = 2 * large })
	for _, script := range []string{
		fmt.Sprintf(`invoke('check', new Uint8Array(%d))`, 2*large+1),
		// Fewer characters than bytes: Go finds out.
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

func TestUploadsOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	var runs atomic.Int32
	w := uploader(t, &runs, func(o *ipc.EndpointOptions) { o.MaxMessage, o.MaxBacklog = 1000, 1000 })
	head := w.Head()
	key, page, _ := strings.Cut(head, " ")
	body := pattern(100)
	for _, header := range []string{
		"", " ", key, head, head + " ", head + " x", head + " 0", head + " -1", head + " 1 2", head + " 9007199254740992",
		strings.Repeat("0", len(key)) + " " + page + " 1", key + " 0123456789abcdef 1", key + "0 " + page + " 1",
	} {
		if err := w.Endpoint.Upload(header, body); !errors.Is(err, ipc.ErrUpload) {
			t.Errorf("%q: %v", header, err)
		}
	}
	if err := w.Endpoint.Upload(head+" 900", body); err != nil {
		t.Error(err)
	}
	if err := w.Endpoint.Upload(head+" 900", body); !errors.Is(err, ipc.ErrUpload) {
		t.Errorf("twice: %v", err)
	}
	if err := w.Endpoint.Upload(head+" 901", make([]byte, 901)); !errors.Is(err, ipc.ErrBacklog) {
		t.Errorf("more than may wait: %v", err)
	}
	if err := w.Endpoint.Upload(head+" 901", make([]byte, 1001)); !errors.Is(err, ipc.ErrBacklog) {
		t.Errorf("more than a message may be: %v", err)
	}
	// What waits is for one call, and goes with the page.
	w.Receive(head + "\n{\"kind\":\"call\",\"id\":900,\"command\":\"check\",\"body\":\"bytes\",\"uploaded\":true}\n\n")
	pagetest.Until(t, "the command runs", func() bool { return runs.Load() == 1 })
	w.Receive(head + "\n{\"kind\":\"call\",\"id\":902,\"command\":\"check\",\"body\":\"bytes\",\"uploaded\":true}\n\n")
	if !w.Log.Has("nothing has been uploaded for call 902") {
		t.Error("a call without its upload was taken")
	}
	if err := w.Endpoint.Upload(head+" 903", make([]byte, 1000)); err != nil {
		t.Error("what was taken is still counted:", err)
	}
	w.Load(pagetest.Origin + "/")
	if err := w.Endpoint.Upload(head+" 904", body); !errors.Is(err, ipc.ErrUpload) {
		t.Errorf("from a page that is over: %v", err)
	}
	if err := w.Endpoint.Upload(w.Head()+" 1", make([]byte, 1000)); err != nil {
		t.Error("what an earlier page has uploaded still counts:", err)
	}
	if runs.Load() != 1 {
		t.Errorf("%d runs", runs.Load())
	}
}

func TestOnlyTheHeaderSaysThatABodyIsUploaded(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	ipc.Handle(&r, "check", func(context.Context, []byte) (none, error) {
		t.Error("the command runs")
		return none{}, nil
	})
	p := newPaper(t, &r, withUploads)
	p.receive(`{"kind":"call","id":1,"command":"check","body":"uploaded"}`, "AAAA")
	p.runUntil("an answer", func() bool { return len(p.got) == 1 })
	if got := join(p.got[0]); !strings.Contains(got, "bad_arguments") || !strings.Contains(got, "unknown form") {
		t.Error(got)
	}
}
