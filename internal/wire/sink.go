package wire

import (
	"context"
	"fmt"
	"strconv"

	json "github.com/goccy/go-json"

	"casement/internal/codec"
	"casement/internal/names"
	"casement/ipc"
)

// A Receiver is Go's end of a sink, into which a page streams. Its methods are called one after the other, perhaps on the
// UI thread, and must not block.
type Receiver interface {
	// Receive takes the sink's next value, and has to Release it. It returns an error if the page has sent more than it
	// may; then it has not taken the value. The page's lock is held.
	Receive(v Value) error
	// Ended says that no more values will come. It is called at most once. The error is nil if the page ended the sink
	// well, ErrPageGone if the page is gone, an *ipc.Error if the page gave up.
	Ended(err error)
	// Over says that the command has returned, and that nobody reads any more. It may be called more than once.
	Over()
}

// A Value is one value from a page, not yet decoded.
type Value struct {
	arrival
	raw     bool // It is bytes.
	account *account
	held    int // what the account has been charged with
	// Ask is true if the page wants a grant once the value is consumed.
	Ask bool
}

// Size returns how many bytes the value takes while it waits.
func (v Value) Size() int { return len(v.body) }

// Release says that the value does not wait any more. It is called once.
func (v Value) Release() {
	if v.account != nil {
		v.account.give(v.held)
	}
}

// charge charges the value's account with n bytes more. It reports whether there is room for them.
func (v *Value) charge(n int) bool {
	if !v.account.take(n) {
		return false
	}
	v.held += n
	return true
}

// Decode decodes the value into out, a pointer. A *[]byte takes bytes as they are.
func (v Value) Decode(out any) (err error) {
	if data, ok := out.(*[]byte); ok && v.raw {
		if *data, err = v.bytes(); err != nil {
			return fmt.Errorf("ipc: %w", err)
		}
		return nil
	}
	if v.raw {
		return fmt.Errorf("ipc: got bytes, which don't fit a %T", out)
	}
	text, err := v.json()
	if err != nil {
		return fmt.Errorf("ipc: %w", err)
	}
	return codec.Decode(context.Background(), text, out)
}

// A sink is what Go knows of one sink of a page. The page's lock guards it.
type sink struct {
	owner Receiver // a *reserved until the command attaches one
	// waiting are the messages since a value whose body has not come, oldest first, and bytes their bodies that have.
	waiting []*sinkMessage
	bytes   int
}

// A sinkMessage is one value, or the end, of a page-to-Go stream.
type sinkMessage struct {
	Value
	uploaded uint64 // names its body, if that is not here
	here     bool   // Its body has come.
	end      bool
	dropped  bool // Nobody will get it.
}

// A sinkEnd is a sink that has just ended, for its owner and the page to hear of it without the page's lock.
type sinkEnd struct {
	id    ChannelID
	owner Receiver
	err   error
	// byPage says that the page has ended it, and need not hear of it.
	byPage bool
}

// pushed takes a sink's next value.
func (p *Page) pushed(h header, body []byte) error {
	if h.Body != "" && h.Body != "bytes" {
		return fmt.Errorf("unknown form of value %q", names.Clip(h.Body))
	}
	return p.putSink(h.Channel, &sinkMessage{
		Value:    Value{arrival: arrival{body: body}, raw: h.Body == "bytes", Ask: h.Ask, account: &p.endpoint.account},
		uploaded: h.Uploaded, here: h.Uploaded == 0,
	})
}

// ended takes a sink's end.
func (p *Page) ended(h header, body []byte) {
	m := &sinkMessage{here: true, end: true}
	if h.Failed {
		m.err = pageError(body, "the page gave up")
	}
	_ = p.putSink(h.Channel, m) // An end is never too much.
}

// pageError returns the error that a page gives, as far as it makes sense.
func pageError(body []byte, otherwise string) error {
	said := failure{Code: ipc.CodeFailed, Message: otherwise}
	if text, err := (arrival{body: body}).json(); err == nil {
		_ = json.Unmarshal(text, &said)
	}
	return &ipc.Error{Code: said.Code, Message: said.Message, Details: said.Details}
}

// refusePush ends a sink whose next value is refused: behind the gap nothing makes sense.
func (p *Page) refusePush(id ChannelID, err error) {
	_ = p.putSink(id, p.failed(err)) // It returns err.
}

// failed returns the message that ends a sink in place of a value.
func (p *Page) failed(err error) *sinkMessage {
	return &sinkMessage{Value: Value{arrival: arrival{err: err}, account: &p.endpoint.account}, here: true}
}

// putSink hands a sink's message to its owner, at once or behind those that wait for a body. It returns an error if that
// ends the sink, unless the page itself has ended it.
func (p *Page) putSink(id ChannelID, m *sinkMessage) error {
	p.mu.Lock()
	end := p.queueSink(id, m)
	p.mu.Unlock()
	return p.finishSink(end)
}

// queueSink is putSink but for what has to be done without the page's lock, which must be held.
func (p *Page) queueSink(id ChannelID, m *sinkMessage) *sinkEnd {
	s := p.sinks[id]
	if s == nil { // Go has stopped it, and this was on its way before; or there never was one.
		p.let(p.uploads.forget(m.uploaded))
		return nil
	}
	if !m.end && m.err == nil && !m.charge(costValue+len(m.body)) {
		p.let(p.uploads.forget(m.uploaded))
		m = p.failed(errHeld("push"))
		p.dropWaiting(s)
	}
	if m.here && len(s.waiting) == 0 {
		return p.handOver(id, s, m)
	}
	switch {
	case !m.end && floods(len(s.waiting), s.bytes):
		p.let(p.uploads.forget(m.uploaded))
		m.Release()
		m = p.failed(errFlood)
		p.dropWaiting(s)
	case m.here:
		s.bytes += m.Size()
	default:
		if a, here := p.claim(m.uploaded, func(a arrival) { p.bodyCame(id, s, m, a) }); here {
			p.give(s, m, a)
		}
	}
	s.waiting = append(s.waiting, m)
	return p.deliver(id, s)
}

// bodyCame goes on with a message whose body has come.
func (p *Page) bodyCame(id ChannelID, s *sink, m *sinkMessage, a arrival) {
	p.mu.Lock()
	var end *sinkEnd
	if !m.dropped && p.sinks[id] == s {
		p.give(s, m, a)
		end = p.deliver(id, s)
	}
	p.mu.Unlock()
	if err := p.finishSink(end); err != nil {
		p.endpoint.refused(err, nil)
	}
}

// give gives a message its body. The page's lock must be held.
func (p *Page) give(s *sink, m *sinkMessage, a arrival) {
	if a.err == nil && !m.charge(len(a.body)) {
		a = arrival{err: errHeld("push")}
	}
	m.arrival, m.here, m.uploaded = a, true, 0
	s.bytes += m.Size()
}

// dropWaiting drops all that waits in a sink. The page's lock must be held.
func (p *Page) dropWaiting(s *sink) {
	for _, m := range s.waiting {
		p.uploads.await(m.uploaded)
		m.dropped = true
		m.Release()
	}
	s.waiting, s.bytes = nil, 0
}

// deliver hands over the messages whose bodies have come, up to one whose body has not. The page's lock must be held.
func (p *Page) deliver(id ChannelID, s *sink) *sinkEnd {
	for len(s.waiting) > 0 && s.waiting[0].here {
		m := s.waiting[0]
		s.waiting[0] = nil
		s.waiting = s.waiting[1:]
		s.bytes -= m.Size()
		if end := p.handOver(id, s, m); end != nil {
			return end
		}
	}
	return nil
}

// handOver hands a message to a sink's owner, and returns the end of a sink that is over with it. The page's lock must be
// held, so that an owner that attaches at this moment finds the message or gets it.
func (p *Page) handOver(id ChannelID, s *sink, m *sinkMessage) *sinkEnd {
	err := m.err
	if m.end {
		if r, waits := s.owner.(*reserved); waits {
			r.Ended(err)
			return nil
		}
	} else {
		if err == nil {
			if err = s.owner.Receive(m.Value); err == nil {
				return nil
			}
		}
		m.Release()
	}
	p.dropSink(id)
	return &sinkEnd{id: id, owner: s.owner, err: err, byPage: m.end}
}

// finishSink tells the owner of a sink that is over, and the page if it is not the page's doing. Then it returns the error.
func (p *Page) finishSink(end *sinkEnd) error {
	if end == nil {
		return nil
	}
	end.owner.Ended(end.err)
	if r, waits := end.owner.(*reserved); waits {
		r.Over() // There will be no other owner.
	}
	if end.byPage {
		return nil
	}
	p.answerNow(NewStop(end.id, end.err))
	return end.err
}

// dropSink takes a sink off the books, with all that waits in it. The page's lock must be held.
func (p *Page) dropSink(id ChannelID) {
	s := p.sinks[id]
	if s == nil {
		return
	}
	delete(p.sinks, id)
	p.let(costStream)
	p.dropWaiting(s)
}

// DetachReceiver ends Go's interest in a sink.
func (p *Page) DetachReceiver(id ChannelID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dropSink(id)
}

// NewGrant returns the message that says how many values of a sink have been consumed.
func NewGrant(sink ChannelID, messages uint64) *Message {
	m := newMessage(outGrant, uint64(sink))
	m.text = append(m.text, ',')
	m.text = strconv.AppendUint(m.text, messages, 10)
	m.text = append(m.text, ']')
	return m
}

// NewStop returns the message that says that nobody reads a sink any more, well if err is nil.
func NewStop(sink ChannelID, err error) *Message { return endMessage(outStop, sink, err) }

// stopMessage is NewStop for what has become of a command, which is nil if it returned well.
func stopMessage(sink ChannelID, why *failure) *Message {
	if why == nil {
		return NewStop(sink, nil)
	}
	return failureMessage(outStop, uint64(sink), *why)
}
