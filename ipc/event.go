package ipc

import (
	"errors"
	"fmt"
	"strconv"

	json "github.com/goccy/go-json"

	"casement/internal/serial"
)

// A Bus takes what pages say about events.
type Bus interface {
	// Listen makes a listener of the page hear an event. It is called on the UI thread and must not block.
	// A nil target means the page's own window. It returns an error if the name or target is malformed.
	Listen(p *Page, id ListenerID, event string, target *Target) error
	// Unlisten ends that. It is called on the UI thread and must not block.
	Unlisten(p *Page, id ListenerID)
	// Emit emits an event for a page. It is called on a goroutine of the page's own, for one event after
	// the other. A nil target means everybody.
	Emit(p *Page, event string, target *Target, payload Payload) error
	// Gone says that the page is over, and its listeners with it. It must not block.
	Gone(p *Page)
}

// A Payload is a value that has been marshalled once, for any number of pages and listeners.
type Payload struct {
	text    []byte
	escaped []byte
}

// NewPayload returns v as a payload. A json.RawMessage is taken as it is, but for white space.
func NewPayload(v any) (Payload, error) {
	s := scratches.Get().(*scratch)
	defer s.free()
	text, err := s.encode(v)
	if err != nil {
		return Payload{}, err
	}
	return payloadOf(append([]byte(nil), text...)), nil
}

// payloadOf returns valid JSON as a payload.
func payloadOf(text []byte) Payload {
	escaped := text
	if indexSpecial(text) >= 0 { // Or perhaps one: then it is copied for nothing.
		escaped = appendEscaped(make([]byte, 0, len(text)+len(text)/8), text)
	}
	return Payload{text: text, escaped: escaped}
}

// JSON returns the payload as JSON. It must not be changed.
func (p Payload) JSON() json.RawMessage { return p.text }

// NewEvent returns the message that tells listeners of one page of an event. The source is the label of
// the window that has emitted it, empty for Go.
func NewEvent(listeners []ListenerID, p Payload, source Label) *Message {
	m := emptyMessage()
	m.text = append(m.text, '[', '0'+byte(outEvent), ',', '[')
	for i, id := range listeners {
		if i > 0 {
			m.text = append(m.text, ',')
		}
		m.text = strconv.AppendUint(m.text, uint64(id), 10)
	}
	m.text = append(m.text, "],"...)
	m.text = append(m.text, p.escaped...)
	if source == "" {
		m.text = append(m.text, ",null]"...)
	} else {
		m.appendLabel(source)
		m.text = append(m.text, ']')
	}
	return m
}

var errNoBus = errors.New("this window has no events")

// listen takes a page's wish to hear an event.
func (p *Page) listen(h *header) error {
	bus := p.endpoint.options.Bus
	if bus == nil {
		return &Error{Code: CodeDenied, Message: errNoBus.Error()}
	}
	if h.Listener == 0 {
		return errorf(CodeBadArguments, "a listener without an id")
	}
	if err := bus.Listen(p, h.Listener, h.Event, h.Target); err != nil {
		return asRefusal(err)
	}
	p.settled(h.ID)
	return nil
}

// settled settles a promise with nothing, on the UI thread.
func (p *Page) settled(id uint64) {
	m := newMessage(outSettle, id)
	m.text = append(m.text, ",null]"...)
	p.answerNow(m)
}

// asRefusal gives an error that has no code one: what a page asks of the bus can only be malformed, or
// more than some page's backlog holds.
func asRefusal(err error) error {
	var known *Error
	switch {
	case errors.As(err, &known):
		return err
	case errors.Is(err, ErrBacklog):
		return &Error{Code: CodeBusy, Message: err.Error(), Err: err}
	}
	return &Error{Code: CodeBadArguments, Message: err.Error(), Err: err}
}

// maxEmits bounds the events of a page that wait for Go's listeners, which run one event after the other. 65,536 are what a
// page emits in a second.
const maxEmits = 1 << 16

// An emission is an event that a page has emitted.
type emission struct {
	id      uint64
	event   string
	target  *Target
	payload arrival
}

// emit takes an event from the page. They are handled in order.
func (p *Page) emit(h *header, body []byte) error {
	if p.endpoint.options.Bus == nil {
		return &Error{Code: CodeDenied, Message: errNoBus.Error()}
	}
	cost := costEmission + h.size + len(body)
	p.mu.Lock()
	held, gone := p.hold(cost), p.gone
	p.mu.Unlock()
	switch {
	case gone:
		return nil
	case !held:
		return errHeld("emit " + clip(h.Event))
	}
	e := emission{h.ID, h.Event, h.Target, arrival{body: body}}
	err := p.emits.Add(func() {
		defer p.Release(cost)
		p.runEmit(e)
	})
	if err == nil {
		return nil
	}
	p.Release(cost)
	if errors.Is(err, serial.ErrClosed) {
		return nil // The page is gone.
	}
	return errorf(CodeBusy, "emit %s: %d events wait for Go's listeners, more are not accepted", clip(h.Event), maxEmits)
}

// runEmit emits one event and settles it, whatever the listeners do.
func (p *Page) runEmit(e emission) {
	// What a listener leaves behind if it neither returns nor panics.
	err := error(errorf(CodePanicked, "emit %s: a listener ended its goroutine", clip(e.event)))
	defer func() {
		m := newMessage(outSettle, e.id)
		if err != nil {
			m = failureMessage(outSettleError, e.id, failureOf(p.ctx, err))
		} else {
			m.text = append(m.text, ",null]"...)
		}
		_ = p.outbox.put(p.ctx, m) // An error means that the page is gone.
		m.Free()
	}()
	err = p.emitOne(e)
}

func (p *Page) emitOne(e emission) error {
	payload, err := normalJSON(e.payload.body)
	if err != nil {
		return errorf(CodeBadArguments, "emit %s: the payload: %w", clip(e.event), err)
	}
	if err := p.endpoint.options.Bus.Emit(p, e.event, e.target, payloadOf(payload)); err != nil {
		return asRefusal(fmt.Errorf("emit %s: %w", clip(e.event), err))
	}
	return nil
}
