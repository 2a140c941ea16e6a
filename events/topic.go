package events

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"casement/internal/wire"
	"casement/ipc"
)

// A topic holds the listeners and retained events of one name.
type topic struct {
	name      Name
	listeners []*listener     // in the order of registration
	pages     []*pageListener // likewise, one for each page
	retained  []retained      // the last event of each scope, oldest first
}

// A listener is a listener in Go.
type listener struct {
	id      ID
	mailbox mailbox
	once    bool
	window  *ipc.Label // its closing removes the listener; nil for none
	handle  func(Event)
	over    atomic.Bool
	heard   atomic.Bool // it received an event emitted after its registration
}

// A pageListener holds all listeners of one page for one name.
type pageListener struct {
	page *wire.Page
	ids  []wire.ListenerID
	box  []mailbox // of each id
}

// A retained is an event that is kept for later listeners.
type retained struct {
	scope   scope
	payload wire.Payload
	source  ipc.Label
}

// A scope says which mailboxes receive an event.
type scope struct {
	all    bool
	target Target
	// accepts holds a filter's answers. It is nil unless the event has a filter.
	accepts map[Target]bool
	some    bool // a live target is accepted
}

// includes reports whether a mailbox receives an event of this scope.
func (s scope) includes(m mailbox) bool {
	switch {
	case s.all:
		return true
	case s.accepts != nil:
		return m.any && s.some || !m.any && s.accepts[m.target]
	default:
		return m.any || m.target == s.target
	}
}

// deliver sends an event to the page's listeners that receive it.
func (l *pageListener) deliver(e emission) error {
	var few [8]wire.ListenerID
	ids := few[:0]
	for i, box := range l.box {
		if e.scope.includes(box) {
			ids = append(ids, l.ids[i])
		}
	}
	if len(ids) == 0 {
		return nil
	}
	m := wire.NewEvent(ids, e.payload, e.source)
	defer m.Free()
	err := l.page.TrySend(m)
	if err == nil || errors.Is(err, ipc.ErrPageGone) {
		return nil // The page is gone, and its listeners with it.
	}
	return fmt.Errorf("events: %s for window %q: %w", e.name, l.page.Window(), err)
}

// retain replaces the retained event of the same scope.
func (t *topic) retain(e emission) {
	t.retained = slices.DeleteFunc(t.retained, func(r retained) bool {
		return r.scope.all == e.scope.all && r.scope.target == e.scope.target
	})
	t.retained = append(t.retained, retained{e.scope, e.payload, e.source})
}

// lastFor returns the newest retained event that a mailbox receives.
func (t *topic) lastFor(m mailbox) (emission, bool) {
	for _, r := range slices.Backward(t.retained) {
		if r.scope.includes(m) {
			return emission{name: t.name, payload: r.payload, source: r.source, scope: r.scope}, true
		}
	}
	return emission{}, false
}
