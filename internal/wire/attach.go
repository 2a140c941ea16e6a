package wire

import (
	"errors"
	"fmt"
	"slices"

	"casement/ipc"
)

// A reserved is a placeholder for the owner of a channel or sink: from the arrival of its call
// until the arguments are decoded and the owner attaches. It queues what the page sends in between.
type reserved struct {
	values []Value
	bytes  int
	ended  bool
	err    error
}

const (
	// maxReserved and maxReservedBytes bound the values of a sink that wait for an owner, or behind
	// a value whose body has not arrived. They are twice the credit of the page runtime, as those
	// of package channels are.
	maxReserved      = 1 << 13
	maxReservedBytes = 8 << 20
)

// errFlood ends a sink whose page ignores flow control. The runtime's own sinks never do. The
// account bounds the total of all sinks.
var errFlood = errors.New("ipc: the page sent more than its credit allows")

// floods reports whether a page with this many values and bytes waiting may send no more. A single
// value may be larger than maxReservedBytes.
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

// reserve registers the channels and sinks of a call. If there is no room for all of them, it
// registers none and returns false. p.mu must be held.
func (p *Page) reserve(call *Call) bool {
	var streams, sinks []ChannelID // the new ones
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

// dropStream removes a channel. p.mu must be held.
func (p *Page) dropStream(id ChannelID) {
	if _, ok := p.streams[id]; ok {
		delete(p.streams, id)
		p.unhold(costStream)
	}
}

// Attach makes s the owner of a channel among the call's arguments. A channel can be attached once.
func (c *Call) Attach(id ChannelID, s Stream) error {
	p := c.page
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return ipc.ErrPageGone
	}
	r, ok := p.streams[id].(*reserved)
	if !ok {
		return fmt.Errorf("ipc: channel %d is in use or is not an argument of this call", id)
	}
	p.streams[id] = s
	if r.ended {
		p.dropStream(id)
		s.Ended(r.err)
	}
	return nil
}

// AttachReceiver makes in the owner of a sink among the call's arguments, until the command
// returns. A sink can be attached once.
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
		return fmt.Errorf("ipc: sink %d is in use or is not an argument of this call", id)
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

// closed ends a channel that the page has closed.
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

// release ends the channels and sinks of a call that is about to be settled. If the command ran,
// its sinks end, and its channels that have no owner. ahead and behind are the messages that report
// this to the page, before and after the call's settlement. If the command did not run, all its
// channels and sinks end, on both sides. why is the error that the command returned, or nil.
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
