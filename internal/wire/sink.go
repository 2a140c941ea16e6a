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

// A Receiver is Go's end of a sink. Its methods are called one after the other, perhaps on the UI
// thread, and must not block.
type Receiver interface {
	// Receive takes ownership of the sink's next value, and must Release it later. It returns an
	// error, and does not take the value, if the page ignores flow control. Page.mu is held.
	Receive(v Value) error
	// Ended reports that no more values will come. It is called at most once. err is nil if the
	// page closed the sink, ErrPageGone if the page is gone, and an *ipc.Error if the page aborted
	// the sink.
	Ended(err error)
	// Over reports that the command has returned, so that nothing reads the sink any more. It may
	// be called more than once.
	Over()
}

// A Value is one undecoded value from a page.
type Value struct {
	arrival
	raw     bool // the body is bytes
	account *account
	held    int // bytes charged to the account
	// Ask is set if the page wants a grant once the value is consumed.
	Ask bool
}

// Size returns the size of the waiting value, in bytes.
func (v Value) Size() int { return len(v.body) }

// Release releases the memory charged for the value. Call it once.
func (v Value) Release() {
	if v.account != nil {
		v.account.give(v.held)
	}
}

// charge charges n more bytes for the value. It reports whether there is room for them.
func (v *Value) charge(n int) bool {
	if !v.account.take(n) {
		return false
	}
	v.held += n
	return true
}

// Decode decodes the value into out, which is a pointer. A *[]byte gets bytes undecoded.
func (v Value) Decode(out any) (err error) {
	if data, ok := out.(*[]byte); ok && v.raw {
		if *data, err = v.bytes(); err != nil {
			return fmt.Errorf("ipc: %w", err)
		}
		return nil
	}
	if v.raw {
		return fmt.Errorf("ipc: got bytes, cannot decode them into a %T", out)
	}
	text, err := v.json()
	if err != nil {
		return fmt.Errorf("ipc: %w", err)
	}
	return codec.Decode(context.Background(), text, out)
}

// A sink is Go's record of one sink of a page. Page.mu guards it.
type sink struct {
	owner Receiver // a *reserved until the command attaches one
	// waiting are the messages from the first value whose body has not arrived, oldest first. bytes
	// is the total of the bodies that have.
	waiting []*sinkMessage
	bytes   int
}

// A sinkMessage is one value, or the end, of a page-to-Go stream.
type sinkMessage struct {
	Value
	uploaded uint64 // names its body, if that is uploaded
	here     bool   // its body has arrived
	end      bool
	dropped  bool // it will not be delivered
}

// A sinkEnd describes a sink that just ended, so that finishSink can notify its owner and the page
// without Page.mu.
type sinkEnd struct {
	id    ChannelID
	owner Receiver
	err   error
	// byPage is set if the page ended the sink and needs no notice.
	byPage bool
}

// pushed handles a sink's next value.
func (p *Page) pushed(h header, body []byte) error {
	if h.Body != "" && h.Body != "bytes" {
		return fmt.Errorf("unknown form of value %q", names.Clip(h.Body))
	}
	return p.putSink(h.Channel, &sinkMessage{
		Value:    Value{arrival: arrival{body: body}, raw: h.Body == "bytes", Ask: h.Ask, account: &p.endpoint.account},
		uploaded: h.Uploaded, here: h.Uploaded == 0,
	})
}

// ended handles a sink's end.
func (p *Page) ended(h header, body []byte) {
	m := &sinkMessage{here: true, end: true}
	if h.Failed {
		m.err = pageError(body, "the page aborted the stream")
	}
	_ = p.putSink(h.Channel, m) // putSink returns no error for an end.
}

// pageError returns the error in a page's message, with defaults for missing fields.
func pageError(body []byte, otherwise string) error {
	sent := failure{Code: ipc.CodeFailed, Message: otherwise}
	if text, err := (arrival{body: body}).json(); err == nil {
		_ = json.Unmarshal(text, &sent)
	}
	return &ipc.Error{Code: sent.Code, Message: sent.Message, Details: sent.Details}
}

// refusePush ends a sink whose next value is refused: the stream must not have a gap.
func (p *Page) refusePush(id ChannelID, err error) {
	_ = p.putSink(id, p.failed(err)) // putSink returns err itself.
}

// failed returns the message that ends a sink in place of a value.
func (p *Page) failed(err error) *sinkMessage {
	return &sinkMessage{Value: Value{arrival: arrival{err: err}, account: &p.endpoint.account}, here: true}
}

// putSink delivers a sink's message to its owner, at once or behind messages that wait for a body.
// It returns the error if that ends the sink, unless the page itself ended it.
func (p *Page) putSink(id ChannelID, m *sinkMessage) error {
	p.mu.Lock()
	end := p.queueSink(id, m)
	p.mu.Unlock()
	return p.finishSink(end)
}

// queueSink is putSink without the notices that need Page.mu unlocked. p.mu must be held.
func (p *Page) queueSink(id ChannelID, m *sinkMessage) *sinkEnd {
	s := p.sinks[id]
	if s == nil { // Go has stopped the sink, or it never existed.
		p.unhold(p.uploads.forget(m.uploaded))
		return nil
	}
	if !m.end && m.err == nil && !m.charge(costValue+len(m.body)) {
		p.unhold(p.uploads.forget(m.uploaded))
		m = p.failed(errHeld("push"))
		p.dropWaiting(s)
	}
	if m.here && len(s.waiting) == 0 {
		return p.handOver(id, s, m)
	}
	switch {
	case !m.end && floods(len(s.waiting), s.bytes):
		p.unhold(p.uploads.forget(m.uploaded))
		m.Release()
		m = p.failed(errFlood)
		p.dropWaiting(s)
	case m.here:
		s.bytes += m.Size()
	default:
		if a, here := p.claim(m.uploaded, func(a arrival) { p.bodyCame(id, s, m, a) }); here {
			p.setBody(s, m, a)
		}
	}
	s.waiting = append(s.waiting, m)
	return p.deliver(id, s)
}

// bodyCame continues with a message whose body has arrived.
func (p *Page) bodyCame(id ChannelID, s *sink, m *sinkMessage, a arrival) {
	p.mu.Lock()
	var end *sinkEnd
	if !m.dropped && p.sinks[id] == s {
		p.setBody(s, m, a)
		end = p.deliver(id, s)
	}
	p.mu.Unlock()
	if err := p.finishSink(end); err != nil {
		p.endpoint.refused(err, nil)
	}
}

// setBody sets a message's body. p.mu must be held.
func (p *Page) setBody(s *sink, m *sinkMessage, a arrival) {
	if a.err == nil && !m.charge(len(a.body)) {
		a = arrival{err: errHeld("push")}
	}
	m.arrival, m.here, m.uploaded = a, true, 0
	s.bytes += m.Size()
}

// dropWaiting drops the waiting messages of a sink. p.mu must be held.
func (p *Page) dropWaiting(s *sink) {
	for _, m := range s.waiting {
		p.uploads.await(m.uploaded)
		m.dropped = true
		m.Release()
	}
	s.waiting, s.bytes = nil, 0
}

// deliver delivers messages up to the first whose body has not arrived. p.mu must be held.
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

// handOver delivers a message to a sink's owner. It returns the sink's end if the message ends it.
// p.mu must be held, so that an owner that attaches concurrently gets the message either way.
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

// finishSink notifies the owner of an ended sink. If the page did not end it, finishSink notifies
// the page too and returns the sink's error.
func (p *Page) finishSink(end *sinkEnd) error {
	if end == nil {
		return nil
	}
	end.owner.Ended(end.err)
	if r, waits := end.owner.(*reserved); waits {
		r.Over() // No other owner will attach.
	}
	if end.byPage {
		return nil
	}
	p.answerNow(NewStop(end.id, end.err))
	return end.err
}

// dropSink removes a sink with its waiting messages. p.mu must be held.
func (p *Page) dropSink(id ChannelID) {
	s := p.sinks[id]
	if s == nil {
		return
	}
	delete(p.sinks, id)
	p.unhold(costStream)
	p.dropWaiting(s)
}

// DetachReceiver removes a sink that Go no longer reads.
func (p *Page) DetachReceiver(id ChannelID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dropSink(id)
}

// NewGrant returns the message that reports the number of consumed values of a sink.
func NewGrant(sink ChannelID, messages uint64) *Message {
	m := newMessage(outGrant, uint64(sink))
	m.text = append(m.text, ',')
	m.text = strconv.AppendUint(m.text, messages, 10)
	m.text = append(m.text, ']')
	return m
}

// NewStop returns the message that Go no longer reads a sink: without a failure if err is nil.
func NewStop(sink ChannelID, err error) *Message { return endMessage(outStop, sink, err) }

// stopMessage is NewStop for the outcome of a command, which is nil on success.
func stopMessage(sink ChannelID, why *failure) *Message {
	if why == nil {
		return NewStop(sink, nil)
	}
	return failureMessage(outStop, uint64(sink), *why)
}
