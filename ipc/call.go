package ipc

import (
	"context"
)

// A Call is one call of a command, as the command finds it in its context.
type Call struct {
	// Command is the name that was called.
	Command string
	// Window is the label of the calling window.
	Window Label
	// Headers came with the call beside its arguments. They must not be changed.
	Headers map[string]string

	id   uint64
	page *Page
	// channels and sinks are those among its arguments. If nobody attaches them, nobody will use them.
	channels, sinks []ChannelID
}

// Page returns the calling page.
func (c *Call) Page() *Page { return c.page }

type callKey struct{}

// CallFrom returns the call that a command was called with. It returns nil for a context that does not
// come from one.
func CallFrom(ctx context.Context) *Call {
	call, _ := ctx.Value(callKey{}).(*Call)
	return call
}
