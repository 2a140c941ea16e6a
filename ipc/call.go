package ipc

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
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

// maxInline is how long a command may take on the UI thread before that is logged: a frame.
const maxInline = 16 * time.Millisecond

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

// start runs the call on a goroutine.
func (c *running) start() {
	if !c.page.endpoint.calls.do(func() { c.run(false) }) {
		c.cancel(ErrPageGone)
	}
}

// runInline runs the call at once, on the UI thread.
func (c *running) runInline() {
	began := time.Now()
	c.run(true)
	if took := time.Since(began); took > maxInline {
		c.page.endpoint.log.Warn("an inline command has kept the windows waiting", "command", c.Command, "took", took)
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
			endpoint.log.Error("a command panicked", "command", c.Command, "window", c.Window,
				"panic", v, "stack", string(debug.Stack()))
		}
	}()
	if c.refusal != nil {
		endpoint.refused(c.refusal, c.body.body)
		return nil, c.refusal
	}
	if c.body.err != nil {
		return nil, c.body.err
	}
	in := arguments{call: &c.Call, body: c.body.body}
	switch c.form {
	case "":
	case "bytes":
		in.raw = true
		if in.body, err = c.body.bytes(); err != nil {
			return nil, errorf(CodeBadArguments, "%s: %w", c.Command, err)
		}
	default:
		return nil, errorf(CodeBadArguments, "%s: unknown form of arguments %q", c.Command, clip(c.form))
	}
	return c.command.serve(c, in)
}

// settle answers the call. It waits for room, so that results can't pile up in front of a page that
// doesn't take them; for an inline one, which must not wait, a goroutine does.
func (c *running) settle(m *Message, err error, inline bool) {
	ran := true
	if err != nil {
		f := failureOf(c, err)
		ran = !f.Code.neverRan()
		m = failureMessage(outSettleError, c.id, f)
	}
	unused := c.page.release(&c.Call, ran)
	switch {
	case !inline:
		c.answer(m, unused)
	case len(unused) == 0 && !errors.Is(c.page.outbox.tryPut(m), ErrBacklog):
		m.Free()
		c.page.forget(c.id)
	default:
		c.page.endpoint.calls.do(func() { c.answer(m, unused) }) // False means that the page is gone.
	}
}

// answer sends the page what settles the call, as soon as there is room.
func (c *running) answer(m *Message, unused []*Message) {
	p := c.page
	_ = p.outbox.put(p.ctx, m) // An error means that the page is gone, and its promises with it.
	m.Free()
	for _, m := range unused {
		_ = p.outbox.put(p.ctx, m)
		m.Free()
	}
	p.forget(c.id)
}

// forget takes a call that is settled off the books.
func (p *Page) forget(call uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.calls, call)
}
