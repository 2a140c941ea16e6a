package events

import (
	"fmt"

	json "github.com/goccy/go-json"

	"casement/internal/codec"
	"casement/ipc"
)

// An ID identifies a Go listener of a bus. The zero ID identifies none.
type ID uint64

// An Event is one event as a listener receives it.
type Event struct {
	// Name is the event's name.
	Name string
	// ID identifies the listener.
	ID ID
	// Source is the label of the window whose page emitted the event. It is empty if Go did.
	Source ipc.Label

	payload json.RawMessage
}

// Payload returns the payload as JSON. All listeners share it, so it is read-only.
func (e Event) Payload() json.RawMessage { return e.payload }

// Unmarshal decodes the payload into v, which is a pointer, as encoding/json does.
func (e Event) Unmarshal(v any) error {
	if err := codec.Unmarshal(e.payload, v); err != nil {
		return fmt.Errorf("events: the payload of %s: %w", e.Name, err)
	}
	return nil
}

// named adds the event's name to an error. It returns nil for nil.
func named(event string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("events: %s: %w", event, err)
}
