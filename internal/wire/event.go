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

// A Bus takes what pages say about events.
type Bus interface {
	// Listen makes a listener of the page hear an event. It is called on the UI thread and must not block.
	// The target is JSON as the page sent it; none means the page's own window. It returns an error if the name or the
	// target is malformed.
	Listen(p *Page, id ListenerID, event string, target json.RawMessage) error
	// Unlisten ends that. It is called on the UI thread and must not block.
	Unlisten(p *Page, id ListenerID)
	// Emit emits an event for a page. It is called on a goroutine of the page's own, for one event after
	// the other. The target is JSON as the page sent it; none means everybody.
	Emit(p *Page, event string, target json.RawMessage, payload Payload) error
	// Gone says that the page is over, and its listeners with it. It must not block.
	Gone(p *Page)
}

// An AppBus is a Bus with what the app itself needs of it.
type AppBus interface {
	Bus
	// OpenWindow makes a window a target that events can be for.
	OpenWindow(label ipc.Label)
	// CloseWindow ends that, with Go's listeners on the window and what was retained for it.
	CloseWindow(label ipc.Label)
	// Announce emits one of the shell's own events, under a reserved name: for everybody if the label is
	// empty, and else for that window. If retain is true, those who begin to listen later are told of it.
	Announce(label ipc.Label, name string, payload any, retain bool) error
}

// A Payload is a value that has been marshalled once, for any number of pages and listeners.
type Payload struct {
	text    []byte
	escaped []byte
}

// NewPayload returns v as a payload. A json.RawMessage is taken as it is, but for white space.
func NewPayload(v any) (Payload, error) {
	text, err := codec.Marshal(v)
	if err != nil {
		return Payload{}, err
	}
	return payloadOf(text), nil
}

// payloadOf returns valid JSON as a payload.
func payloadOf(text []byte) Payload {
	return Payload{text: text, escaped: codec.Escaped(text)}
}

// JSON returns the payload as JSON. It must not be changed.
func (p Payload) JSON() json.RawMessage { return p.text }

// NewEvent returns the message that tells listeners of one page of an event. The source is the label of
// the window that has emitted it, empty for Go.
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

// listen takes a page's wish to hear an event.
func (p *Page) listen(h *header) error {
	bus := p.endpoint.options.Bus
	if bus == nil {
		return &ipc.Error{Code: ipc.CodeDenied, Message: errNoBus.Error()}
	}
	if h.Listener == 0 {
		return errorf(ipc.CodeBadArguments, "a listener without an id")
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
	var known *ipc.Error
	switch {
	case errors.As(err, &known):
		return err
	case errors.Is(err, ipc.ErrBacklog):
		return &ipc.Error{Code: ipc.CodeBusy, Message: err.Error(), Err: err}
	}
	return &ipc.Error{Code: ipc.CodeBadArguments, Message: err.Error(), Err: err}
}

// maxEmits bounds the events of a page that wait for Go's listeners, which run one event after the other. 65,536 are what a
// page emits in a second.
const maxEmits = 1 << 16

// An emission is an event that a page has emitted.
type emission struct {
	id      uint64
	event   string
	target  json.RawMessage
	payload arrival
}

// emit takes an event from the page. They are handled in order.
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
	return errorf(ipc.CodeBusy, "emit %s: %d events wait for Go's listeners, more are not accepted", names.Clip(h.Event), maxEmits)
}

// runEmit emits one event and settles it, whatever the listeners do.
func (p *Page) runEmit(e emission) {
	// What a listener leaves behind if it neither returns nor panics.
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
