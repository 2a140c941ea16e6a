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

// An Inlet is Go's end of a sink, into which a page streams. Its page tells it what comes, one thing after the
// other. The methods may be called on the UI thread and must not block.
type Inlet interface {
	// Pushed takes the sink's next value, and has to Release it. It returns an error if the page has sent more than it
	// may; then it has not taken the value.
	Pushed(v Pushed) error
	// Ended says that no more will come. It is called at most once, and no value comes after it. The error is nil
	// if the page ended the sink well, ipc.ErrPageGone if the page is gone, an *ipc.Error if the page gave up.
	Ended(err error)
	// Over says that the command has returned, and that nobody reads any more. It may be called more than once.
	Over()
}

// A Pushed is a value from a page, not yet decoded.
type Pushed struct {
	arrival
	raw     bool // It is bytes.
	account *account
	held    int // what the account has been charged with
	// Ask is true if the page wants a grant once the value is consumed.
	Ask bool
}

// Size returns how many bytes the value takes while it waits.
func (v Pushed) Size() int { return len(v.body) }

// Release says that the value does not wait any more. It is called once.
func (v Pushed) Release() {
	if v.account != nil {
		v.account.give(v.held)
	}
}

// charge has the value's account charged with so many bytes more. It reports whether there is room for them.
func (v *Pushed) charge(n int) bool {
	if !v.account.take(n) {
		return false
	}
	v.held += n
	return true
}

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
	text, err := v.json()
	if err != nil {
		return fmt.Errorf("ipc: %w", err)
	}
	return codec.Decode(context.Background(), text, out)
}

// DetachInlet ends Go's interest in a sink.
func (p *Page) DetachInlet(id ChannelID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dropInlet(id)
}

// A told is what a page says of a sink: its next value, or its end.
type told struct {
	Pushed
	uploaded uint64 // names its body, if that is not here
	here     bool   // Its body has come.
	end      bool
}

// A backlog is what a page has told of a sink since a value whose body has not come.
type backlog struct {
	told []*told
	size int // bytes of the bodies that have come
}

// pushed takes a sink's next value.
func (p *Page) pushed(h header, body []byte) error {
	if h.Body != "" && h.Body != "bytes" {
		return fmt.Errorf("unknown form of value %q", names.Clip(h.Body))
	}
	v := told{
		Pushed:   Pushed{arrival: arrival{body: body}, raw: h.Body == "bytes", Ask: h.Ask, account: &p.endpoint.account},
		uploaded: h.Uploaded, here: h.Uploaded == 0,
	}
	return p.told(h.Channel, v)
}

// ended takes a sink's end.
func (p *Page) ended(h header, body []byte) {
	v := told{here: true, end: true}
	if h.Failed {
		v.err = pageError(body, "the page gave up")
	}
	_ = p.told(h.Channel, v) // An end is never too much.
}

// pageError returns the error that a page gives, as far as it makes sense.
func pageError(body []byte, otherwise string) error {
	said := failure{Code: ipc.CodeFailed, Message: otherwise}
	if text, err := (arrival{body: body}).json(); err == nil {
		_ = json.Unmarshal(text, &said)
	}
	return &ipc.Error{Code: said.Code, Message: said.Message, Details: said.Details}
}

// refusePush ends a sink whose next value is not taken: behind the gap nothing makes sense.
func (p *Page) refusePush(sink ChannelID, err error) {
	v := told{Pushed: Pushed{arrival: arrival{err: err}, account: &p.endpoint.account}, here: true}
	_ = p.told(sink, v) // It is what is told.
}

// told hands a sink's owner what the page tells, at once or behind what waits for its body.
func (p *Page) told(sink ChannelID, v told) error {
	p.mu.Lock()
	switch {
	case p.inlets[sink] == nil: // Go has stopped it, and this was on its way before; or there never was one.
		p.let(p.uploads.forget(v.uploaded))
		p.mu.Unlock()
		return nil
	case !v.end && !v.charge(costValue+len(v.body)):
		p.let(p.uploads.forget(v.uploaded))
		v = told{Pushed: Pushed{arrival: arrival{err: errHeld("push")}}, here: true}
		if b := p.behind[sink]; b != nil {
			b.drop(p)
		}
	}
	b := p.behind[sink]
	if v.here && b == nil {
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
	return p.putBehind(sink, b, &v)
}

// putBehind puts what the page tells behind the rest of a backlog. It is called with the page's lock and gives it back.
func (p *Page) putBehind(sink ChannelID, b *backlog, v *told) error {
	switch {
	case !v.end && floods(len(b.told), b.size):
		p.let(p.uploads.forget(v.uploaded))
		v.Release()
		v = &told{Pushed: Pushed{arrival: arrival{err: errFlood}}, here: true}
		b.drop(p)
	case v.here:
		b.size += v.Size()
	default:
		var a arrival
		if a, v.here = p.claim(v.uploaded, func(a arrival) {
			p.mu.Lock()
			if p.behind[sink] != b {
				p.mu.Unlock()
				return // The sink is over.
			}
			p.come(b, v, a)
			if err := p.drain(sink, b); err != nil {
				p.endpoint.refused(err, nil)
			}
		}); v.here {
			p.come(b, v, a)
		}
	}
	b.told = append(b.told, v)
	return p.drain(sink, b)
}

// come gives a value its body. The page's lock must be held.
func (p *Page) come(b *backlog, v *told, a arrival) {
	if a.err == nil && !v.charge(len(a.body)) {
		a = arrival{err: errHeld("push")}
	}
	v.arrival, v.here, v.uploaded = a, true, 0
	b.size += v.Size()
}

// drop drops all of a backlog. The page's lock must be held.
func (b *backlog) drop(p *Page) {
	for _, v := range b.told {
		p.uploads.await(v.uploaded)
		v.Release()
	}
	b.told, b.size = nil, 0
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
	if !v.end {
		v.Release()
	}
	p.dropInlet(sink)
	return in, err
}

// finish tells the owner of a sink that is over, and the page if it is not the page's doing. Then it returns the error.
func (p *Page) finish(sink ChannelID, over Inlet, end bool, err error) error {
	if over == nil {
		return nil
	}
	over.Ended(err)
	if r, waits := over.(*reserved); waits {
		r.Over() // There will be no other owner.
	}
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

// stopMessage is NewStop for what has become of a command, which is nil if it returned well.
func stopMessage(sink ChannelID, why *failure) *Message {
	if why == nil {
		return NewStop(sink, nil)
	}
	return failureMessage(outStop, uint64(sink), *why)
}
