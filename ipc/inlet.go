package ipc

import (
	"context"
	"fmt"
	"strconv"

	json "github.com/goccy/go-json"
)

// An Inlet is Go's end of a sink, into which a page streams. Its page tells it what comes, one thing after the
// other. The methods may be called on the UI thread and must not block.
type Inlet interface {
	// Pushed takes the sink's next value. It returns an error if the page has sent more than it may.
	Pushed(v Pushed) error
	// Ended says that no more will come. It is called at most once, and nothing after it. The error is nil
	// if the page ended the sink well, ErrPageGone if the page is gone, an *Error if the page gave up.
	Ended(err error)
}

// A Pushed is a value from a page, not yet decoded.
type Pushed struct {
	arrival
	raw bool // It is bytes.
	// Ask is true if the page wants a grant once the value is consumed.
	Ask bool
}

// Size returns how many bytes the value takes while it waits.
func (v Pushed) Size() int { return len(v.body) }

// Decode decodes the value into out, a pointer. A *[]byte takes bytes as they are.
func (v Pushed) Decode(out any) (err error) {
	if data, ok := out.(*[]byte); ok && v.raw {
		if *data, err = v.bytes(); err != nil {
			return fmt.Errorf("ipc: %w", err)
		}
		return nil
	}
	if v.raw {
		return fmt.Errorf("ipc: got bytes, which don't fit a %T", out)
	}
	return decodeArgs(context.Background(), v.body, out)
}

// DetachInlet ends Go's interest in a sink.
func (p *Page) DetachInlet(id ChannelID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.inlets, id)
	delete(p.behind, id)
}

// A told is what a page says of a sink: its next value, or its end.
type told struct {
	Pushed
	here bool // Its body has come.
	end  bool
}

// A backlog is what a page has told of a sink since a value whose body has not come.
type backlog struct {
	told []*told
	size int // bytes of the bodies that have come
}

// pushed takes a sink's next value.
func (p *Page) pushed(h header, body []byte) error {
	if h.Body != "" && h.Body != "bytes" {
		return fmt.Errorf("unknown form of value %q", clip(h.Body))
	}
	v := told{Pushed: Pushed{arrival: arrival{body: body}, raw: h.Body == "bytes", Ask: h.Ask}, here: true}
	return p.told(h.Channel, v, h.Uploaded)
}

// ended takes a sink's end.
func (p *Page) ended(h header, body []byte) {
	v := told{here: true, end: true}
	if h.Failed {
		// What a page says of its own error is taken as far as it makes sense.
		said := failure{Code: CodeFailed, Message: "the page gave up"}
		_ = json.Unmarshal(body, &said)
		v.err = &Error{Code: said.Code, Message: said.Message, Details: said.Details}
	}
	_ = p.told(h.Channel, v, 0) // An end is never too much.
}

// told hands a sink's owner what the page tells, at once or behind what waits for its body.
func (p *Page) told(sink ChannelID, v told, uploaded uint64) error {
	p.mu.Lock()
	b := p.behind[sink]
	if uploaded == 0 && b == nil {
		over, err := p.tell(sink, v)
		p.mu.Unlock()
		return p.finish(sink, over, v.end, err)
	}
	if b == nil {
		b = new(backlog)
		if p.behind == nil {
			p.behind = map[ChannelID]*backlog{}
		}
		p.behind[sink] = b
	}
	return p.putBehind(sink, b, v, uploaded)
}

// putBehind puts what the page tells behind the rest of a backlog. It is called with the page's lock and gives it back.
func (p *Page) putBehind(sink ChannelID, b *backlog, v told, uploaded uint64) error {
	if uploaded != 0 {
		v.arrival, v.here = p.uploads.claim(uploaded, func(a arrival) {
			p.mu.Lock()
			v.arrival, v.here = a, true
			b.size += v.Size()
			if err := p.drain(sink, b); err != nil {
				p.endpoint.refused(err, nil)
			}
		})
	}
	if !v.end && floods(len(b.told), b.size) {
		v = told{Pushed: Pushed{arrival: arrival{err: errFlood}}, here: true}
		b.told = nil
	}
	b.size += v.Size()
	b.told = append(b.told, &v)
	return p.drain(sink, b)
}

// drain hands a sink's owner what has come of a backlog. It is called with the page's lock and gives it back.
func (p *Page) drain(sink ChannelID, b *backlog) error {
	for p.behind[sink] == b && len(b.told) > 0 && b.told[0].here {
		v := b.told[0]
		b.told[0] = nil
		b.told = b.told[1:]
		b.size -= v.Size()
		over, err := p.tell(sink, *v)
		if over != nil {
			delete(p.behind, sink)
			p.mu.Unlock()
			return p.finish(sink, over, v.end, err)
		}
	}
	if p.behind[sink] == b && len(b.told) == 0 {
		delete(p.behind, sink)
	}
	p.mu.Unlock()
	return nil
}

// tell tells a sink's owner, with the page's lock held, so that an owner that comes at this moment finds the value or
// gets it. It returns the owner of a sink that is over, who has to be told that without the lock, and why.
func (p *Page) tell(sink ChannelID, v told) (over Inlet, err error) {
	in := p.inlets[sink]
	if in == nil {
		return nil, nil // Go has stopped it, and this was on its way before.
	}
	err = v.err
	if v.end {
		if r, waits := in.(*reserved); waits {
			r.Ended(err)
			return nil, nil
		}
	} else if err == nil {
		if err = in.Pushed(v.Pushed); err == nil {
			return nil, nil
		}
	}
	delete(p.inlets, sink)
	return in, err
}

// finish tells the owner of a sink that is over, and the page if it is not the page's doing. Then it returns the error.
func (p *Page) finish(sink ChannelID, over Inlet, end bool, err error) error {
	if over == nil {
		return nil
	}
	over.Ended(err)
	if end {
		return nil
	}
	p.answerNow(NewStop(sink, err))
	return err
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
