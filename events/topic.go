package events

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"casement/internal/wire"
	"casement/ipc"
)

// A topic is all that is known of one name.
type topic struct {
	name      Name
	listeners []*listener     // Go's, in the order of registration
	pages     []*pageListener // likewise, those of one page together
	retained  []retained      // the last of each scope, oldest first
}

// A listener is one of Go's.
type listener struct {
	id      ID
	mailbox mailbox
	once    bool
	window  *ipc.Label // whose closing ends it, nil for the app's
	handle  func(Event)
	over    atomic.Bool
	heard   atomic.Bool // an event that was emitted after it was registered
}

// A pageListener is all that one page listens for under one name.
type pageListener struct {
	page *wire.Page
	ids  []wire.ListenerID
	box  []mailbox // of each
}

// A retained event waits for later listeners.
type retained struct {
	scope   scope
	payload wire.Payload
	source  ipc.Label
}

// A scope says which mailboxes an event is for.
type scope struct {
	all    bool
	target Target
	// accepts holds a filter's answers; nil unless all the rest is zero.
	accepts map[Target]bool
	some    bool // a live target is accepted
}

// includes reports whether a mailbox hears an event of this scope.
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

// tell hands an event to those of a page's listeners that it is for.
func (l *pageListener) tell(e emission) error {
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
		return nil // A page that has gone has no listeners.
	}
	return fmt.Errorf("events: %s for window %q: %w", e.name, l.page.Window(), err)
}

// retain keeps an event in the place of the last one of the same scope.
func (t *topic) retain(e emission) {
	t.retained = slices.DeleteFunc(t.retained, func(r retained) bool {
		return r.scope.all == e.scope.all && r.scope.target == e.scope.target
	})
	t.retained = append(t.retained, retained{e.scope, e.payload, e.source})
}

// lastFor returns the newest retained event that a mailbox hears.
func (t *topic) lastFor(m mailbox) (emission, bool) {
	for _, r := range slices.Backward(t.retained) {
		if r.scope.includes(m) {
			return emission{name: t.name, payload: r.payload, source: r.source, scope: r.scope}, true
		}
	}
	return emission{}, false
}
