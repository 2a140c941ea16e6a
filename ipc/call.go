package ipc

import (
	"context"

	"casement/internal/registry"
)

// A Label names a window: 1 to 256 letters, digits and any of - / : _. It is unique while the window lives.
type Label string

// A Call is one call of a command, as the command finds it in its context.
type Call struct {
	// Command is the name that was called.
	Command string
	// Window is the label of the calling window.
	Window Label
	// Headers came with the call beside its arguments. They must not be changed.
	Headers map[string]string
}

// CallFrom returns the call that a command was called with. It returns nil for a context that does not
// come from one.
func CallFrom(ctx context.Context) *Call {
	call, _ := ctx.Value(registry.CallKey{}).(*Call)
	return call
}
