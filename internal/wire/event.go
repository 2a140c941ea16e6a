package wire

import (
	"errors"
	"fmt"
	"strconv"

	json "github.com/goccy/go-json"

	"casement/internal/codec"
	"casement/internal/names"
	"casement/internal/serial"
	"casement/ipc"
)

// A Bus handles the event messages of pages.
type Bus interface {
	// Listen adds a listener of the page for an event. It is called on the UI thread and must not
	// block. target is JSON as the page sent it; nil means the page's own window. Listen returns an
	// error if the name or the target is malformed.
	Listen(p *Page, id ListenerID, event string, target json.RawMessage) error
	// Unlisten removes a listener. It is called on the UI thread and must not block.
	Unlisten(p *Page, id ListenerID)
	// Emit emits an event for a page. It is called on a goroutine of the page, for one event after
	// the other. target is JSON as the page sent it; nil means every target.
	Emit(p *Page, event string, target json.RawMessage, payload Payload) error
	// Gone removes the listeners of a page that is gone. It must not block.
	Gone(p *Page)
}

// An AppBus is a Bus with the methods that the shell needs.
type AppBus interface {
	Bus
	// OpenWindow makes a window a target of events.
	OpenWindow(label ipc.Label)
	// CloseWindow removes that target, Go's listeners on the window and the events retained for it.
	CloseWindow(label ipc.Label)
	// Announce emits one of the shell's own events, under a reserved name: for every target if
	// label is empty, otherwise for that window. If retain is set, the event is retained for later
	// listeners.
	Announce(label ipc.Label, name string, payload any, retain bool) error
}

// A Payload is an event's payload, marshalled once for any number of pages and listeners.
type Payload struct {
	text    []byte
	escaped []byte
}

// NewPayload returns v as a payload. A json.RawMessage keeps everything but its white space.
func NewPayload(v any) (Payload, error) {
	text, err := codec.Marshal(v)
	if err != nil {
		return Payload{}, err
	}
	return payloadOf(text), nil
}

// payloadOf returns a payload of valid JSON.
func payloadOf(text []byte) Payload {
	return Payload{text: text, escaped: codec.Escaped(text)}
}

// JSON returns the payload as JSON, which is read-only.
func (p Payload) JSON() json.RawMessage { return p.text }

// NewEvent returns the message that delivers an event to listeners of one page. source is the label
// of the emitting window, or empty for Go.
func NewEvent(listeners []ListenerID, p Payload, source ipc.Label) *Message {
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

// listen handles a page's request to listen for an event.
func (p *Page) listen(h *header) error {
	bus := p.endpoint.options.Bus
	if bus == nil {
		return &ipc.Error{Code: ipc.CodeDenied, Message: errNoBus.Error()}
	}
	if h.Listener == 0 {
		return errorf(ipc.CodeBadArguments, "the listener has no id")
	}
	if err := bus.Listen(p, h.Listener, h.Event, h.Target); err != nil {
		return asRefusal(err)
	}
	p.settled(h.ID)
	return nil
}

// settled settles a promise with null, on the UI thread.
func (p *Page) settled(id uint64) {
	m := newMessage(outSettle, id)
	m.text = append(m.text, ",null]"...)
	p.answerNow(m)
}

// asRefusal gives a code to an error without one. A page's request to the bus can only fail because
// it is malformed, or because the outbox of some page is full.
func asRefusal(err error) error {
	var known *ipc.Error
	switch {
	case errors.As(err, &known):
		return err
	case errors.Is(err, ipc.ErrBacklog):
		return &ipc.Error{Code: ipc.CodeBusy, Message: err.Error(), Err: err}
	}
	return &ipc.Error{Code: ipc.CodeBadArguments, Message: err.Error(), Err: err}
}

// maxEmits bounds the events of a page that wait for Go's listeners, which run one event after the
// other. A page emits 65,536 in about a second.
const maxEmits = 1 << 16

// An emission is an event that a page emitted.
type emission struct {
	id      uint64
	event   string
	target  json.RawMessage
	payload arrival
}

// emit handles an event that the page emits. Events are handled in order.
func (p *Page) emit(h *header, body []byte) error {
	if p.endpoint.options.Bus == nil {
		return &ipc.Error{Code: ipc.CodeDenied, Message: errNoBus.Error()}
	}
	cost := costEmission + h.size + len(body)
	p.mu.Lock()
	held, gone := p.hold(cost), p.gone
	p.mu.Unlock()
	switch {
	case gone:
		return nil
	case !held:
		return errHeld("emit " + names.Clip(h.Event))
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
	return errorf(ipc.CodeBusy, "emit %s: %d events wait for Go's listeners, which is the limit", names.Clip(h.Event), maxEmits)
}

// runEmit emits one event and settles its promise, even if a listener panics or ends its goroutine.
func (p *Page) runEmit(e emission) {
	// This error stands if a listener neither returns nor panics.
	err := error(errorf(ipc.CodePanicked, "emit %s: a listener ended its goroutine", names.Clip(e.event)))
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
	payload, err := codec.NormalizeJSON(e.payload.body)
	if err != nil {
		return errorf(ipc.CodeBadArguments, "emit %s: the payload: %w", names.Clip(e.event), err)
	}
	if err := p.endpoint.options.Bus.Emit(p, e.event, e.target, payloadOf(payload)); err != nil {
		return asRefusal(fmt.Errorf("emit %s: %w", names.Clip(e.event), err))
	}
	return nil
}
