package ipc

import (
	"errors"
	"fmt"
)

// A reserved stands for a channel or sink from the moment its call arrives until the call's arguments are
// decoded and its owner attaches. What the page says of it in between waits.
type reserved struct {
	values []Pushed
	bytes  int
	ended  bool
	err    error
}

const (
	// maxReserved and maxReservedBytes bound what a page pushes into a sink before that has an owner, or behind a
	// value whose body has not come. They are twice what the page's runtime lets it be ahead by, as channels' own are.
	maxReserved      = 1 << 13
	maxReservedBytes = 8 << 20
)

// errFlood is for a page that pushes more, which the runtime's own sinks don't.
var errFlood = errors.New("ipc: the page has sent more than it may")

// floods reports whether a page of which so much waits already has sent more than it may. One value may be larger than
// all that may wait, whatever waits before it.
func floods(values, bytes int) bool { return values >= maxReserved || bytes > maxReservedBytes }

// Granted implements Stream.
func (*reserved) Granted(uint64) {}

// Pushed implements Inlet.
func (r *reserved) Pushed(v Pushed) error {
	if floods(len(r.values), r.bytes) {
		return errFlood
	}
	r.values = append(r.values, v)
	r.bytes += v.Size()
	return nil
}

// Ended implements Stream and Inlet.
func (r *reserved) Ended(err error) { r.ended, r.err = true, err }

// reserve notes the channels and sinks that come with a call, with the page's lock held.
func (p *Page) reserve(call *Call) {
	for _, id := range call.channels {
		if p.streams[id] == nil {
			p.streams[id] = new(reserved)
		}
	}
	for _, id := range call.sinks {
		if p.inlets[id] == nil {
			p.inlets[id] = new(reserved)
		}
	}
}

// Attach makes s the owner of a channel that came with the call. Each channel can be attached once.
func (c *Call) Attach(id ChannelID, s Stream) error {
	p := c.page
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return ErrPageGone
	}
	r, ok := p.streams[id].(*reserved)
	if !ok {
		return fmt.Errorf("ipc: channel %d is in use or did not come with this call", id)
	}
	p.streams[id] = s
	if r.ended {
		delete(p.streams, id)
		s.Ended(r.err)
	}
	return nil
}

// AttachInlet makes in the owner of a sink that came with the call. Each sink can be attached once.
func (c *Call) AttachInlet(id ChannelID, in Inlet) error {
	p := c.page
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return ErrPageGone
	}
	r, ok := p.inlets[id].(*reserved)
	if !ok {
		return fmt.Errorf("ipc: sink %d is in use or did not come with this call", id)
	}
	p.inlets[id] = in
	for _, v := range r.values {
		if err := in.Pushed(v); err != nil {
			return err
		}
	}
	if r.ended {
		delete(p.inlets, id)
		in.Ended(r.err)
	}
	return nil
}

// closed notes that the page has closed a channel.
func (p *Page) closed(id ChannelID) {
	p.mu.Lock()
	s := p.streams[id]
	if r, waits := s.(*reserved); waits {
		r.Ended(nil)
		s = nil
	} else {
		delete(p.streams, id)
	}
	p.mu.Unlock()
	if s != nil {
		s.Ended(nil)
	}
}

// release lets go of the channels and sinks of a call that is about to be settled. If the command has run,
// it returns what tells the page of those that nobody has taken; if not, the page gives up all of them, and
// so does whoever took one.
func (p *Page) release(call *Call, ran bool) (unused []*Message) {
	p.mu.Lock()
	var streams []Stream
	var inlets []Inlet
	for _, id := range call.channels {
		s := p.streams[id]
		_, waits := s.(*reserved)
		if s != nil && (waits || !ran) {
			delete(p.streams, id)
			streams = append(streams, s)
		}
		if waits && ran {
			unused = append(unused, NewEnd(id, nil))
		}
	}
	for _, id := range call.sinks {
		in := p.inlets[id]
		_, waits := in.(*reserved)
		if in != nil && (waits || !ran) {
			delete(p.inlets, id)
			inlets = append(inlets, in)
		}
		if waits && ran {
			unused = append(unused, NewStop(id, nil))
		}
	}
	p.mu.Unlock()
	for _, s := range streams {
		s.Ended(nil)
	}
	for _, in := range inlets {
		in.Ended(ErrPageGone)
	}
	return unused
}
