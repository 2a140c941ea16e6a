package wire

import (
	"sync/atomic"

	"casement/ipc"
)

// An account counts, in bytes, what the pages of one window make Go hold. Everything is in it: the headers and bodies of
// calls under way, events that wait for Go's listeners, uploads that no message has named, what is in sinks, the channels
// and sinks themselves, listeners. So there is one bound for all of it, and no way around.
//
// What a call and a value of a sink hold is given back by whoever has it, which may be after the page's end. All else is on
// its page's books, and given back with the page at the latest: see Page.hold.
type account struct {
	limit int64
	held  atomic.Int64
}

// What Go holds costs more than the bytes that came. These are what the rest comes to, rounded up.
const (
	costCall     = 512
	costHeader   = 64 // for each of Call.Headers
	costID       = 16 // for each of Call.channels and Call.sinks
	costStream   = 256
	costValue    = 192
	costUpload   = 192
	costEmission = 512
)

// take adds n bytes if there is room for them. If nothing is held there always is.
func (a *account) take(n int) bool {
	for {
		held := a.held.Load()
		if held > 0 && held+int64(n) > a.limit {
			return false
		}
		if a.held.CompareAndSwap(held, held+int64(n)) {
			return true
		}
	}
}

// give gives bytes back. Negative ones are added: they were counted elsewhere before.
func (a *account) give(n int) { a.held.Add(-int64(n)) }

// errHeld is for a page that makes Go hold more than it may.
func errHeld(what string) error {
	return errorf(ipc.CodeBusy, "%s: the page makes Go hold too much; more is not accepted", what)
}

// hold enters n bytes on the page's books, if there is room for them. The page's lock must be held.
func (p *Page) hold(n int) bool {
	if p.gone || !p.endpoint.account.take(n) {
		return false
	}
	p.held += n
	return true
}

// let takes n bytes off the page's books. The page's lock must be held.
func (p *Page) let(n int) {
	if !p.gone { // Its end has given back all of them.
		p.held -= n
		p.endpoint.account.give(n)
	}
}

// Hold counts n bytes that the page makes a Bus hold. It returns an error if that is more than the page may; what it has
// counted is given back by Release, and by the page's end.
func (p *Page) Hold(n int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.gone:
		return ipc.ErrPageGone
	case !p.hold(n):
		return errHeld("listen")
	}
	return nil
}

// Release gives back what Hold has counted.
func (p *Page) Release(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.let(n)
}
