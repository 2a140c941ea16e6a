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

// A Type is an event whose payload is a T, declared once for those who emit it and those who listen:
//
//	var DownloadStarted = events.Define[Download]("download-started")
//
//	DownloadStarted.Emit(app, Download{URL: url})
//	DownloadStarted.Listen(app, func(e events.Event, d Download) { … })
type Type[T any] struct {
	name string
	// cannotEmit and cannotListen say why a T can't be JSON, nil if it can.
	cannotEmit, cannotListen error
}

// Define declares an event. A malformed name, and a T that JSON does not have (see [ipc.Handle]), are errors of those
// who use it. If the name is a constant, casement generate writes an object for the event in TypeScript, with the
// variable's doc comment.
func Define[T any](name string) Type[T] {
	t := reflect.TypeFor[T]()
	return Type[T]{name, named(name, codec.CanEncode(t, "the payload")), named(name, codec.CanDecode(t, "the payload"))}
}

// Name returns the event's name.
func (t Type[T]) Name() string { return t.name }

// Emit emits the event for everybody.
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

// EmitFilter emits the event for the targets that accept returns true for.
func (t Type[T]) EmitFilter(on Emitter, payload T, accept func(Target) bool) error {
	if t.cannotEmit != nil {
		return t.cannotEmit
	}
	return on.EmitFilter(t.name, payload, accept)
}

// Listen calls handle with each event. One whose payload is no T, which only a page can emit, panics as a
// listener may, and is logged.
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
