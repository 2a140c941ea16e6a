package ipc

import (
	"context"
	"fmt"
	"sync"
	"time"

	"casement/internal/panics"
)

// A Call is one call of a command, as the command finds it in its context.
type Call struct {
	// Command is the name that was called.
	Command string
	// Window is the label of the calling window.
	Window Label
	// Headers came with the call beside its arguments. They must not be changed.
	Headers map[string]string

	id   uint64
	page *Page
	// channels and sinks are those among its arguments. If nobody attaches them, nobody will use them.
	channels, sinks []ChannelID
	// attached are the owners of its sinks, which end with the command. The page's lock guards them.
	attached []Inlet
}

// Page returns the calling page.
func (c *Call) Page() *Page { return c.page }

type callKey struct{}

// CallFrom returns the call that a command was called with. It returns nil for a context that does not
// come from one.
func CallFrom(ctx context.Context) *Call {
	call, _ := ctx.Value(callKey{}).(*Call)
	return call
}

var errAborted = fmt.Errorf("the caller aborted the call: %w", context.Canceled)

// A running is a call from its arrival until it is settled, and the context of its command.
//
// Most commands return before anybody has asked their context for anything but the call. So it becomes one that can be
// waited for, and that its page's context knows of, only when somebody asks: that is a third of what a small call costs Go.
type running struct {
	Call
	command  *command // nil if the call is refused
	refusal  error
	form     string // of the body: "bytes", or "" for JSON
	uploaded uint64 // names the body, if it comes beside the call
	body     arrival
	begun    bool // it runs, or will at once; the page's lock guards it
	held     int  // what the account has been charged with

	mu        sync.Mutex
	ctx       context.Context // nil until somebody asks
	cancelCtx context.CancelCauseFunc
	cancelled bool
	cause     error
}

// whole returns a context that can be waited for.
func (c *running) whole() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctx == nil {
		c.ctx, c.cancelCtx = context.WithCancelCause(c.page.ctx)
		if c.cancelled {
			c.cancelCtx(c.cause)
		}
	}
	return c.ctx
}

// Deadline implements context.Context.
func (c *running) Deadline() (time.Time, bool) { return c.page.ctx.Deadline() }

// Done implements context.Context.
func (c *running) Done() <-chan struct{} { return c.whole().Done() }

// Err implements context.Context.
func (c *running) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.ctx != nil:
		return c.ctx.Err()
	case c.cancelled:
		return context.Canceled
	}
	return c.page.ctx.Err()
}

// Value implements context.Context. Package context looks for its own contexts by it, to learn causes and to end
// what is derived from them.
func (c *running) Value(key any) any {
	if key == (callKey{}) {
		return &c.Call
	}
	return c.whole().Value(key)
}

// cancel cancels the context, whose cause the first one is.
func (c *running) cancel(cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctx != nil {
		c.cancelCtx(cause)
	}
	if !c.cancelled {
		c.cancelled, c.cause = true, cause
	}
}

// abort cancels the call for its caller. One whose body has not come does not run.
func (c *running) abort() {
	c.cancel(errAborted)
	if c.uploaded != 0 {
		c.page.arrived(c.uploaded, arrival{err: errAborted})
	}
}

// charge has the account charged with n bytes for the call. It reports whether there is room for them.
func (c *running) charge(n int) bool {
	if !c.page.endpoint.account.take(n) {
		return false
	}
	c.held += n
	return true
}

// come gives the call its body, which was uploaded.
func (c *running) come(a arrival) {
	if a.err == nil && !c.charge(len(a.body)) {
		a = arrival{err: errHeld(clip(c.Command))}
	}
	c.body = a
}

// start runs the call on a goroutine.
func (c *running) start() {
	if !c.page.endpoint.calls.do(func() { c.run(false) }) {
		c.cancel(ErrPageGone)
	}
}

// run runs the command and settles the call, whatever the command does.
func (c *running) run(inline bool) {
	defer c.cancel(nil)
	var m *Message
	var err error
	returned := false
	defer func() {
		if !returned { // It did not panic either: that is an error.
			err = errorf(CodePanicked, "%s: the command ended its goroutine", clip(c.Command))
		}
		c.settle(m, err, inline)
	}()
	m, err = c.serve()
	returned = true
}

func (c *running) serve() (m *Message, err error) {
	endpoint := c.page.endpoint
	defer func() {
		if v := recover(); v != nil {
			err = errorf(CodePanicked, "%s: panic: %v", c.Command, v)
			endpoint.log.Error("a command panicked", append([]any{"command", c.Command}, panics.Attributes(v)...)...)
		}
	}()
	if c.refusal != nil {
		return nil, c.refused()
	}
	if c.body.err != nil {
		return nil, c.body.err
	}
	in := arguments{call: &c.Call, body: c.body.body}
	switch c.form {
	case "":
		in.body, err = c.body.json()
	case "bytes":
		in.raw = true
		in.body, err = c.body.bytes()
	default:
		return nil, errorf(CodeBadArguments, "%s: unknown form of arguments %q", c.Command, clip(c.form))
	}
	if err != nil {
		return nil, errorf(CodeBadArguments, "%s: %w", c.Command, err)
	}
	return c.command.serve(c, in)
}

// settle answers the call. It waits for room, so that results can't pile up in front of a page that
// doesn't take them; for an inline one, which must not wait, they wait in line by themselves.
func (c *running) settle(m *Message, err error, inline bool) {
	ran := true
	var why *failure
	if err != nil {
		f := failureOf(c, err)
		why, ran = &f, !f.Code.neverRan()
		m = failureMessage(outSettleError, c.id, f)
	}
	ahead, behind := c.page.release(&c.Call, ran, why)
	p := c.page
	send := func(m *Message) {
		_ = p.outbox.put(p.ctx, m) // An error means that the page is gone, and its promises with it.
		m.Free()
	}
	if inline {
		send = func(m *Message) { _ = p.outbox.putLater(m, nil) }
	}
	for _, m := range ahead {
		send(m)
	}
	if inline {
		// As many calls as may be in flight bound what waits in this way.
		if err := p.outbox.putLater(m, func() { p.forget(c) }); err != nil {
			p.forget(c)
		}
	} else {
		send(m)
	}
	for _, m := range behind {
		send(m)
	}
	if !inline {
		p.forget(c)
	}
}

// forget takes a call that is settled off the books.
func (p *Page) forget(c *running) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.calls, c.id)
	p.endpoint.account.give(c.held)
}
