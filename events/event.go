package events

import (
	"fmt"

	json "github.com/goccy/go-json"

	"casement/internal/codec"
	"casement/ipc"
)

// An ID names a Go listener of a bus. The zero ID names none.
type ID uint64

// An Event is what a listener is told.
type Event struct {
	// Name is what was emitted.
	Name string
	// ID is the listener's own.
	ID ID
	// Source is the label of the window whose page has emitted the event, empty for Go.
	Source ipc.Label

	payload json.RawMessage
}

// Payload returns the payload as JSON. It is shared by all listeners and must not be changed.
func (e Event) Payload() json.RawMessage { return e.payload }

// Unmarshal decodes the payload into v, a pointer, as encoding/json does.
func (e Event) Unmarshal(v any) error {
	if err := codec.Unmarshal(e.payload, v); err != nil {
		return fmt.Errorf("events: the payload of %s: %w", e.Name, err)
	}
	return nil
}

// named returns an error about an event with its name, nil if there is none.
func named(event string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("events: %s: %w", event, err)
}
