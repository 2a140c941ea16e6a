package pagetest

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"casement/events"
	"casement/ipc"
)

// A Matrix says who hears what. The tests of the bus (events/matrix_test.go), of the app's windows
// (shell/events_test.go), of the page runtime (frontend/api/test/window/events.ts) and of the mocks
// (frontend/api/test/mocks.test.ts) run the same table.
type Matrix struct {
	// Windows are the labels of the open windows. The window "ghost" is not open.
	Windows []ipc.Label `json:"windows"`
	// Mailboxes are "app", "any" and the labels of windows.
	Mailboxes     []string         `json:"mailboxes"`
	GoListeners   []GoListener     `json:"goListeners"`
	PageListeners []PageListener   `json:"pageListeners"`
	Emits         []MatrixEmission `json:"emits"`
}

// A GoListener is a listener in Go.
type GoListener struct {
	// Method is "Listen", "ListenAny" or "ListenWindow".
	Method string `json:"method"`
	// Window is the first argument of ListenWindow.
	Window  ipc.Label `json:"window"`
	Mailbox string    `json:"mailbox"`
}

// A PageListener is a listener that each page registers.
type PageListener struct {
	Name string `json:"name"`
	// Target is null where the page names none.
	Target json.RawMessage `json:"target"`
	// Mailbox is "own" for the mailbox of the page's window.
	Mailbox string `json:"mailbox"`
}

// A MatrixEmission is one way to emit, and the mailboxes that it reaches.
type MatrixEmission struct {
	Name string `json:"name"`
	// By holds "go" and "page": who can emit in this way.
	By []string `json:"by"`
	// Target is the event's target. Without Target and Accepts the event is for everybody.
	Target *MatrixTarget `json:"target"`
	// Accepts holds the mailboxes that the filter of EmitFilter returns true for.
	Accepts []string `json:"accepts"`
	Reaches []string `json:"reaches"`
}

// A MatrixTarget is a target as pages write it.
type MatrixTarget struct {
	Kind  string `json:"kind"`
	Label string `json:"label,omitempty"`
}

// ReadMatrix reads the table. It serves packages directly below the repository's root.
func ReadMatrix(t testing.TB) (m Matrix) {
	t.Helper()
	text, err := os.ReadFile("../internal/wire/testdata/events.json")
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		t.Fatal(err)
	}
	named := func(names ...string) {
		t.Helper()
		for _, name := range names {
			if !slices.Contains(m.Mailboxes, name) {
				t.Fatalf("events.json: no mailbox is called %q", name)
			}
		}
	}
	for _, l := range m.GoListeners {
		named(l.Mailbox)
	}
	for _, l := range m.PageListeners {
		if l.Mailbox != "own" {
			named(l.Mailbox)
		}
	}
	for _, e := range m.Emits {
		named(e.Accepts...)
		named(e.Reaches...)
		if len(e.By) == 0 {
			t.Fatalf("events.json: nobody emits %q", e.Name)
		}
	}
	return m
}

// FromGo emits an event from Go, with the payload 1.
func (e MatrixEmission) FromGo(on events.Emitter, name string) error {
	switch {
	case e.Accepts != nil:
		return on.EmitFilter(name, 1, func(target events.Target) bool {
			mailbox := "app"
			if !target.IsApp() {
				mailbox = string(target.Label)
			}
			return slices.Contains(e.Accepts, mailbox)
		})
	case e.Target != nil:
		return on.EmitTo(ipc.Label(e.Target.Label), name, 1)
	}
	return on.Emit(name, 1)
}
