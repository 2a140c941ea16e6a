package ipc

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"

	json "github.com/goccy/go-json"
)

// An Inlet is Go's end of a sink, into which a page streams. Its page tells it what comes. The methods may
// be called on the UI thread and must not block.
type Inlet interface {
	// Pushed takes the sink's next value. It returns an error if the page has sent more than it may.
	Pushed(v Pushed) error
	// Ended says that no more will come. It is called at most once, and nothing after it. The error is nil
	// if the page ended the sink well, ErrPageGone if the page is gone, an *Error if the page gave up.
	Ended(err error)
}

// A Pushed is a value from a page, not yet decoded.
type Pushed struct {
	body  []byte
	bytes bool
	// Ask is true if the page wants a grant once the value is consumed.
	Ask bool
}

// Size returns how many bytes the value takes while it waits.
func (v Pushed) Size() int { return len(v.body) }

// Decode decodes the value into out, a pointer. A *[]byte takes bytes as they are.
func (v Pushed) Decode(out any) error {
	if data, ok := out.(*[]byte); ok && v.bytes {
		n, err := base64.StdEncoding.Decode(v.body, v.body)
		if err != nil {
			return fmt.Errorf("ipc: the bytes are not base64: %w", err)
		}
		*data = v.body[:n:n]
		return nil
	}
	if v.bytes {
		return fmt.Errorf("ipc: got bytes, which don't fit a %T", out)
	}
	return decodeArgs(context.Background(), v.body, out)
}

// DetachInlet ends Go's interest in a sink.
func (p *Page) DetachInlet(id ChannelID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.inlets, id)
}

// pushed hands a value to its sink's owner. One for a sink that Go has stopped was on its way before.
func (p *Page) pushed(h header, body []byte) error {
	if h.Body != "" && h.Body != "bytes" {
		return fmt.Errorf("unknown form of value %q", clip(h.Body))
	}
	p.mu.Lock()
	in := p.inlets[h.Channel]
	var err error
	if in != nil {
		// Under the lock, so that an owner that comes at this moment finds the value or gets it.
		if err = in.Pushed(Pushed{body: body, bytes: h.Body == "bytes", Ask: h.Ask}); err != nil {
			delete(p.inlets, h.Channel)
		}
	}
	p.mu.Unlock()
	if err != nil {
		in.Ended(err)
		p.answerNow(NewStop(h.Channel, err))
	}
	return err
}

// ended ends a sink for its owner.
func (p *Page) ended(h header, body []byte) {
	var err error
	if h.Failed {
		// What a page says of its own error is taken as far as it makes sense.
		said := failure{Code: CodeFailed, Message: "the page gave up"}
		_ = json.Unmarshal(body, &said)
		err = &Error{Code: said.Code, Message: said.Message, Details: said.Details}
	}
	p.mu.Lock()
	in := p.inlets[h.Channel]
	if r, waits := in.(*reserved); waits {
		r.Ended(err)
		in = nil
	} else {
		delete(p.inlets, h.Channel)
	}
	p.mu.Unlock()
	if in != nil {
		in.Ended(err)
	}
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
