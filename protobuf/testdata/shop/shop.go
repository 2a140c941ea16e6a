// Package shop registers commands and an event with protobuf messages, for the tests.
package shop

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"casement/channels"
	"casement/events"
	"casement/ipc"
	_ "casement/protobuf"
	"casement/protobuf/testdata/opaquepb"
	"casement/protobuf/testdata/openpb"
)

// A Basket has messages among other things.
type Basket struct {
	Name   string                    `json:"name"`
	Order  *openpb.Order             `json:"order"`
	Orders []*openpb.Order           `json:"orders"`
	ByKey  map[string]*opaquepb.Line `json:"byKey"`
	At     *timestamppb.Timestamp    `json:"at,omitempty"`
	None   *openpb.Order             `json:"none,omitempty"`
	Count  int64                     `json:"count,string"`
	inner
}

type inner struct {
	Line *openpb.Line `json:"line"`
}

// Placed is heard when an order is placed.
var Placed = events.Define[*openpb.Order]("placed")

// Stream is a channel of messages.
type Stream struct {
	To channels.Channel[*openpb.Line] `json:"to"`
}

// Register registers the commands. Each returns what it takes.
func Register(r *ipc.Router) {
	ipc.Handle(r, "open", same[*openpb.Order])
	ipc.Handle(r, "opaque", same[*opaquepb.Order])
	ipc.Handle(r, "basket", same[Basket])
	ipc.Handle(r, "lenient", same[Basket], ipc.Lenient())
	ipc.Handle(r, "any", func(_ context.Context, a *openpb.Line) (any, error) { return map[string]any{"line": a}, nil })
	ipc.Handle(r, "stream", func(_ context.Context, s Stream) (struct{}, error) {
		defer s.To.Close()
		return struct{}{}, s.To.Send(&openpb.Line{Sku: "a", Count: 1})
	})
}

func same[T any](_ context.Context, v T) (T, error) { return v, nil }
