package events_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"casement/events"
	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

// fromPage returns the script that emits the event in a page.
func fromPage(a pagetest.MatrixEmission) string {
	if a.Target == nil {
		return "await __ipc.emit('aimed', 1)"
	}
	text, _ := json.Marshal(a.Target)
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
	m := pagetest.ReadMatrix(t)
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
			await Promise.all(%s.map(({name, target}) => __ipc.listen('aimed', note(name), target ?? undefined)));
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
				if err := a.FromGo(h.bus, "aimed"); err != nil {
					t.Fatal(err)
				}
				check(t, a.Reaches)
			})
		}
		if slices.Contains(a.By, "page") {
			for i, label := range m.Windows[:2] {
				t.Run(string(label)+"/"+a.Name, func(t *testing.T) {
					h.windows[i].Must(fromPage(a))
					check(t, a.Reaches)
				})
			}
		}
	}
}
