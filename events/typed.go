package events

import (
	"fmt"
	"reflect"

	"casement/internal/codec"
	"casement/ipc"
)

// An Emitter emits events: an app, a window or a Bus.
type Emitter interface {
	Emit(name string, payload any, options ...Option) error
	EmitTo(label ipc.Label, name string, payload any, options ...Option) error
	EmitFilter(name string, payload any, accept func(Target) bool) error
}

// A Listener listens for events: an app, a window or a Bus.
type Listener interface {
	Listen(name string, handle func(Event)) (ID, error)
	Once(name string, handle func(Event)) (ID, error)
}

// A Type is an event whose payload is a T. It is declared once for emitters and listeners:
//
//	var DownloadStarted = events.Define[Download]("download-started")
//
//	DownloadStarted.Emit(app, Download{URL: url})
//	DownloadStarted.Listen(app, func(e events.Event, d Download) { … })
type Type[T any] struct {
	name string
	// cannotEmit and cannotListen say why a T can't be JSON, or are nil.
	cannotEmit, cannotListen error
}

// Define declares an event. If the name is malformed, or T has no JSON (see [ipc.Handle]), the
// methods of the Type return the error. If the name is a constant, casement generate writes a
// TypeScript object for the event, with the variable's doc comment.
func Define[T any](name string) Type[T] {
	t := reflect.TypeFor[T]()
	return Type[T]{name, named(name, codec.CanEncode(t, "the payload")), named(name, codec.CanDecode(t, "the payload"))}
}

// Name returns the event's name.
func (t Type[T]) Name() string { return t.name }

// Emit emits the event for all targets.
func (t Type[T]) Emit(on Emitter, payload T, options ...Option) error {
	if t.cannotEmit != nil {
		return t.cannotEmit
	}
	return on.Emit(t.name, payload, options...)
}

// EmitTo emits the event for the window with this label.
func (t Type[T]) EmitTo(on Emitter, label ipc.Label, payload T, options ...Option) error {
	if t.cannotEmit != nil {
		return t.cannotEmit
	}
	return on.EmitTo(label, t.name, payload, options...)
}

// EmitFilter emits the event for the targets that accept accepts.
func (t Type[T]) EmitFilter(on Emitter, payload T, accept func(Target) bool) error {
	if t.cannotEmit != nil {
		return t.cannotEmit
	}
	return on.EmitFilter(t.name, payload, accept)
}

// Listen calls handle with each event. A payload that is not a T, which only a page can emit,
// panics like a listener's own panic: it is logged.
func (t Type[T]) Listen(on Listener, handle func(Event, T)) (ID, error) {
	if t.cannotListen != nil {
		return 0, t.cannotListen
	}
	return on.Listen(t.name, t.decoded(handle))
}

// Once is Listen for one event only.
func (t Type[T]) Once(on Listener, handle func(Event, T)) (ID, error) {
	if t.cannotListen != nil {
		return 0, t.cannotListen
	}
	return on.Once(t.name, t.decoded(handle))
}

func (t Type[T]) decoded(handle func(Event, T)) func(Event) {
	return func(e Event) {
		var payload T
		if err := e.Unmarshal(&payload); err != nil {
			panic(fmt.Errorf("from window %q: %w", e.Source, err))
		}
		handle(e, payload)
	}
}
