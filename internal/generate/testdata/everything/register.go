// Package everything contains everything that the generator supports.
package everything

import (
	"context"
	"encoding/json"
	"io"

	"casement/channels"
	"casement/events"
	"casement/ipc"
)

// A Wire implements the commands.
type Wire struct {
	// Next stores a value for the page in *pointer.
	Next func(pointer any)
	// Took receives a value that came back, by pointer.
	Took func(pointer any) error
}

func give[T any](w *Wire) func(context.Context, struct{}) (T, error) {
	return func(context.Context, struct{}) (v T, err error) {
		w.Next(&v)
		return v, nil
	}
}

// Taken are the arguments of the commands that receive a value back.
type Taken[T any] struct {
	Value T `json:"value"`
}

func take[T any](w *Wire) func(context.Context, Taken[T]) (struct{}, error) {
	return func(_ context.Context, a Taken[T]) (struct{}, error) { return struct{}{}, w.Took(&a.Value) }
}

// Register registers a command for each type.
func Register(r *ipc.Router, w *Wire) {
	// giveBool returns a bool.
	ipc.Handle(r, "give_bool", give[bool](w))
	ipc.Handle(r, "take_bool", take[bool](w))
	ipc.Handle(r, "give_plain", give[Plain](w))
	ipc.Handle(r, "take_plain", take[Plain](w))
	ipc.Handle(r, "give_optional", give[Optional](w))
	ipc.Handle(r, "take_optional", take[Optional](w))
	ipc.Handle(r, "give_lists", give[Lists](w))
	ipc.Handle(r, "take_lists", take[Lists](w))
	ipc.Handle(r, "give_enums", give[Enums](w))
	ipc.Handle(r, "take_enums", take[Enums](w))
	ipc.Handle(r, "give_quoted", give[Quoted](w))
	ipc.Handle(r, "take_quoted", take[Quoted](w))
	ipc.Handle(r, "give_special", give[Special](w))
	ipc.Handle(r, "take_special", take[Special](w))
	ipc.Handle(r, "give_embedded", give[Embedded](w))
	ipc.Handle(r, "take_embedded", take[Embedded](w))
	ipc.Handle(r, "give_tagged", give[Tagged](w))
	ipc.Handle(r, "take_tagged", take[Tagged](w))
	ipc.Handle(r, "give_generics", give[Generics](w))
	ipc.Handle(r, "take_generics", take[Generics](w))
	ipc.Handle(r, "give_tree", give[Tree](w))
	ipc.Handle(r, "take_tree", take[Tree](w))
	ipc.Handle(r, "give_nest", give[Nest](w))
	ipc.Handle(r, "take_nest", take[Nest](w))
	ipc.Handle(r, "give_index", give[Index](w))
	ipc.Handle(r, "take_index", take[Index](w))
	ipc.Handle(r, "give_settings", give[Settings](w))
	ipc.Handle(r, "take_settings", take[Settings](w))
	ipc.Handle(r, "give_holder", give[Holder](w))
	ipc.Handle(r, "take_holder", take[Holder](w))
	ipc.Handle(r, "give_commented", give[Commented](w))
	ipc.Handle(r, "take_commented", take[Commented](w))
	ipc.Handle(r, "give_points", give[[]Point](w))
	ipc.Handle(r, "take_points", take[[]Point](w))
	ipc.Handle(r, "give_pointer", give[*Point](w))
	ipc.Handle(r, "take_pointer", take[*Point](w))
	ipc.Handle(r, "give_any", give[any](w))
	ipc.Handle(r, "take_any", take[any](w))
	ipc.Handle(r, "give_blob", give[Blob](w))
	ipc.Handle(r, "take_blob", take[Blob](w))
	ipc.Handle[struct{}, []byte](r, "give-bytes", give[[]byte](w))
	ipc.Handle(r, "take-bytes", w.takeBytes)
	registerMore(r, w)
}

func registerMore(r *ipc.Router, w *Wire) {
	const prefix = "odd/"
	ipc.Handle(r, prefix+"names.of|URLs", func(_ context.Context, a unexported) (*unexported, error) { return &a, nil })
	// Comments stand above what has no name; they end with */ too.
	ipc.Handle(r, "anonymous", func(_ context.Context, a struct {
		// From is where.
		From int `json:"from"`
	}) (struct{ To int }, error) {
		return struct{ To int }{a.From}, nil
	})
	ipc.Handle(r, "optional_arguments", optionalArguments)
	ipc.Handle(r, "by_pointer", func(_ context.Context, a *Point) (Empty, error) { return Empty{}, nil })
	ipc.Handle(r, "free_form", func(_ context.Context, a json.RawMessage) (any, error) { return a, nil })
	ipc.Handle(r, "by_key", func(_ context.Context, a map[string]int) (map[string]int, error) { return a, nil })
	ipc.Handle(r, "nothing", func(_ context.Context, a Empty) (struct{}, error) { return struct{}{}, nil })
	ipc.Handle(r, "streams", w.streams)
	registerLocal(r)
	ipc.Handle(r, "casement:own", func(_ context.Context, a Empty) (struct{}, error) { return struct{}{}, nil })
	for _, name := range []string{"a", "b"} {
		//casement:ignore the two are distinguished at run time
		ipc.Handle(r, name, func(_ context.Context, a Empty) (struct{}, error) { return struct{}{}, nil })
	}
}

func registerLocal(r *ipc.Router) {
	type args struct{ One int }
	ipc.Handle(r, "local_one", func(_ context.Context, a args) (struct{}, error) { return struct{}{}, nil })
	func() {
		type args struct{ Two int }
		ipc.Handle(r, "local_two", func(_ context.Context, a args) (struct{}, error) { return struct{}{}, nil })
	}()
}

// optionalArguments can be called without arguments.
//
// Deprecated: call nothing.
func optionalArguments(context.Context, Extras) (struct{}, error) { return struct{}{}, nil }

// Extras are all optional.
type Extras struct {
	Limit *int                   `json:"limit"`
	Tags  []string               `json:"tags,omitempty"`
	Log   channels.Channel[Line] `json:"log,omitempty"`
}

// takeBytes takes bytes unchanged.
func (w *Wire) takeBytes(_ context.Context, data []byte) (struct{}, error) {
	return struct{}{}, w.Took(&data)
}

// A Line is a message that is no union.
type Line struct {
	Text string   `json:"text"`
	Tags []string `json:"tags"`
}

// Progress is a union.
type Progress interface {
	channels.Variant
	isProgress()
}

// Started is the first.
type Started struct {
	Total int   `json:"total"`
	Parts []int `json:"parts"`
}

// Moved is sent as a pointer.
type Moved struct {
	By *int `json:"by"`
}

// Stopped has no fields.
type Stopped struct{}

// Named is a string.
type Named string

const stopped = "stop" + "ped"

func (Started) Variant() string { return "started" }
func (*Moved) Variant() string  { return "moved" }
func (Stopped) Variant() string { return stopped }
func (Named) Variant() string   { return `na"med'` }

func (Started) isProgress() {}
func (*Moved) isProgress()  {}
func (Stopped) isProgress() {}
func (Named) isProgress()   {}

// Streams are streams of all kinds.
type Streams struct {
	// Progress reports the progress.
	Progress channels.Channel[Progress]         `json:"progress"`
	Lines    channels.Channel[Line]             `json:"lines"`
	Bytes    channels.Channel[[]byte]           `json:"bytes"`
	Ticks    channels.Channel[struct{}]         `json:"ticks"`
	Alone    channels.Channel[Started]          `json:"alone"`
	Maybe    *channels.Channel[[]int]           `json:"maybe"`
	Many     map[string]channels.Channel[int64] `json:"many"`
	Input    channels.Receiver[Line]            `json:"input"`
	Upload   channels.Receiver[[]byte]          `json:"upload"`
	Numbers  *channels.Receiver[*int]           `json:"numbers,omitempty"`
}

// streams sends the values of Next and passes the received values to Took.
func (w *Wire) streams(ctx context.Context, a Streams) (struct{}, error) {
	defer a.Progress.Close()
	defer a.Lines.Close()
	defer a.Bytes.Close()
	defer a.Ticks.Close()
	defer a.Alone.Close()
	for _, many := range a.Many {
		defer many.Close()
	}
	var started Started
	var line Line
	var data []byte
	w.Next(&started)
	w.Next(&line)
	w.Next(&data)
	for _, p := range []Progress{started, &Moved{}, Stopped{}, Named("x")} {
		if err := a.Progress.SendContext(ctx, p); err != nil {
			return struct{}{}, err
		}
	}
	if err := a.Alone.SendContext(ctx, started); err != nil {
		return struct{}{}, err
	}
	if err := a.Lines.SendContext(ctx, line); err != nil {
		return struct{}{}, err
	}
	if err := a.Bytes.SendContext(ctx, data); err != nil {
		return struct{}{}, err
	}
	if err := a.Ticks.SendContext(ctx, struct{}{}); err != nil {
		return struct{}{}, err
	}
	for line, err := range a.Input.All(ctx) {
		if err != nil {
			return struct{}{}, err
		}
		if err := w.Took(&line); err != nil {
			return struct{}{}, err
		}
	}
	back, err := io.ReadAll(channels.NewReader(ctx, a.Upload))
	if err != nil {
		return struct{}{}, err
	}
	return struct{}{}, w.Took(&back)
}

var (
	// PlainChanged carries a Plain.
	PlainChanged = events.Define[Plain]("plain-changed")
	// optionalChanged travels in both directions, whose types differ.
	optionalChanged = events.Define[Optional]("optional-changed")
	linesChanged    = events.Define[[]Line]("lines/changed") // Lines come in slices.
	ready           = events.Define[struct{}]("ready")
	blobChanged     = events.Define[[]byte]("blob-changed")
	suitChanged     = events.Define[Suit]("suit:changed")
	// windowDestroyed is one of the shell's events.
	windowDestroyed = events.Define[Plain]("casement://destroyed")
)

// Events are the events that a test emits.
func Events() (events.Type[Plain], events.Type[Optional], events.Type[[]Line]) {
	return PlainChanged, optionalChanged, linesChanged
}
