package wire

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"casement/internal/codec"
	"casement/internal/names"
	"casement/internal/serial"
	"casement/ipc"
)

// A Page is one document load in a window, from its first message to its end. All methods are safe
// for concurrent use. After the page's end they return ipc.ErrPageGone.
type Page struct {
	id       PageID
	endpoint *Endpoint
	outbox   *outbox
	ctx      context.Context
	cancel   context.CancelCauseFunc

	mu      sync.Mutex
	calls   map[uint64]*running
	streams map[ChannelID]Stream
	sinks   map[ChannelID]*sink
	evals   map[uint64]chan evalResult
	uploads uploads
	emits   *serial.Queue
	held    int // bytes charged to the account, without those of calls and of sinks' values
	gone    bool
}

// A Stream is Go's end of a channel. Its methods may be called on the UI thread and must not block.
type Stream interface {
	// Granted reports the number of messages that the page has consumed since the channel began.
	Granted(messages uint64)
	// Ended reports that the page no longer reads the channel. It is called at most once, as the
	// last method. err is nil if the page closed the channel, and ipc.ErrPageGone if the page is
	// gone.
	Ended(err error)
}

func newPage(e *Endpoint, id PageID) *Page {
	p := &Page{
		id:       id,
		endpoint: e,
		outbox:   newOutbox(e.options.Host, id, e.guard, e.options.MaxScript, e.options.MaxBacklog),
		calls:    map[uint64]*running{},
		streams:  map[ChannelID]Stream{},
		sinks:    map[ChannelID]*sink{},
		evals:    map[uint64]chan evalResult{},
		emits:    serial.New(maxEmits, e.calls.do, e.log),
	}
	p.ctx, p.cancel = context.WithCancelCause(e.ctx)
	return p
}

// ID returns the page's id.
func (p *Page) ID() PageID { return p.id }

// Window returns the label of the page's window.
func (p *Page) Window() ipc.Label { return p.endpoint.options.Label }

// Context returns a context that is cancelled when the page goes.
func (p *Page) Context() context.Context { return p.ctx }

// Send appends a message to the page's outbox. It waits while the outbox is full, until ctx is
// done. Waiting senders are served in the order of their arrival, whatever the size of their
// messages. On the UI thread, Send returns ipc.ErrUIThread instead of waiting.
func (p *Page) Send(ctx context.Context, m *Message) error { return p.outbox.put(ctx, m) }

// TrySend appends a message as Send does, and returns ipc.ErrBacklog instead of waiting for room.
// If there would be room but for waiting senders, the message waits behind them, and TrySend
// returns nil.
func (p *Page) TrySend(m *Message) error { return p.outbox.tryPut(m) }

// SendLater appends a message as Send does, but returns before there is room for it. It takes
// ownership of the message. sent, if not nil, is called without any lock once the message is in the
// outbox. Use it for messages with a bound of their own, such as the end of a stream.
func (p *Page) SendLater(m *Message, sent func()) error { return p.outbox.putLater(m, sent) }

// UIThread reports whether the caller is on the UI thread, which must not block.
func (p *Page) UIThread() bool { return p.endpoint.options.Host.UIThread() }

// Detach removes a channel that Go has ended.
func (p *Page) Detach(id ChannelID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dropStream(id)
}

// close ends the page: it cancels contexts, ends channels and sinks, and makes waiting senders
// return.
func (p *Page) close(cause error) {
	p.mu.Lock()
	if p.gone {
		p.mu.Unlock()
		return
	}
	p.gone = true
	streams, sinks, evals := p.streams, p.sinks, p.evals
	for _, s := range sinks {
		p.dropWaiting(s)
	}
	p.streams, p.sinks, p.evals = nil, nil, nil
	p.uploads = uploads{}
	p.endpoint.account.give(p.held)
	for _, c := range p.calls {
		if !c.begun { // And it never will.
			p.endpoint.account.give(c.held)
		}
	}
	p.mu.Unlock()

	p.emits.Close()
	p.outbox.close(ipc.ErrPageGone)
	p.cancel(cause)
	for _, s := range streams {
		s.Ended(ipc.ErrPageGone)
	}
	for _, s := range sinks {
		s.owner.Ended(ipc.ErrPageGone)
		if r, waits := s.owner.(*reserved); waits {
			r.Over()
		}
	}
	for _, waiting := range evals {
		close(waiting)
	}
	if bus := p.endpoint.options.Bus; bus != nil {
		bus.Gone(p)
	}
}

// receive handles one message, on the UI thread. It may keep body.
func (p *Page) receive(h *header, body []byte) error {
	switch h.Kind {
	case kindCall:
		return p.startCall(h, body)
	case kindBody:
		a := arrival{body: body}
		if h.Failed {
			a = arrival{err: pageError(body, "the page could not send the body")}
		}
		p.arrived(h.ID, a)
	case kindCancel:
		p.mu.Lock()
		c := p.calls[h.ID]
		p.mu.Unlock()
		if c != nil {
			c.abort()
		}
	case kindGrant:
		p.mu.Lock()
		s := p.streams[h.Channel]
		p.mu.Unlock()
		if s != nil {
			s.Granted(h.Messages)
		}
	case kindClose:
		p.closed(h.Channel)
	case kindAck:
		p.outbox.ack(h.Scripts)
	case kindEvaluated:
		p.evaluated(h.ID, h.Failed, body)
	case kindListen:
		return p.listen(h)
	case kindUnlisten:
		if bus := p.endpoint.options.Bus; bus != nil {
			bus.Unlisten(p, h.Listener)
		}
	case kindEmit:
		return p.emit(h, body)
	case kindPush:
		return p.pushed(*h, body)
	case kindEnd:
		p.ended(*h, body)
	case kindLog:
		p.endpoint.complained(h, body)
	default:
		return errorf(ipc.CodeBadArguments, "unknown kind of message %q", names.Clip(h.Kind))
	}
	return nil
}

// startCall starts a call as soon as its body is there.
func (p *Page) startCall(h *header, body []byte) error {
	if h.ID == 0 || h.ID > codec.MaxSafeInteger {
		return errors.New("a call without an id")
	}
	c := &running{
		Call: Call{Call: ipc.Call{Command: h.Command, Window: p.Window(), Headers: h.Headers}, id: h.ID, page: p,
			channels: h.Channels, sinks: h.Sinks},
		form: h.Body, uploaded: h.Uploaded, body: arrival{body: body},
	}
	c.command, c.refusal = p.endpoint.find(&c.Call.Call)
	here, err := p.admit(c, costCall+h.size+len(body)+costHeader*len(h.Headers)+costID*(len(h.Channels)+len(h.Sinks)))
	switch {
	case err != nil:
		return err
	case !here:
	case c.uploaded == 0 && c.refusal == nil && c.command.Inline && !c.command.Exits.Load():
		c.runInline()
	default:
		c.start()
	}
	return nil
}

// admit registers a call of this cost, in bytes. It reports whether the call's body is here. If it
// is not, the call starts when the body arrives. On a page that is gone, no call starts.
func (p *Page) admit(c *running, cost int) (here bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.gone:
		return false, nil
	case p.calls[c.id] != nil:
		return false, fmt.Errorf("call %d is already in flight", c.id)
	case len(p.calls) >= p.endpoint.options.MaxCalls:
		return false, errorf(ipc.CodeBusy, "%s: %d calls are in flight, which is the limit", names.Clip(c.Command), len(p.calls))
	}
	if !c.charge(cost) {
		return false, errHeld(names.Clip(c.Command))
	}
	if !p.reserve(&c.Call) {
		p.endpoint.account.give(c.held)
		return false, errHeld(names.Clip(c.Command))
	}
	p.calls[c.id] = c
	if c.uploaded == 0 {
		c.begun = true
		return true, nil
	}
	body, here := p.claim(c.uploaded, func(a arrival) {
		p.mu.Lock()
		gone := p.gone
		c.begun = true
		p.mu.Unlock()
		if !gone {
			c.setBody(a)
			c.start()
		}
	})
	if here {
		c.begun = true
		c.setBody(body)
	}
	return here, nil
}

// refuse settles a call that could not begin. It runs on the UI thread and does not wait.
func (p *Page) refuse(id uint64, err error) {
	p.answerNow(failureMessage(outSettleError, id, failureOf(p.ctx, err)))
}

// answerNow sends an answer without waiting. Waiting answers are bounded by the limit of the
// outbox. A page that floods Go and does not drain gets no more answers.
func (p *Page) answerNow(m *Message) { p.outbox.putAnswer(m) }

// inFlight returns the number of calls that are not settled.
func (p *Page) inFlight() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.calls)
}
