package events

import (
	"fmt"

	"casement/internal/codec"
	"casement/internal/names"
	"casement/ipc"
)

// A Target is a mailbox that an event can be for: the app's, which is the zero Target, or that of the
// window with the label.
type Target struct {
	// Label is the window's, empty for the app.
	Label ipc.Label
}

// App is the app's own mailbox.
var App = Target{}

// Window returns the mailbox of a window. It need not be open.
func Window(label ipc.Label) Target { return Target{Label: label} }

// IsApp reports whether the target is the app's mailbox.
func (t Target) IsApp() bool { return t.Label == "" }

// String returns "app" or the label in quotes.
func (t Target) String() string {
	if t.IsApp() {
		return "app"
	}
	return fmt.Sprintf("window %q", t.Label)
}

// A mailbox is what a listener hears: that of a target, or any.
type mailbox struct {
	target Target
	any    bool
}

// parseTarget returns the mailbox that a page means, which has sent the JSON of a target. A window is one mailbox, whatever
// the kind.
func parseTarget(text []byte) (mailbox, error) {
	var t struct {
		Kind  string `json:"kind"`
		Label string `json:"label"`
	}
	if err := codec.Unmarshal(text, &t); err != nil {
		return mailbox{}, fmt.Errorf("events: a malformed target: %w", err)
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
