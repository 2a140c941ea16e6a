package wire

import (
	"sync/atomic"

	"casement/ipc"
)

// An account counts the bytes that the pages of one window make Go hold: headers and bodies of
// calls in flight, events queued for Go's listeners, uploads that no message has named, values in
// sinks, the channels and sinks themselves, and listeners. One bound covers all of it.
//
// The memory of a call or of a sink's value is released by its holder, perhaps after the page's
// end. All other memory is charged through Page.hold, and released with the page at the latest.
type account struct {
	limit int64
	held  atomic.Int64
}

// Holding a message costs more than its bytes. These constants are the rest, rounded up.
const (
	costCall     = 768
	costHeader   = 64 // for each of Call.Headers
	costID       = 16 // for each of Call.channels and Call.sinks
	costStream   = 256
	costValue    = 192
	costUpload   = 192
	costEmission = 512
)

// take charges n bytes if there is room for them. An empty account always has room.
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

// give releases n bytes. A negative n charges bytes that were counted elsewhere before.
func (a *account) give(n int) { a.held.Add(-int64(n)) }

// errHeld is the error for a page that exceeds its window's account.
func errHeld(what string) error {
	return errorf(ipc.CodeBusy, "%s: the window has reached its memory limit", what)
}

// hold charges n bytes to the page, if there is room for them. p.mu must be held.
func (p *Page) hold(n int) bool {
	if p.gone || !p.endpoint.account.take(n) {
		return false
	}
	p.held += n
	return true
}

// unhold releases n bytes that hold has charged. p.mu must be held.
func (p *Page) unhold(n int) {
	if !p.gone { // close has released all of them.
		p.held -= n
		p.endpoint.account.give(n)
	}
}

// Hold charges n bytes that the page makes a Bus hold. It returns an error if the window's limit is
// reached. Release or the page's end releases them.
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

// Release releases bytes that Hold has charged.
func (p *Page) Release(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unhold(n)
}
