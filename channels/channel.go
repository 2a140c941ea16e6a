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
	// ErrClosed reports that Go or the page has ended the stream. A producer should stop then.
	ErrClosed = errors.New("channels: the channel is closed")
	// ErrFull reports that TrySend would have to wait for the page.
	ErrFull = errors.New("channels: the page is behind")
)

// A Channel is Go's end of an ordered stream of Ts to one handler in the page. It is a field, at
// any depth, of a command's arguments; the page passes a Channel object there.
//
// A Channel[[]byte] sends raw bytes, which arrive as an ArrayBuffer. A T that is a [Variant]
// arrives as { event, data }. Everything else is JSON.
//
// The stream ends when Go closes it or drops every copy of the Channel, when the page closes it or
// goes, when nothing in the page can observe it any more, or when the app shuts down. All methods
// are safe for concurrent use. Copies share one stream. The zero Channel has ended.
type Channel[T any] struct {
	end *end
}

// An end is the stream that the copies of a Channel share. The stream closes when the last of them
// is garbage collected, so that a forgotten Close leaks nothing in the page.
type end struct{ *stream }

// UnmarshalJSON decodes the channel's handle from the arguments of a call.
func (c *Channel[T]) UnmarshalJSON(ctx context.Context, data []byte) error {
	call := wire.CallFrom(ctx)
	if call == nil {
		return errors.New("channels: a channel must be an argument of a call")
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

// Send sends v to the page, in the order of the calls. It waits while the page is behind. It
// returns ErrClosed if the stream has ended. Any other error is about v, and the stream stays open.
// On the UI thread, where inline commands run, Send returns ipc.ErrUIThread instead of waiting.
func (c Channel[T]) Send(v T) error { return c.SendContext(context.Background(), v) }

// SendContext is Send until ctx is done. Then it sends nothing and returns the context's error,
// even if it would not have to wait.
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

// SetLimit changes the limit for all later sends. Messages in flight beyond a smaller limit still
// arrive.
func (c Channel[T]) SetLimit(l Limit) {
	if c.end != nil {
		c.end.setLimit(l)
	}
}

// Close ends the stream successfully, after all messages already sent. Blocked sends return
// ErrClosed. It does not block, and does nothing if the stream has ended.
func (c Channel[T]) Close() { c.CloseWithError(nil) }

// CloseWithError ends the stream as Close does, and rejects the page's closed promise with err.
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

// Done returns a channel that is closed when Go or the page ends the stream.
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

// uiThread reports whether the caller is on the UI thread and must not block.
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

// A Variant is one message type of a tagged union. It arrives in the page as
// { event: Variant(), data: the value }.
//
// Declare the union as an interface, so that only its variants can be sent:
//
//	type Progress interface {
//		channels.Variant
//		isProgress()
//	}
type Variant interface {
	// Variant returns the variant's name, which is constant.
	Variant() string
}

type variant struct {
	Event string `json:"event"`
	Data  any    `json:"data"`
}
