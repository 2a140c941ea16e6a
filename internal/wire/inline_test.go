package wire_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

func TestAnInlineCommandRunsWhereItsCallArrives(t *testing.T) {
	t.Parallel()
	var order []int // Unguarded: one goroutine runs all of it.
	var r ipc.Router
	ipc.Handle(&r, "note", func(_ context.Context, a struct{ N int }) (int, error) {
		order = append(order, a.N)
		return 2 * a.N, nil
	}, ipc.Inline())
	ipc.Handle(&r, "panic", func(context.Context, none) (none, error) { panic("no") }, ipc.Inline())
	ipc.Handle(&r, "fail", func(context.Context, none) (none, error) { return none{}, errors.New("no") }, ipc.Inline())
	ipc.Handle(&r, "denied", func(context.Context, none) (none, error) { return none{}, nil }, ipc.Inline(), ipc.AllowWindows("other"))
	p := newPaper(t, &r)
	p.Receive(`{"kind":"call","id":1,"command":"note"}`, `{"N":1}`)
	p.Receive(`{"kind":"call","id":2,"command":"note"}`, `{"N":2}`)
	if got := fmt.Sprint(order); got != "[1 2]" {
		t.Error("after the calls:", got)
	}
	for id, command := range []string{"panic", "fail", "denied", "none", "note"} {
		p.Receive(fmt.Sprintf(`{"kind":"call","id":%d,"command":"%s"}`, id+3, command), `{}`)
	}
	p.RunUntil("all answers", func() bool { return len(p.Got) == 7 })
	if n := p.Endpoint.InFlight(); n != 0 {
		t.Errorf("%d calls are in flight", n)
	}
	answers := map[string]string{}
	for _, message := range p.Got {
		answers[string(message[1])] = join(message)
	}
	for id, want := range map[string]string{
		"1": "[0,1,2]", "2": "[0,2,4]", "3": `"panicked"`, "4": `"failed"`, "5": `"denied"`, "6": `"unknown_command"`, "7": `"bad_arguments"`,
	} {
		if !strings.Contains(answers[id], want) {
			t.Errorf("call %s: %s, want %s", id, answers[id], want)
		}
	}
	if got := join(p.Got[0]) + join(p.Got[1]); got != "[0,1,2][0,2,4]" {
		t.Error("the first answers:", got)
	}
}

func TestAnInlineCommandDoesNotBlockOnAFullOutbox(t *testing.T) {
	t.Parallel()
	var runs atomic.Int32
	var r ipc.Router
	ipc.Handle(&r, "large", func(context.Context, none) ([]byte, error) {
		runs.Add(1)
		return make([]byte, 800), nil
	}, ipc.Inline())
	p := newPaper(t, &r, func(o *wire.EndpointOptions) { o.MaxBacklog = 2000 })
	p.Dumb = true // Its scripts stay in flight, so later ones wait.
	const calls = 1000
	for id := range calls {
		p.Receive(fmt.Sprintf(`{"kind":"call","id":%d,"command":"large"}`, id+1), `{}`)
		p.Run()
	}
	if n := runs.Load(); n != calls {
		t.Errorf("%d runs", n)
	}
	if n := p.Endpoint.InFlight(); n == 0 {
		t.Error("there was room for all answers: the test shows nothing")
	}
	p.Dumb = false
	p.Ack(fmt.Sprint(p.Scripts))
	p.RunUntil("all answers", func() bool { return len(p.Got) == calls && p.Endpoint.InFlight() == 0 })
}

func TestAnInlineCommandWithALargeBodyRunsOnAGoroutine(t *testing.T) {
	t.Parallel()
	began := make(chan struct{})
	var r ipc.Router
	ipc.Handle(&r, "take", func(_ context.Context, data []byte) (int, error) {
		<-began // This would deadlock on this goroutine.
		return len(data), nil
	}, ipc.Inline())
	p := newPaper(t, &r, withUploads)
	upload := func(number int) {
		if err := p.Endpoint.Upload(fmt.Sprint(p.Key, " ", p.Page, " ", number), make([]byte, 10)); err != nil {
			t.Fatal(err)
		}
	}
	upload(1)
	p.Receive(`{"kind":"call","id":1,"command":"take","body":"bytes","uploaded":1}`, "")
	p.Receive(`{"kind":"call","id":2,"command":"take","body":"bytes","uploaded":2}`, "")
	upload(2)
	close(began)
	p.RunUntil("the answers", func() bool { return len(p.Got) == 2 })
	if got := join(p.Got[0]) + join(p.Got[1]); got != "[0,1,10][0,2,10]" && got != "[0,2,10][0,1,10]" {
		t.Error(got)
	}
}

func TestASlowInlineCommandIsLogged(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	ipc.Handle(&r, "slow", func(context.Context, none) (none, error) {
		time.Sleep(20 * time.Millisecond)
		return none{}, nil
	}, ipc.Inline())
	w := pagetest.Open(t, &r)
	w.Must("await invoke('slow')")
	if !w.Log.Has("an inline command blocked the UI thread") {
		t.Error(w.Log.String())
	}
}

func TestAnInlineCommandThatLeavesItsChannelEndsIt(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	ipc.Handle(&r, "leave", func(context.Context, none) (none, error) { return none{}, nil }, ipc.Inline())
	p := newPaper(t, &r)
	p.Receive(`{"kind":"call","id":1,"command":"leave","channels":[4]}`, "{}")
	p.RunUntil("the answer and the end", func() bool { return len(p.Got) == 2 && p.Endpoint.InFlight() == 0 })
	if got := join(p.Got[0]) + join(p.Got[1]); got != "[0,1,{}][5,4]" {
		t.Error(got)
	}
}

// TestAnInlineCommandThatEndsItsGoroutineIsRejected would hang if that goroutine were the UI
// thread's. Deferred functions still run. A listener and an argument's decoder may end their
// goroutine too.
func TestAnInlineCommandThatEndsItsGoroutineIsRejected(t *testing.T) {
	t.Parallel()
	var onUI, deferred []bool
	var w *pagetest.Window
	var r ipc.Router
	ipc.Handle(&r, "exit", func(context.Context, none) (none, error) {
		onUI = append(onUI, w.UIThread())
		defer func() { deferred = append(deferred, true) }()
		runtime.Goexit()
		return none{}, nil
	}, ipc.Inline())
	ipc.Handle(&r, "decode", func(context.Context, exits) (none, error) { return none{}, nil }, ipc.Inline())
	ipc.Handle(&r, "panic", func(context.Context, none) (none, error) { panic("no") }, ipc.Inline())
	ipc.Handle(&r, "fine", func(context.Context, none) (bool, error) { return w.UIThread(), nil }, ipc.Inline())
	w = pagetest.Open(t, &r)
	for _, command := range []string{"exit", "decode", "panic", "exit", "decode", "exit", "panic"} {
		if got := w.Must("return invoke('" + command + "').catch((e) => e.code)"); got != `"panicked"` {
			t.Errorf("%s: %s", command, got)
		}
		if got := w.Must("return invoke('fine')"); got != "true" {
			t.Errorf("another inline command behind %s: %s", command, got)
		}
	}
	// It leaks a goroutine only once: from then on it runs on goroutines of its own.
	if fmt.Sprint(onUI) != "[true false false]" || len(deferred) != 3 {
		t.Error(onUI, deferred)
	}
	if n := w.Log.Count("an inline command has ended its goroutine"); n != 2 {
		t.Error(w.Log.String())
	}
}

type exits struct{}

func (*exits) UnmarshalJSON([]byte) error { runtime.Goexit(); return nil }

// TestNothingBlocksTheUIThread calls every blocking function from an inline command, with the
// page's outbox full and empty.
func TestNothingBlocksTheUIThread(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	var w *pagetest.Window
	ipc.Handle(&r, "wait", func(ctx context.Context, _ none) (none, error) {
		page := wire.CallFrom(ctx).Page()
		if !page.UIThread() {
			t.Error("the command is not on the UI thread")
		}
		if _, err := w.Endpoint.EvalResult(ctx, "1"); !errors.Is(err, ipc.ErrUIThread) {
			t.Errorf("EvalResult: %v", err)
		}
		for {
			m := value(t, 1, strings.Repeat("x", 1000))
			err := page.Send(context.Background(), m)
			m.Free()
			if errors.Is(err, ipc.ErrUIThread) {
				break
			} else if err != nil {
				t.Errorf("Send: %v", err)
				break
			}
		}
		// The message that was not sent blocks no later one.
		if err := page.SendLater(value(t, 1, "later"), nil); err != nil {
			t.Errorf("SendLater: %v", err)
		}
		return none{}, nil
	}, ipc.Inline())
	w = pagetest.Open(t, &r, func(o *wire.EndpointOptions) { o.MaxBacklog = 20_000 })
	w.Must("await invoke('wait')")
	page := w.Endpoint.Page()
	pagetest.Until(t, "it drains", func() bool { return page.Backlog() == 0 })
	if err := page.TrySend(value(t, 1, "x")); err != nil {
		t.Error(err)
	}
	// Off the UI thread, the call waits and succeeds.
	if v, err := w.Endpoint.EvalResult(t.Context(), "1"); err != nil || string(v) != "1" {
		t.Error(string(v), err)
	}
}

// Otherwise it would wait for a page for ever.
func TestEvaluatingOnTheUIThreadOfAWindowWithoutAPageIsAnError(t *testing.T) {
	t.Parallel()
	w := pagetest.Open(t, new(ipc.Router))
	w.Load("https://example.com/")
	w.OnUI(func() {
		if _, err := w.Endpoint.EvalResult(context.Background(), "1"); !errors.Is(err, ipc.ErrUIThread) {
			t.Error(err)
		}
	})
}
