package wire

import (
	"errors"
	"fmt"
	"slices"

	"casement/ipc"
)

// A reserved stands for a channel or sink from the moment its call arrives until the call's arguments are
// decoded and its owner attaches. What the page says of it in between waits.
type reserved struct {
	values []Value
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

// errFlood is for a page that pushes more, which the runtime's own sinks don't. Over all sinks, the account is the bound.
var errFlood = errors.New("ipc: the page has sent more than it may")

// floods reports whether a page of which so much waits already has sent more than it may. One value may be larger than
// all that may wait, whatever waits before it.
func floods(values, bytes int) bool { return values >= maxReserved || bytes > maxReservedBytes }

// Granted implements Stream.
func (*reserved) Granted(uint64) {}

// Receive implements Receiver.
func (r *reserved) Receive(v Value) error {
	if floods(len(r.values), r.bytes) {
		return errFlood
	}
	r.values = append(r.values, v)
	r.bytes += v.Size()
	return nil
}

// Ended implements Stream and Receiver.
func (r *reserved) Ended(err error) { r.ended, r.err = true, err }

// Over implements Receiver.
func (r *reserved) Over() {
	for _, v := range r.values {
		v.Release()
	}
	r.values, r.bytes = nil, 0
}

// reserve notes the channels and sinks that come with a call: all of them or, if there is no room, none. It reports which.
// The page's lock must be held.
func (p *Page) reserve(call *Call) bool {
	var streams, sinks []ChannelID // that are new
	for _, id := range call.channels {
		if p.streams[id] == nil && p.hold(costStream) {
			p.streams[id] = new(reserved)
			streams = append(streams, id)
		}
	}
	for _, id := range call.sinks {
		if p.sinks[id] == nil && p.hold(costStream) {
			p.sinks[id] = &sink{owner: new(reserved)}
			sinks = append(sinks, id)
		}
	}
	missing := func(id ChannelID) bool { return p.streams[id] == nil }
	unread := func(id ChannelID) bool { return p.sinks[id] == nil }
	if !slices.ContainsFunc(call.channels, missing) && !slices.ContainsFunc(call.sinks, unread) {
		return true
	}
	for _, id := range streams {
		p.dropStream(id)
	}
	for _, id := range sinks {
		p.dropSink(id)
	}
	return false
}

// dropStream takes a channel off the books. The page's lock must be held.
func (p *Page) dropStream(id ChannelID) {
	if _, ok := p.streams[id]; ok {
		delete(p.streams, id)
		p.let(costStream)
	}
}

// Attach makes s the owner of a channel that came with the call. Each channel can be attached once.
func (c *Call) Attach(id ChannelID, s Stream) error {
	p := c.page
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return ipc.ErrPageGone
	}
	r, ok := p.streams[id].(*reserved)
	if !ok {
		return fmt.Errorf("ipc: channel %d is in use or did not come with this call", id)
	}
	p.streams[id] = s
	if r.ended {
		p.dropStream(id)
		s.Ended(r.err)
	}
	return nil
}

// AttachReceiver makes in the owner of a sink that came with the call, until the command returns. Each sink can be attached
// once.
func (c *Call) AttachReceiver(id ChannelID, in Receiver) error {
	p := c.page
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return ipc.ErrPageGone
	}
	s := p.sinks[id]
	if s == nil {
		s = new(sink)
	}
	r, ok := s.owner.(*reserved)
	if !ok {
		return fmt.Errorf("ipc: sink %d is in use or did not come with this call", id)
	}
	s.owner = in
	c.attached = append(c.attached, in)
	for len(r.values) > 0 {
		if err := in.Receive(r.values[0]); err != nil {
			r.Over()
			return err
		}
		r.values = r.values[1:]
	}
	if r.ended {
		p.dropSink(id)
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
		p.dropStream(id)
	}
	p.mu.Unlock()
	if s != nil {
		s.Ended(nil)
	}
}

// release lets go of the channels and sinks of a call that is about to be settled. If the command has run, its sinks end
// with it, and the channels that nobody has taken: ahead and behind are what tells the page so, before and after the call
// is settled. If it has not run, the page gives up all of them, and so does whoever took one. Why is what the command
// returned.
func (p *Page) release(call *Call, ran bool, why *failure) (ahead, behind []*Message) {
	p.mu.Lock()
	var streams []Stream
	var receivers []Receiver
	for _, id := range call.channels {
		s := p.streams[id]
		_, waits := s.(*reserved)
		if s != nil && (waits || !ran) {
			p.dropStream(id)
			streams = append(streams, s)
		}
		if waits && ran {
			behind = append(behind, NewEnd(id, nil))
		}
	}
	for _, id := range call.sinks {
		s := p.sinks[id]
		if s == nil {
			continue // It has ended.
		}
		p.dropSink(id)
		receivers = append(receivers, s.owner)
		if ran {
			ahead = append(ahead, stopMessage(id, why))
		}
	}
	attached := call.attached
	p.mu.Unlock()
	for _, s := range streams {
		s.Ended(nil)
	}
	for _, in := range receivers {
		in.Ended(ipc.ErrPageGone)
		in.Over()
	}
	for _, in := range attached {
		in.Over()
	}
	return ahead, behind
}
