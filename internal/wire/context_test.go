package wire_test

import (
	"context"
	"errors"
	"testing"

	"casement/internal/wire"
	"casement/ipc"
)

// A call's context is created only on demand. No command may notice.
func TestACallsContextIsAContext(t *testing.T) {
	t.Parallel()
	type key struct{}
	// A command passes its context on, and returns when end is called.
	type lent struct {
		ctx context.Context
		end func() // may be called more than once
	}
	calls := make(chan lent, 1)
	var r ipc.Router
	ipc.Handle(&r, "lend", func(ctx context.Context, _ none) (none, error) {
		over, end := context.WithCancel(context.Background())
		calls <- lent{ctx, end}
		<-over.Done()
		return none{}, nil
	})
	abort := func(p *paper) { p.Receive(`{"kind":"cancel","id":1}`, "") }
	for name, test := range map[string]struct {
		ask    func(ctx context.Context) context.Context // before it is cancelled
		cancel func(p *paper)                            // nil: the command returns
		cause  error
	}{
		"unused":              {nil, abort, context.Canceled},
		"Done":                {func(ctx context.Context) context.Context { ctx.Done(); return ctx }, abort, context.Canceled},
		"a value":             {func(ctx context.Context) context.Context { ctx.Value(key{}); return ctx }, abort, context.Canceled},
		"derived":             {func(ctx context.Context) context.Context { return context.WithValue(ctx, key{}, 1) }, abort, context.Canceled},
		"the page goes":       {nil, func(p *paper) { p.Endpoint.Gone() }, ipc.ErrPageGone},
		"the page goes, Done": {func(ctx context.Context) context.Context { ctx.Done(); return ctx }, func(p *paper) { p.Endpoint.Gone() }, ipc.ErrPageGone},
		"the command returns": {nil, nil, context.Canceled},
		"it returns, derived": {func(ctx context.Context) context.Context { return context.WithValue(ctx, key{}, 1) }, nil, context.Canceled},
		"derived to be cancelled": {func(ctx context.Context) context.Context {
			child, cancel := context.WithCancel(ctx)
			_ = cancel // It ends with its parent.
			return child
		}, abort, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPaper(t, &r)
			p.Receive(`{"kind":"call","id":1,"command":"lend"}`, "{}")
			call := <-calls
			defer call.end()
			ctx := call.ctx
			if err := ctx.Err(); err != nil {
				t.Error("at first:", err)
			}
			if _, has := ctx.Deadline(); has {
				t.Error("it has a deadline")
			}
			if call := wire.CallFrom(ctx); call == nil || call.Command != "lend" {
				t.Errorf("%+v", call)
			}
			asked := ctx
			if test.ask != nil {
				asked = test.ask(ctx)
			}
			if test.cancel == nil {
				test.cancel = func(p *paper) {
					call.end()
					p.RunUntil("an answer", func() bool { return len(p.Got) == 1 })
				}
			}
			test.cancel(p)
			<-asked.Done()
			<-ctx.Done()
			if !errors.Is(asked.Err(), context.Canceled) || !errors.Is(ctx.Err(), context.Canceled) {
				t.Errorf("%v, %v", asked.Err(), ctx.Err())
			}
			if got := context.Cause(asked); !errors.Is(got, test.cause) {
				t.Errorf("the cause is %v, want %v", got, test.cause)
			}
			if call := wire.CallFrom(asked); call == nil || call.Command != "lend" {
				t.Errorf("%+v", call)
			}
			ran := make(chan struct{})
			context.AfterFunc(ctx, func() { close(ran) })
			<-ran
		})
	}
}
