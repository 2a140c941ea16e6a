// Package wrong contains constructs that cannot be generated, each with the expected problem beside
// it.
package wrong

import (
	"context"
	"fmt"
	"math/big"
	"sync"

	"casement/channels"
	"casement/events"
	"casement/ipc"
)

type none struct{}

func ok(context.Context, none) (none, error) { return none{}, nil }

type kinds struct {
	Chan    chan int             // want `kinds.Chan: a chan has no JSON; stream with a channels.Channel`
	Func    func()               // want `kinds.Func: a func has no JSON; leave the field out with`
	Complex complex128           // want `kinds.Complex: a complex number has no JSON; use two float64`
	Deep    map[string][]*deeper // the problem is where the field is
	Iface   fmt.Stringer         // want `kinds.Iface: the JSON of an interface other than any is unknown; use a struct or any`
	Err     error                // want `kinds.Err: the JSON of an interface other than any`
	Keys    map[float64]int      // want `kinds.Keys: keys of type float64 have no JSON; use strings, integers`
	Big     *big.Int             // is known
	Custom  custom               // want `kinds.Custom: wrong.custom reads its own JSON`
	Stamp   stamp                // want `kinds.Stamp: wrong.stamp reads its own JSON`
	Bytes   []letter             // want `kinds.Bytes: a slice of a byte type with JSON methods is not supported; use []byte`
	Union   Event                // want `kinds.Union: the union wrong.Event can be sent only over a channels.Channel[wrong.Event]; elsewhere`
	Quote   int                  `json:"it's"` // want `kinds.Quote: json ignores the name in the tag because it contains an invalid character`
	Named   named                // want `kinds.Named: a named pointer type is not supported; use *wrong.none`
	Mute    mute                 // want `kinds.Mute: all fields of wrong.mute are unexported, so JSON has none of them`
	Mutes   []mute               // want `kinds.Mutes: all fields of wrong.mute are unexported`
	Absent  *mute                // null is a value
	Mutex   sync.Mutex           // holds no data
	anonymous
}

type mute struct{ name string }

type deeper struct {
	Deepest struct {
		Bottom [2]chan int // want `deeper.Deepest.Bottom: a chan has no JSON`
	}
}

type custom struct{}

func (*custom) UnmarshalJSON([]byte) error { return nil }

type stamp struct{ *big.Int }

type letter byte

func (letter) MarshalText() ([]byte, error) { return nil, nil }

type named *none

type anonymous struct {
	Inner func() // want `kinds.Inner: a func`
}

type texts struct {
	// A pointer receiver is not called for a value.
	Text    text                  // want `texts.Text: MarshalText of wrong.text has a pointer receiver`
	Pointer *text                 // is fine
	Slice   []text                // is fine
	Map     map[string]text       // want `texts.Map: MarshalText of wrong.text has a pointer receiver`
	Channel channels.Channel[int] // want `texts.Channel: a channels.Channel[int] is allowed only in the arguments of a command`
}

type text struct{}

func (*text) MarshalText() ([]byte, error) { return nil, nil }

type (
	// Event is a union.
	Event interface { // want `wrong.Event: the variants wrong.first and wrong.second have the same name "same"; rename one of them`
		channels.Variant
		isEvent()
	}
	// Unheard has no variants.
	Unheard interface { // want `wrong.Unheard: no type in the app implements the union wrong.Unheard`
		channels.Variant
		isUnheard()
	}
	first         struct{}
	second        struct{}
	third         struct{ name string }
	fourth[T any] struct{} // want `wrong.fourth: a generic type cannot be a variant of wrong.Event`
)

func (first) Variant() string     { return "same" }
func (second) Variant() string    { return "same" }
func (t third) Variant() string   { return t.name } // want `wrong.third.Variant: the method must return a constant and do nothing else`
func (fourth[T]) Variant() string { return "fourth" }
func (first) isEvent()            {}
func (second) isEvent()           {}
func (third) isEvent()            {}
func (fourth[T]) isEvent()        {}

type unions struct {
	Events  channels.Channel[Event]
	Unheard channels.Channel[Unheard]
	Nested  channels.Channel[[]Event]                // want `unions.Nested: the union wrong.Event can be sent only over a channels.Channel[wrong.Event]; elsewhere`
	Sink    channels.Receiver[channels.Channel[int]] // want `unions.Sink: the value of a channels.Receiver cannot contain a channel`
	Channel channels.Channel[channels.Receiver[int]] // want `unions.Channel: a channels.Receiver[int] is allowed only in the arguments of a command`
}

type sealed struct{ *hidden }

type hidden struct{ A int } // want `sealed.A: a page cannot set a field of an embedded pointer to an unexported struct`

type lost struct { // want `lost: json omits all embedded fields named A`
	left
	right
}

type (
	left  struct{ A int }
	right struct{ A int }
)

func register[T any](r *ipc.Router, name string) {
	ipc.Handle(r, name, ok)                                                               // want `the name of this command is not a constant; use a constant, or add //casement:ignore`
	ipc.Handle(r, "generic", func(_ context.Context, _ none) (v T, err error) { return }) // want `the type parameter T is unknown here; register in a function without type parameters`
}

func names(r *ipc.Router) {
	ipc.Handle(r, "bad name", ok)    // want `"bad name" is not a valid name for a command`
	ipc.Handle(r, "---", ok)         // want `contains no letter or digit`
	ipc.Handle(r, "twice", ok)       // the first
	ipc.Handle(r, "twice", ok)       // want `the command "twice" is registered a second time; the first is at wrong.go:`
	ipc.Handle(r, "get_file", ok)    // want `"get_file" and "get/file" both become getFile in TypeScript; the other is at wrong.go:`
	ipc.Handle(r, "get/file", ok)    // the first, as it sorts
	handle := ipc.Handle[none, none] // want `ipc.Handle is used as a value`
	handle(r, "value", ok)
	ipc.Handle(r, "kinds", func(context.Context, kinds) (none, error) { return none{}, nil })
	ipc.Handle(r, "texts", func(context.Context, none) (texts, error) { return texts{}, nil })
	ipc.Handle(r, "unions", func(context.Context, unions) (none, error) { return none{}, nil })
	ipc.Handle(r, "sealed", func(context.Context, sealed) (none, error) { return none{}, nil })
	ipc.Handle(r, "lost", func(context.Context, lost) (none, error) { return none{}, nil })
	ipc.Handle(r, "scalar", func(context.Context, int) (none, error) { return none{}, nil })   // want `the arguments of command "scalar" (int): the arguments of a command must be an object; make this a field of a struct`
	ipc.Handle(r, "result", func(context.Context, none) (chan int, error) { return nil, nil }) // want `the result of command "result" (chan int): a chan has no JSON`
	ipc.Handle(r, "streamed", func(context.Context, none) (Event, error) { return nil, nil })  // want `the result of command "streamed" (wrong.Event): the union`
}

var (
	variable = "variable"
	_        = events.Define[int](variable)                   // want `the name of this event is not a constant`
	_        = events.Define[int]("bad.name")                 // want `"bad.name" is not a valid name for an event`
	_        = events.Define[func()]("func")                  // want `the payload of event "func" (func()): a func has no JSON`
	_        = events.Define[channels.Channel[int]]("stream") // want `is allowed only in the arguments of a command` want `an event cannot contain a channel`
)

func define[T any]() events.Type[T] {
	return events.Define[T]("generic") // want `the type parameter T is unknown here`
}
