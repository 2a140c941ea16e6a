package wire

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"casement/internal/names"
	"casement/internal/panics"
	"casement/internal/registry"
	"casement/ipc"
)

// A Call is one call of a command, as the importers of this package find it in the command's
// context.
type Call struct {
	ipc.Call

	id   uint64
	page *Page
	// channels and sinks are those among its arguments. They end with the call unless an owner
	// attaches.
	channels, sinks []ChannelID
	// attached are the owners of its sinks, which end with the command. Page.mu guards it.
	attached []Receiver
}

// Page returns the calling page.
func (c *Call) Page() *Page { return c.page }

type callKey struct{}

// CallFrom returns the call that ctx belongs to, or nil if ctx does not come from a command's
// context.
func CallFrom(ctx context.Context) *Call {
	call, _ := ctx.Value(callKey{}).(*Call)
	return call
}

var errAborted = fmt.Errorf("the caller aborted the call: %w", context.Canceled)

// A running is a call from its arrival until it is settled. It is also the context of its command.
//
// Most commands return without using their context for anything but the call. So the cancellable
// context, a child of the page's, is created only on demand: that saves a third of what a small
// call costs Go.
type running struct {
	Call
	command  *registry.Command // nil if the call is refused
	refusal  error
	form     string // of the body: "bytes", or "" for JSON
	uploaded uint64 // names the body, if it is uploaded
	body     arrival
	begun    bool // it runs, or is about to; Page.mu guards it
	held     int  // bytes charged to the account

	mu        sync.Mutex
	ctx       context.Context // nil until it is needed
	cancelCtx context.CancelCauseFunc
	cancelled bool
	cause     error
}

// whole returns the cancellable context. It creates it on the first call.
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

// Value implements context.Context. Package context finds its own contexts with it, to read causes
// and to cancel children.
func (c *running) Value(key any) any {
	switch key {
	case callKey{}:
		return &c.Call
	case registry.CallKey{}:
		return &c.Call.Call
	}
	return c.whole().Value(key)
}

// cancel cancels the context. The first cause counts.
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

// abort cancels the call for its caller. A call without its body does not run.
func (c *running) abort() {
	c.cancel(errAborted)
	if c.uploaded != 0 {
		c.page.arrived(c.uploaded, arrival{err: errAborted})
	}
}

// charge charges n bytes to the account for the call. It reports whether there is room for them.
func (c *running) charge(n int) bool {
	if !c.page.endpoint.account.take(n) {
		return false
	}
	c.held += n
	return true
}

// setBody sets the call's body, which was uploaded.
func (c *running) setBody(a arrival) {
	if a.err == nil && !c.charge(len(a.body)) {
		a = arrival{err: errHeld(names.Clip(c.Command))}
	}
	c.body = a
}

// start runs the call on a goroutine.
func (c *running) start() {
	if !c.page.endpoint.calls.do(func() { c.run(false) }) {
		c.cancel(ipc.ErrPageGone)
	}
}

// run runs the command and settles the call, even if the command panics or ends its goroutine.
func (c *running) run(inline bool) {
	defer c.cancel(nil)
	var m *Message
	var err error
	returned := false
	defer func() {
		if !returned { // It did not panic either, but that is an error too.
			err = errorf(ipc.CodePanicked, "%s: the command ended its goroutine", names.Clip(c.Command))
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
			err = errorf(ipc.CodePanicked, "%s: panic: %v", c.Command, v)
			endpoint.log.Error("a command panicked", append([]any{"command", c.Command}, panics.Attributes(v)...)...)
		}
	}()
	if c.refusal != nil {
		return nil, c.refused()
	}
	if c.body.err != nil {
		return nil, c.body.err
	}
	in := registry.Arguments{Body: c.body.body}
	switch c.form {
	case "":
		in.Body, err = c.body.json()
	case "bytes":
		in.Raw = true
		in.Body, err = c.body.bytes()
	default:
		return nil, errorf(ipc.CodeBadArguments, "%s: unknown form of arguments %q", c.Command, names.Clip(c.form))
	}
	if err != nil {
		return nil, errorf(ipc.CodeBadArguments, "%s: %w", c.Command, err)
	}
	result, err := c.command.Serve(c, in)
	if err != nil {
		return nil, err
	}
	if m, err = resultMessage(c.id, result); err != nil {
		return nil, &ipc.Error{Code: ipc.CodeBadResult, Message: c.Command + ": " + err.Error(), Err: err}
	}
	return m, nil
}

// settle answers the call. It blocks while the outbox is full, so that results can't pile up for a
// page that does not drain. An inline call must not block: its messages wait in the outbox's queue
// of waiters.
func (c *running) settle(m *Message, err error, inline bool) {
	ran := true
	var why *failure
	if err != nil {
		f := failureOf(c, err)
		why, ran = &f, !neverRan(f.Code)
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
		// Options.MaxCalls bounds the messages that wait in this way.
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

// forget removes a settled call.
func (p *Page) forget(c *running) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.calls, c.id)
	p.endpoint.account.give(c.held)
}

// resultMessage returns the message that settles a call with its result.
func resultMessage(id uint64, result any) (*Message, error) {
	if data, ok := result.([]byte); ok {
		return bytesMessage(outSettleBytes, id, data), nil
	}
	return valueMessage(outSettle, id, result)
}

// find returns the command of a call, if this window may call it.
func (e *Endpoint) find(call *ipc.Call) (*registry.Command, error) {
	c, allowed := e.options.Router.Find(call.Command, string(call.Window))
	switch {
	case c == nil:
		return nil, errorf(ipc.CodeUnknownCommand, "there is no command %q", names.Clip(call.Command))
	case !allowed:
		return nil, errorf(ipc.CodeDenied, "window %q may not call %q", call.Window, c.Name)
	}
	return c, nil
}

// refused logs a call that the page may not make, and returns the error for it.
func (c *running) refused() error {
	endpoint := c.page.endpoint
	var refusal *ipc.Error
	unknown := errors.As(c.refusal, &refusal) && refusal.Code == ipc.CodeUnknownCommand
	near := ""
	if endpoint.mayComplain() { // A page that floods the log is not worth the search either.
		if unknown {
			near = endpoint.options.Router.Near(c.Command, string(c.Window))
		}
		name := printable(names.Clip(c.Command), maxComplaint)
		switch {
		case !unknown:
			endpoint.log.Warn("the page called a command that its window may not call", "command", name)
		case near == "":
			endpoint.log.Warn("the page called a command that does not exist", "command", name)
		default:
			endpoint.log.Warn("the page called a command that does not exist", "command", name, "near", near)
		}
	}
	if near == "" {
		return c.refusal
	}
	return errorf(refusal.Code, "%s; did you mean %q?", refusal.Message, near)
}
