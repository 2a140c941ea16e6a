package ipc

import (
	"context"

	"casement/internal/registry"
)

// A Label names a window. It has 1 to 256 letters, digits and any of - / : _, and is unique while
// the window lives.
type Label string

// A Call describes one call of a command. The command gets it with [CallFrom].
type Call struct {
	// Command is the name of the called command.
	Command string
	// Window is the label of the calling window.
	Window Label
	// Headers are the headers that the page sent with the call. They are read-only.
	Headers map[string]string
}

// CallFrom returns the call that ctx belongs to, or nil if ctx does not come from a command's
// context.
func CallFrom(ctx context.Context) *Call {
	call, _ := ctx.Value(registry.CallKey{}).(*Call)
	return call
}
