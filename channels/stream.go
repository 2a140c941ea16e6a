package channels

import (
	"context"
	"errors"
	"sync"

	"casement/internal/wire"
	"casement/ipc"
)

const (
	// DefaultMessages is the default of Limit.Messages. By BenchmarkLimits, a quarter of it makes
	// small messages 1.7 times as expensive, and four times as much saves a tenth.
	DefaultMessages = 4096
	// DefaultBytes is the default of Limit.Bytes. It lets four messages of 1 MiB be in flight,
	// which by make bench arrive 1.2 times as fast as three. By make soak, a page that reads none
	// of four such streams takes some 40 MiB more.
	DefaultBytes = 6 << 20
)

// A Limit bounds the messages of a channel that were sent and that the page has not consumed. So it
// bounds the channel's share of the page's memory. A small limit keeps the producer close to its
// reader; a large one helps a reader that consumes in bursts.
type Limit struct {
	// Messages bounds their number. 0 means DefaultMessages. 1 sends each message when the one
	// before it has been handled.
	Messages int
	// Bytes bounds their total size on the wire: JSON, or base64 of raw bytes. 0 means
	// DefaultBytes. A larger message is sent alone.
	Bytes int
}

// orDefault replaces zero fields by their defaults.
func (l Limit) orDefault() Limit {
	if l.Messages <= 0 {
		l.Messages = DefaultMessages
	}
	if l.Bytes <= 0 {
		l.Bytes = DefaultBytes
	}
	return l
}

// ask reports whether to ask the page for a grant: at each quarter of the limit, so that the grant
// arrives long before the sender has to wait.
func (l Limit) ask(messages, bytes int) bool {
	return messages >= (l.Messages+3)/4 || bytes >= l.Bytes/4
}

// A stream is the state of a channel: its credit, and whether it has ended.
type stream struct {
	page *wire.Page
	id   wire.ChannelID
	done chan struct{} // closed when the stream has ended

	// turn is held by the sender that is sending, so that messages enter the outbox in the order in
	// which they took credit.
	turn chan struct{}

	mu       sync.Mutex
	limit    Limit
	ended    bool
	last     *wire.Message // reports Go's end of the stream to the page; nil once it is sent
	due      bool          // the next message asks for a grant, whatever its size
	consumed uint64        // messages, since the stream began
	sizes    []int         // of messages sent and not consumed, oldest first
	bytes    int           // their sum
	asked    uint64        // number of the last message that asked for a grant
	earlier  uint64        // the value of asked before that
	unasked  int           // messages sent since then
	unsized  int           // their bytes
	room     chan struct{} // closed when credit arrives; nil while no sender waits
}

func newStream(page *wire.Page, id wire.ChannelID) *stream {
	return &stream{page: page, id: id, done: make(chan struct{}), turn: make(chan struct{}, 1), limit: Limit{}.orDefault()}
}

// setLimit changes the limit and wakes waiting senders.
func (s *stream) setLimit(l Limit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit = l.orDefault()
	s.due = true // The messages in flight may already use up the new limit.
	s.wake()
}

// wake wakes all senders that wait for credit. s.mu must be held.
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
		return err // A producer that never has to wait must see the context's end too.
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

// trySend sends a message if that needs no waiting.
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

// pass releases the turn. If the stream has ended meanwhile, its end follows the messages already
// sent.
func (s *stream) pass() {
	<-s.turn
	if s.over() {
		s.sendLast()
	}
}

// sendLast reports Go's end of the stream to the page, unless that is done or another sender has
// the turn: then pass does it. It does not block.
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

// take takes credit for a message. When a grant is due, it makes the message ask for one. If there
// is no credit, it returns ErrFull and a channel that is closed when credit arrives. While no grant
// is pending there is always credit, because little was sent since the last message that asked.
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

// deliver puts a message that has its credit into the page's outbox. If that fails, deliver returns
// the credit: the sender holds the turn, so it is the last credit taken. The next message asks for
// a grant again.
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

// Granted implements wire.Stream. A page can't grant more than it received.
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

// finish ends the stream. It reports whether the stream was still open; then last is left to be
// sent to the page.
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

// close ends the stream from Go's side. The end reaches the page after all messages already sent.
// It does not block.
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
