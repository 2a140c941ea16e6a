package events

import (
	"fmt"

	"casement/internal/codec"
	"casement/internal/names"
	"casement/ipc"
)

// A Target is the destination of an event: the app, which is the zero Target, or a window.
type Target struct {
	// Label is the window's label. It is empty for the app.
	Label ipc.Label
}

// App is the target that is the app itself.
var App = Target{}

// Window returns the target of a window, which need not be open.
func Window(label ipc.Label) Target { return Target{Label: label} }

// IsApp reports whether the target is the app.
func (t Target) IsApp() bool { return t.Label == "" }

// String returns "app", or "window" and the quoted label.
func (t Target) String() string {
	if t.IsApp() {
		return "app"
	}
	return fmt.Sprintf("window %q", t.Label)
}

// A mailbox is what one listener listens on: a target, or any.
type mailbox struct {
	target Target
	any    bool
}

// parseTarget returns the mailbox for the JSON of a target from a page. All kinds of window targets
// mean the same mailbox.
func parseTarget(text []byte) (mailbox, error) {
	var t struct {
		Kind  string `json:"kind"`
		Label string `json:"label"`
	}
	if err := codec.Unmarshal(text, &t); err != nil {
		return mailbox{}, fmt.Errorf("events: malformed target: %w", err)
	}
	switch t.Kind {
	case "Any":
		return mailbox{any: true}, nil
	case "App":
		return mailbox{}, nil
	case "AnyLabel", "Window", "Webview", "WebviewWindow":
		return mailbox{target: Window(ipc.Label(t.Label))}, names.Label(t.Label)
	}
	return mailbox{}, fmt.Errorf("events: unknown kind of target %.64q", t.Kind)
}
