package channels

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"

	json "github.com/goccy/go-json"

	"casement/internal/wire"
)

var (
	// ErrClosed is returned by sends over a channel that has ended, whichever side ended it. For a
	// producer it means "stop".
	ErrClosed = errors.New("channels: the channel is closed")
	// ErrFull is returned by TrySend when the page is behind.
	ErrFull = errors.New("channels: the page is behind")
)

// A Channel is Go's end of an ordered stream of Ts to one handler in the page. It stands as a field, at
// any depth, in the arguments of a command; the page passes a Channel object there.
//
// A Channel[[]byte] sends raw bytes, which arrive as an ArrayBuffer. A T that is a [Variant] arrives as
// { event, data }. Everything else is JSON.
//
// The stream ends when Go closes it or drops every copy of the Channel, when the page closes it or goes, when nobody in
// the page can observe it any more, or when the app shuts down. All methods are safe for concurrent use, and copies share one
// stream. The zero Channel has ended.
type Channel[T any] struct {
	end *end
}

// An end holds a stream for the copies of a Channel. When the last of them is collected the stream
// closes, so that a forgotten Close leaves nothing behind in the page.
type end struct{ *stream }

// UnmarshalJSON takes the channel's handle out of the arguments of a call.
func (c *Channel[T]) UnmarshalJSON(ctx context.Context, data []byte) error {
	call := wire.CallFrom(ctx)
	if call == nil {
		return errors.New("channels: a channel can only come with a call")
	}
	var handle string
	if err := json.Unmarshal(data, &handle); err != nil {
		return fmt.Errorf("channels: want a channel: %w", err)
	}
	id, err := wire.ParseChannel(handle)
	if err != nil {
		return err
	}
	s := newStream(call.Page(), id)
	if err := call.Attach(id, s); err != nil {
		return err
	}
	c.end = &end{s}
	runtime.AddCleanup(c.end, func(s *stream) { s.close(nil) }, s)
	return nil
}

// Carries implements codec.Carrier.
func (Channel[T]) Carries() (values reflect.Type, toPage bool) { return reflect.TypeFor[T](), true }

// Send hands v to the page, behind everything sent before. It waits while the page is behind. It
// returns ErrClosed when the channel has ended; any other error is about v, and the channel lives on. On the UI
// thread, where inline commands run, it returns ipc.ErrUIThread instead of waiting.
func (c Channel[T]) Send(v T) error { return c.SendContext(context.Background(), v) }

// SendContext is Send until ctx is done. Then it sends nothing and returns the context's error, whether or not it would
// have to wait.
func (c Channel[T]) SendContext(ctx context.Context, v T) error {
	return c.send(v, func(m *wire.Message) error { return c.end.send(ctx, m) })
}

// TrySend is Send, but returns ErrFull where Send would wait.
func (c Channel[T]) TrySend(v T) error {
	return c.send(v, func(m *wire.Message) error { return c.end.trySend(m) })
}

func (c Channel[T]) send(v T, send func(*wire.Message) error) error {
	if c.end == nil || c.end.over() {
		return ErrClosed
	}
	m, err := encode(c.end.id, v)
	if err != nil {
		return err
	}
	defer m.Free()
	err = send(m)
	runtime.KeepAlive(c.end)
	return err
}

// SetLimit changes how far the page may be behind, for whatever is sent from now on. A limit that is
// smaller than what is under way lets that arrive.
func (c Channel[T]) SetLimit(l Limit) {
	if c.end != nil {
		c.end.setLimit(l)
	}
}

// Close ends the stream well, behind what was sent before. Sends under way return ErrClosed. Closing a
// channel that has ended does nothing. It does not wait.
func (c Channel[T]) Close() { c.CloseWithError(nil) }

// CloseWithError ends the stream as Close does, and the page's closed promise rejects with err.
func (c Channel[T]) CloseWithError(err error) {
	if c.end != nil {
		c.end.close(err)
		runtime.KeepAlive(c.end)
	}
}

var closed = func() <-chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}()

// Done returns a channel that is closed when the stream has ended, whichever side ended it.
func (c Channel[T]) Done() <-chan struct{} {
	if c.end == nil {
		return closed
	}
	return c.end.done
}

// ID returns the channel's id, which is unique within its page.
func (c Channel[T]) ID() uint64 {
	if c.end == nil {
		return 0
	}
	return uint64(c.end.id)
}

// uiThread reports whether the caller must not wait.
func (c Channel[T]) uiThread() bool { return c.end != nil && c.end.page.UIThread() }

// encode returns the message that carries v.
func encode(id wire.ChannelID, v any) (*wire.Message, error) {
	switch v := v.(type) {
	case []byte:
		return wire.NewBytes(id, v), nil
	case Variant:
		return wire.NewValue(id, variant{v.Variant(), v})
	default:
		return wire.NewValue(id, v)
	}
}

// A Variant is one of the messages of a tagged union: it arrives in the page as
// { event: Variant(), data: the value }.
//
// A union is an interface of its own, so that only its variants can be sent:
//
//	type Progress interface {
//		channels.Variant
//		isProgress()
//	}
type Variant interface {
	// Variant returns the variant's name, a constant.
	Variant() string
}

type variant struct {
	Event string `json:"event"`
	Data  any    `json:"data"`
}
