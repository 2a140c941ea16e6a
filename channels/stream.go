package channels

import (
	"context"
	"errors"
	"sync"

	"casement/internal/wire"
	"casement/ipc"
)

const (
	// DefaultMessages is a Limit's Messages if it has none. By BenchmarkLimits a quarter of it makes small
	// messages 1.7 times as dear, and four times as much saves a tenth.
	DefaultMessages = 4096
	// DefaultBytes is a Limit's Bytes if it has none. It lets four messages of 1 MiB be under way, which by
	// make bench arrive 1.2 times as fast as three. By make soak a page that reads none of four such streams
	// takes some 40 MiB more.
	DefaultBytes = 6 << 20
)

// A Limit bounds what a page has been sent over a channel and has not consumed, and so what a channel can
// take of the page's memory. Less of it keeps a producer closer to its reader; more of it bridges a reader
// that takes its messages in large gulps.
type Limit struct {
	// Messages is how many there may be at a time. 0 is DefaultMessages, 1 sends each message when the
	// one before it has been handled.
	Messages int
	// Bytes is how many they may have together, as they travel: JSON, or base64 of raw bytes. 0 is
	// DefaultBytes. A message that is larger travels alone.
	Bytes int
}

// orDefault fills in what the limit leaves open.
func (l Limit) orDefault() Limit {
	if l.Messages <= 0 {
		l.Messages = DefaultMessages
	}
	if l.Bytes <= 0 {
		l.Bytes = DefaultBytes
	}
	return l
}

// The page is asked for a grant each quarter of the limit, so that one is on its way long before the sender
// has to wait.
func (l Limit) ask(messages, bytes int) bool {
	return messages >= (l.Messages+3)/4 || bytes >= l.Bytes/4
}

// A stream is the state of a channel: the credit that the page has granted, and whether it is over.
type stream struct {
	page *wire.Page
	id   wire.ChannelID
	done chan struct{} // closed when the stream is over

	// turn belongs to the sender that is sending, so that messages enter the outbox in the order in
	// which they took credit.
	turn chan struct{}

	mu       sync.Mutex
	limit    Limit
	ended    bool
	last     *wire.Message // tells the page that Go has ended the stream; nil once it is sent
	due      bool          // the next message asks for a grant, however little it is
	consumed uint64        // messages, since the stream began
	sizes    []int         // of those sent and not consumed, oldest first
	bytes    int           // their sum
	asked    uint64        // the last message that asked for a grant
	earlier  uint64        // the one that had asked before it
	unasked  int           // messages sent since the last that asked
	unsized  int           // their bytes
	room     chan struct{} // closed when credit arrives; nil if nobody waits
}

func newStream(page *wire.Page, id wire.ChannelID) *stream {
	return &stream{page: page, id: id, done: make(chan struct{}), turn: make(chan struct{}, 1), limit: Limit{}.orDefault()}
}

// setLimit changes the limit. Senders that wait look again.
func (s *stream) setLimit(l Limit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit = l.orDefault()
	s.due = true // What is under way may be all that the new limit allows.
	s.wake()
}

// wake has whoever waits for credit look again. The caller holds mu.
func (s *stream) wake() {
	if s.room != nil {
		close(s.room)
		s.room = nil
	}
}

// over reports whether the stream has ended.
func (s *stream) over() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// send sends a message, waiting for its turn, for credit and for room in the page's outbox.
func (s *stream) send(ctx context.Context, m *wire.Message) error {
	if err := ctx.Err(); err != nil {
		return err // A producer whose page keeps up never waits, and must hear of it too.
	}
	select {
	case s.turn <- struct{}{}:
	default:
		if s.page.UIThread() {
			return ipc.ErrUIThread
		}
		select {
		case s.turn <- struct{}{}:
		case <-s.done:
			return ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	defer s.pass()
	for {
		room, err := s.take(m)
		if err == nil {
			return s.deliver(m, func() error { return s.page.Send(ctx, m) })
		}
		if room == nil {
			return err
		}
		if s.page.UIThread() {
			return ipc.ErrUIThread
		}
		select {
		case <-room:
		case <-s.done:
			return ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// trySend sends a message if nothing has to be waited for.
func (s *stream) trySend(m *wire.Message) error {
	select {
	case s.turn <- struct{}{}:
	default:
		return ErrFull
	}
	defer s.pass()
	if _, err := s.take(m); err != nil {
		return err
	}
	return s.deliver(m, func() error { return s.page.TrySend(m) })
}

// pass gives up the turn. If the stream has ended meanwhile, its end follows what was sent.
func (s *stream) pass() {
	<-s.turn
	if s.over() {
		s.sendLast()
	}
}

// sendLast tells the page that Go has ended the stream, if that is still to be done and no sender has the turn: that one
// will. It does not wait.
func (s *stream) sendLast() {
	select {
	case s.turn <- struct{}{}:
	default:
		return
	}
	defer func() { <-s.turn }()
	s.mu.Lock()
	m := s.last
	s.last = nil
	s.mu.Unlock()
	if m != nil {
		_ = s.page.SendLater(m, func() { s.page.Detach(s.id) }) // An error means that the page is gone.
	}
}

// take takes credit for a message and, when it is time, has the message ask for more. If there is no
// credit it returns ErrFull and a channel that is closed when some arrives. While no answer to an asking
// message is due there is always credit: what was sent since the last one that asked is little.
func (s *stream) take(m *wire.Message) (<-chan struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil, ErrClosed
	}
	size := m.Size()
	if s.consumed < s.asked && (len(s.sizes) >= s.limit.Messages || s.bytes+size > s.limit.Bytes) {
		if s.room == nil {
			s.room = make(chan struct{})
		}
		return s.room, ErrFull
	}
	s.sizes = append(s.sizes, size)
	s.bytes += size
	s.unasked++
	s.unsized += size
	if s.due || s.limit.ask(s.unasked, s.unsized) {
		s.unasked, s.unsized, s.due = 0, 0, false
		s.asked, s.earlier = s.consumed+uint64(len(s.sizes)), s.asked
		m.AskGrant()
	}
	return nil, nil
}

// deliver puts a message that has its credit into the page's outbox. If that fails the credit is given
// back: the sender holds the turn, so it is the last that was taken. The next message asks again.
func (s *stream) deliver(m *wire.Message, put func() error) error {
	err := put()
	if err == nil {
		return nil
	}
	s.mu.Lock()
	if last := len(s.sizes) - 1; last >= 0 {
		if s.asked == s.consumed+uint64(len(s.sizes)) {
			s.asked = s.earlier
		}
		s.bytes -= s.sizes[last]
		s.sizes = s.sizes[:last]
	}
	s.due = true
	s.mu.Unlock()
	switch {
	case errors.Is(err, ipc.ErrPageGone):
		return ErrClosed
	case errors.Is(err, ipc.ErrBacklog):
		return ErrFull
	default:
		return err
	}
}

// Granted implements wire.Stream. A page can't grant more than it was sent.
func (s *stream) Granted(messages uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ; s.consumed < messages && len(s.sizes) > 0; s.consumed++ {
		s.bytes -= s.sizes[0]
		s.sizes = s.sizes[1:]
	}
	s.wake()
}

// Ended implements wire.Stream.
func (s *stream) Ended(error) { s.finish(nil) }

// finish marks the stream as over. It reports whether it was not over before; then last is left to tell the page.
func (s *stream) finish(last *wire.Message) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return false
	}
	s.ended, s.last = true, last
	close(s.done)
	return true
}

// close ends the stream from Go's side: behind what was sent, the page is told. It does not wait.
func (s *stream) close(err error) {
	if s.over() {
		return
	}
	if m := wire.NewEnd(s.id, err); s.finish(m) {
		s.sendLast()
	} else {
		m.Free()
	}
}
