package events_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"casement/events"
	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

// A matrix says who hears what. The tests of the page runtime (frontend/api/test/window/events.ts) and of
// the mocks (frontend/api/test/mocks.test.ts) run the same table.
type matrix struct {
	// Windows are the labels of the open windows. The window "ghost" is not open.
	Windows []ipc.Label
	// Mailboxes are "app", "any" and the labels of windows.
	Mailboxes   []string
	GoListeners []struct {
		// Method is one of Bus's.
		Method string
		// Window is the first argument of ListenWindow.
		Window  ipc.Label
		Mailbox string
	}
	// PageListeners are what each page registers. The mailbox "own" is that of the page's window.
	PageListeners []struct {
		Name    string
		Target  json.RawMessage
		Mailbox string
	}
	Emits []emitRow
}

// An emitRow is one way to emit, and the mailboxes that it reaches.
type emitRow struct {
	Name string
	// By holds "go" and "page": who can emit so.
	By []string
	// Target is who the event is for. Without Target and Accepts it is for everybody.
	Target *struct{ Kind, Label string }
	// Accepts holds the mailboxes that the filter of EmitFilter returns true for.
	Accepts []string
	Reaches []string
}

func readMatrix(t *testing.T) (m matrix) {
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
	for _, a := range m.Emits {
		named(a.Accepts...)
		named(a.Reaches...)
		if len(a.By) == 0 {
			t.Fatalf("events.json: nobody emits %q", a.Name)
		}
	}
	return m
}

// fromGo emits the event on the bus.
func (a emitRow) fromGo(b *events.Bus) error {
	switch {
	case a.Accepts != nil:
		return b.EmitFilter("aimed", 1, func(target events.Target) bool {
			name := "app"
			if !target.IsApp() {
				name = string(target.Label)
			}
			return slices.Contains(a.Accepts, name)
		})
	case a.Target != nil:
		return b.EmitTo(ipc.Label(a.Target.Label), "aimed", 1)
	}
	return b.Emit("aimed", 1)
}

// fromPage returns the script that emits the event in a page.
func (a emitRow) fromPage() string {
	if a.Target == nil {
		return "await __ipc.emit('aimed', 1)"
	}
	target := map[string]string{"kind": a.Target.Kind}
	if a.Target.Label != "" {
		target["label"] = a.Target.Label
	}
	text, _ := json.Marshal(target)
	return fmt.Sprintf("await __ipc.emit('aimed', 1, %s)", text)
}

// A hall is a bus with windows. It counts how often each listener has heard an event.
type hall struct {
	bus     *events.Bus
	labels  []ipc.Label
	windows []*pagetest.Window
	mu      sync.Mutex
	heard   map[string]int
}

func newHall(t *testing.T, labels []ipc.Label) *hall {
	h := &hall{bus: events.NewBus(nil), labels: labels, heard: map[string]int{}}
	for _, label := range labels {
		h.bus.OpenWindow(label)
		h.windows = append(h.windows, pagetest.Open(t, new(ipc.Router), func(o *wire.EndpointOptions) {
			o.Label, o.Bus = label, h.bus.Pages()
		}))
	}
	return h
}

// goes returns a Go listener that counts what it hears.
func (h *hall) goes(name string) func(events.Event) {
	return func(e events.Event) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.heard[name]++
		if string(e.Payload()) != "1" || e.Name != "aimed" || e.ID == 0 {
			h.heard[name+": "+fmt.Sprint(e)]++
		}
	}
}

// take returns how often each listener has heard an event, in Go and in all windows, and starts anew.
func (h *hall) take(t *testing.T) map[string]int {
	t.Helper()
	h.mu.Lock()
	heard := h.heard
	h.heard = map[string]int{}
	h.mu.Unlock()
	for i, w := range h.windows {
		// The script travels behind the events.
		text, err := w.Endpoint.EvalResult(t.Context(), "const all = heard.join(' '); heard.length = 0; return all")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range strings.Fields(strings.Trim(string(text), `"`)) {
			heard[string(h.labels[i])+"/"+name]++
		}
	}
	return heard
}

// TestWhoHearsWhat would pass vacuously if a listener were deaf, which the rows that reach it rule out, or if
// it looked before the events arrive, so it asks the pages in the same lane.
func TestWhoHearsWhat(t *testing.T) {
	t.Parallel()
	m := readMatrix(t)
	h := newHall(t, m.Windows)
	all := map[string]string{} // each listener's mailbox
	for _, l := range m.GoListeners {
		name := "go/" + l.Method + string(l.Window)
		listen := map[string]func(string, func(events.Event)) (events.ID, error){
			"Listen":    h.bus.Listen,
			"ListenAny": h.bus.ListenAny,
			"ListenWindow": func(event string, handle func(events.Event)) (events.ID, error) {
				return h.bus.ListenWindow(l.Window, event, handle)
			},
		}[l.Method]
		if _, err := listen("aimed", h.goes(name)); err != nil {
			t.Fatal(err)
		}
		all[name] = l.Mailbox
	}
	listeners, err := json.Marshal(m.PageListeners)
	if err != nil {
		t.Fatal(err)
	}
	for i, label := range m.Windows {
		h.windows[i].Must(fmt.Sprintf(`
			globalThis.heard = [];
			const note = (name) => (e) => {
				heard.push(name);
				if (e.payload !== 1 || e.event !== 'aimed' || !Object.isFrozen(e)) heard.push('wrong/' + JSON.stringify(e));
			};
			await Promise.all(%s.map(({Name, Target}) => __ipc.listen('aimed', note(Name), Target ?? undefined)));
			await __ipc.listen('something-else', note('never'), {kind: 'Any'})`, listeners))
		for _, l := range m.PageListeners {
			mailbox := l.Mailbox
			if mailbox == "own" {
				mailbox = string(label)
			}
			all[string(label)+"/"+l.Name] = mailbox
		}
	}
	check := func(t *testing.T, reaches []string) {
		t.Helper()
		got := h.take(t)
		for _, name := range slices.Sorted(maps.Keys(all)) {
			want := 0
			if slices.Contains(reaches, all[name]) {
				want = 1
			}
			if got[name] != want {
				t.Errorf("%s heard it %d times, want %d", name, got[name], want)
			}
			delete(got, name)
		}
		for name, n := range got {
			t.Errorf("%s heard it %d times", name, n)
		}
	}
	for _, a := range m.Emits {
		if slices.Contains(a.By, "go") {
			t.Run("Go/"+a.Name, func(t *testing.T) {
				if err := a.fromGo(h.bus); err != nil {
					t.Fatal(err)
				}
				check(t, a.Reaches)
			})
		}
		if slices.Contains(a.By, "page") {
			for i, label := range m.Windows[:2] {
				t.Run(string(label)+"/"+a.Name, func(t *testing.T) {
					h.windows[i].Must(a.fromPage())
					check(t, a.Reaches)
				})
			}
		}
	}
}
