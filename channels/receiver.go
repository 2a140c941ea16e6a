package channels

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"
	"sync"

	json "github.com/goccy/go-json"

	"casement/internal/wire"
	"casement/ipc"
)

// A Receiver is Go's end of an ordered stream of Ts from a page. It is a field, at any depth, of a
// command's arguments; the page passes a Sink there.
//
// The page may be ahead by a bounded number of values; then its writes wait. A Receiver[[]byte]
// receives raw bytes. Everything else is JSON, decoded as strictly as arguments.
//
// The stream ends when its command returns: values that were sent and not received are dropped, and
// the page's writes reject, with the command's own error if it returned one. It ends earlier when
// the page closes it or goes, when Go closes it, or when the app shuts down. All methods are safe
// for concurrent use. Copies share one stream. The zero Receiver has ended.
type Receiver[T any] struct {
	source *source
}

// UnmarshalJSON decodes the sink's handle from the arguments of a call.
func (r *Receiver[T]) UnmarshalJSON(ctx context.Context, data []byte) error {
	call := wire.CallFrom(ctx)
	if call == nil {
		return errors.New("channels: a sink must be an argument of a call")
	}
	var handle string
	if err := json.Unmarshal(data, &handle); err != nil {
		return fmt.Errorf("channels: want a sink: %w", err)
	}
	id, err := wire.ParseSink(handle)
	if err != nil {
		return err
	}
	src := &source{page: call.Page(), id: id, arrived: make(chan struct{}, 1), over: make(chan struct{})}
	if err := call.AttachReceiver(id, src); err != nil {
		return err
	}
	r.source = src
	return nil
}

// Carries implements codec.Carrier.
func (Receiver[T]) Carries() (values reflect.Type, toPage bool) { return reflect.TypeFor[T](), false }

// Recv returns the page's next value. It waits for it until ctx is done. At the end of the stream
// it returns io.EOF if the page closed the stream, the page's error if the page gave one, or
// ErrClosed if the page is gone, Go has closed the stream or its command has returned. A value that
// is not a T is an error, and the next Recv continues with the next value. On the UI thread, where
// inline commands run, Recv returns a value that is already there, and ipc.ErrUIThread instead of
// waiting.
func (r Receiver[T]) Recv(ctx context.Context) (v T, err error) {
	if r.source == nil {
		return v, ErrClosed
	}
	value, err := r.source.take(ctx)
	if err != nil {
		return v, err
	}
	err = value.Decode(&v)
	r.source.consumed(value)
	if err != nil {
		return v, fmt.Errorf("channels: a value from the page: %w", err)
	}
	return v, nil
}

// All returns an iterator over the page's values. An error other than io.EOF is the last pair of
// the iteration. Leaving the loop early closes the stream.
func (r Receiver[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			v, err := r.Recv(ctx)
			if err == io.EOF {
				return
			}
			if !yield(v, err) {
				r.Close()
				return
			}
			if err != nil {
				r.CloseWithError(err)
				return
			}
		}
	}
}

// Close ends the stream: the page's writes reject. It does not block, and does nothing if the
// stream has ended.
func (r Receiver[T]) Close() { r.CloseWithError(nil) }

// CloseWithError ends the stream as Close does, and gives the page err as the reason.
func (r Receiver[T]) CloseWithError(err error) {
	if r.source != nil {
		r.source.close(err)
	}
}

// Done returns a channel that is closed when no more values will arrive. Values that have arrived
// can still be received.
func (r Receiver[T]) Done() <-chan struct{} {
	if r.source == nil {
		return closed
	}
	return r.source.over
}

// ID returns the sink's id, which is unique within its page.
func (r Receiver[T]) ID() uint64 {
	if r.source == nil {
		return 0
	}
	return uint64(r.source.id)
}

// NewReader returns a reader of the bytes that a page streams. It ends as Recv does, or when ctx is
// done.
func NewReader(ctx context.Context, from Receiver[[]byte]) io.Reader {
	return &reader{ctx: ctx, from: from}
}

type reader struct {
	ctx  context.Context
	from Receiver[[]byte]
	rest []byte
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		data, err := r.from.Recv(r.ctx)
		if err != nil {
			return 0, err
		}
		r.rest = data
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// A source is the state of a Receiver: the values that the page has sent and Go has not received.
type source struct {
	page    *wire.Page
	id      wire.ChannelID
	arrived chan struct{} // holds a token while there may be a value
	over    chan struct{} // closed when no more values will arrive

	mu       sync.Mutex
	waiting  []wire.Value
	bytes    int
	taken    uint64
	granting bool // a grant waits for room in the outbox
	due      bool // the page has asked for another one since
	ended    bool
	err      error // after the last waiting value
}

// maxUnread bounds the bytes of values that a page may be ahead of its reader. The page runtime has
// the same bound.
const maxUnread = 4 << 20

// errFlood ends the stream of a page that ignores flow control. The runtime's own sinks never do.
var errFlood = errors.New("channels: the page sent more than its credit allows")

// Receive implements wire.Receiver.
func (s *source) Receive(v wire.Value) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		v.Release()
		return nil
	}
	// A single value may be larger than maxUnread.
	if len(s.waiting) >= 2*DefaultMessages || s.bytes > 2*maxUnread {
		return errFlood
	}
	s.waiting = append(s.waiting, v)
	s.bytes += v.Size()
	s.wake()
	return nil
}

// Ended implements wire.Receiver.
func (s *source) Ended(err error) {
	switch {
	case err == nil:
		err = io.EOF
	case errors.Is(err, ipc.ErrPageGone):
		err = ErrClosed
	}
	s.finish(err, false)
}

// Over implements wire.Receiver.
func (s *source) Over() { s.finish(ErrClosed, true) }

// finish ends the stream. It reports whether the stream was still open.
func (s *source) finish(err error, drop bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if drop {
		for _, v := range s.waiting {
			v.Release()
		}
		s.waiting, s.bytes, s.err = nil, 0, err
	}
	if s.ended {
		return false
	}
	s.ended, s.err = true, err
	close(s.over)
	return true
}

func (s *source) wake() {
	select {
	case s.arrived <- struct{}{}:
	default:
	}
}

// take removes and returns the oldest value. It waits for one until ctx is done.
func (s *source) take(ctx context.Context) (wire.Value, error) {
	for {
		s.mu.Lock()
		if len(s.waiting) > 0 {
			v := s.waiting[0]
			s.waiting[0] = wire.Value{}
			s.waiting = s.waiting[1:]
			s.bytes -= v.Size()
			v.Release()
			if len(s.waiting) > 0 {
				s.wake()
			}
			s.mu.Unlock()
			return v, nil
		}
		ended, err := s.ended, s.err
		s.mu.Unlock()
		if ended {
			return wire.Value{}, err
		}
		if s.page.UIThread() {
			return wire.Value{}, ipc.ErrUIThread
		}
		select {
		case <-s.arrived:
		case <-s.over:
		case <-ctx.Done():
			return wire.Value{}, ctx.Err()
		}
	}
}

// consumed counts a consumed value, and grants credit if the page asked for it.
func (s *source) consumed(v wire.Value) {
	s.mu.Lock()
	s.taken++
	s.due = s.due || v.Ask
	s.mu.Unlock()
	s.grant()
}

// grant sends the page a grant if one is due. It does not block. At most one grant waits for room
// at a time, which bounds them whatever the page asks for.
func (s *source) grant() {
	s.mu.Lock()
	taken := s.taken
	if s.granting || !s.due || s.ended {
		s.mu.Unlock()
		return
	}
	s.granting, s.due = true, false
	s.mu.Unlock()
	_ = s.page.SendLater(wire.NewGrant(s.id, taken), func() { // An error means that the page is gone.
		s.mu.Lock()
		s.granting = false
		s.mu.Unlock()
		s.grant()
	})
}

// close ends the stream from Go's side and notifies the page.
func (s *source) close(err error) {
	if !s.finish(ErrClosed, true) {
		return
	}
	s.page.DetachReceiver(s.id)
	_ = s.page.SendLater(wire.NewStop(s.id, err), nil) // An error means that the page is gone.
}
