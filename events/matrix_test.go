package events_test

import (
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

// aims say who hears what: each emit with the mailboxes that it reaches. Those are A, the app's; M, O and
// T, of the windows "main", "other" and "third"; G, of "ghost", which is not open; and *, any.
var aims = []struct {
	name string
	want string
	// emit is what Go does, page what a page does; nil or empty where only the other can.
	emit func(*events.Bus) error
	page string
}{
	{"everybody", "AMOTG*", func(b *events.Bus) error { return b.Emit("aimed", 1) }, "__ipc.emit('aimed', 1)"},
	{"main", "M*", func(b *events.Bus) error { return b.EmitTo("main", "aimed", 1) }, "__ipc.emit('aimed', 1, {kind: 'AnyLabel', label: 'main'})"},
	{"other", "O*", func(b *events.Bus) error { return b.EmitTo("other", "aimed", 1) }, "__ipc.emit('aimed', 1, {kind: 'AnyLabel', label: 'other'})"},
	{"a window that is not open", "G*", func(b *events.Bus) error { return b.EmitTo("ghost", "aimed", 1) }, "__ipc.emit('aimed', 1, {kind: 'AnyLabel', label: 'ghost'})"},
	{"a window that nobody knows", "*", func(b *events.Bus) error { return b.EmitTo("nobody", "aimed", 1) }, "__ipc.emit('aimed', 1, {kind: 'AnyLabel', label: 'nobody'})"},
	{"main as Window", "M*", nil, "__ipc.emit('aimed', 1, {kind: 'Window', label: 'main'})"},
	{"main as Webview", "M*", nil, "__ipc.emit('aimed', 1, {kind: 'Webview', label: 'main'})"},
	{"main as WebviewWindow", "M*", nil, "__ipc.emit('aimed', 1, {kind: 'WebviewWindow', label: 'main'})"},
	{"the app", "A*", nil, "__ipc.emit('aimed', 1, {kind: 'App'})"},
	{"any", "AMOTG*", nil, "__ipc.emit('aimed', 1, {kind: 'Any'})"},
	{"a filter for all", "AMOTG*", filter(func(events.Target) bool { return true }), ""},
	{"a filter for none", "", filter(func(events.Target) bool { return false }), ""},
	{"a filter for the app", "A*", filter(events.Target.IsApp), ""},
	{"a filter for windows", "MOTG*", filter(func(t events.Target) bool { return !t.IsApp() }), ""},
	{"a filter for main", "M*", filter(func(t events.Target) bool { return t.Label == "main" }), ""},
	{"a filter for two", "OT*", filter(func(t events.Target) bool { return t.Label == "other" || t.Label == "third" }), ""},
	// Any hears only if somebody who lives is accepted.
	{"a filter for a window that is not open", "G", filter(func(t events.Target) bool { return t.Label == "ghost" }), ""},
}

func filter(accept func(events.Target) bool) func(*events.Bus) error {
	return func(b *events.Bus) error { return b.EmitFilter("aimed", 1, accept) }
}

// A hall is a bus with windows, and notes who has heard.
type hall struct {
	bus     *events.Bus
	windows []*pagetest.Window
	mu      sync.Mutex
	heard   map[string]int
}

var hallLabels = []ipc.Label{"main", "other", "third"}

// newHall opens three windows.
func newHall(t *testing.T) *hall {
	h := &hall{bus: events.NewBus(nil), heard: map[string]int{}}
	for _, label := range hallLabels {
		h.bus.OpenWindow(label)
		h.windows = append(h.windows, pagetest.Open(t, new(ipc.Router), func(o *wire.EndpointOptions) {
			o.Label, o.Bus = label, h.bus.Pages()
		}))
	}
	return h
}

// goes returns a Go listener that notes what it hears.
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

// take returns who has heard, in all windows and in Go, and forgets it. Each is named by its mailbox and a
// word.
func (h *hall) take(t *testing.T) map[string]int {
	t.Helper()
	h.mu.Lock()
	heard := h.heard
	h.heard = map[string]int{}
	h.mu.Unlock()
	for i, w := range h.windows {
		// It goes the way of the events, behind them.
		text, err := w.Endpoint.EvalResult(t.Context(), "const all = heard.join(' '); heard.length = 0; return all")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range strings.Fields(strings.Trim(string(text), `"`)) {
			box, rest, _ := strings.Cut(name, "/")
			heard[box+string(hallLabels[i])+"/"+rest]++
		}
	}
	return heard
}

// TestWhoHearsWhat would pass vacuously if a listener were deaf, which the rows that reach it rule out, or if
// it looked before the events arrive, so it asks the pages in the same lane.
func TestWhoHearsWhat(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	all := map[string]int{} // every listener
	must := func(_ events.ID, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(h.bus.Listen("aimed", h.goes("A/go")))
	must(h.bus.ListenAny("aimed", h.goes("*/go")))
	all["A/go"], all["*/go"] = 1, 1
	for i, label := range hallLabels {
		box := "MOT"[i : i+1]
		must(h.bus.ListenWindow(label, "aimed", h.goes(box+"/go")))
		all[box+"/go"] = 1
		h.windows[i].Must(fmt.Sprintf(`
			globalThis.heard = [];
			const note = (name, source) => (e) => {
				heard.push(name);
				if (e.payload !== 1 || e.event !== 'aimed' || !Object.isFrozen(e)) heard.push('wrong/' + JSON.stringify(e));
			};
			const all = [['%[1]s/own', undefined], ['*/any', {kind: 'Any'}], ['A/app', {kind: 'App'}],
				['G/ghost', {kind: 'WebviewWindow', label: 'ghost'}]];
			for (const kind of ['AnyLabel', 'Window', 'Webview', 'WebviewWindow']) {
				for (const label of ['main', 'other', 'third']) all.push([label[0].toUpperCase() + '/' + label + '-as-' + kind, {kind, label}]);
			}
			await Promise.all(all.map(([name, target]) => __ipc.listen('aimed', note(name), target)));
			await __ipc.listen('something-else', note('never/never'), {kind: 'Any'})`, box))
		for _, name := range []string{box + "%s/own", "*%s/any", "A%s/app", "G%s/ghost"} {
			all[fmt.Sprintf(name, label)] = 1
		}
		for _, kind := range []string{"AnyLabel", "Window", "Webview", "WebviewWindow"} {
			for at, other := range hallLabels {
				all[fmt.Sprintf("%s%s/%s-as-%s", "MOT"[at:at+1], label, other, kind)] = 1
			}
		}
	}
	check := func(t *testing.T, want string) {
		t.Helper()
		expected := map[string]int{}
		for name := range all {
			if strings.Contains(want, name[:1]) {
				expected[name] = 1
			}
		}
		if got := h.take(t); !maps.Equal(got, expected) {
			for _, name := range slices.Sorted(maps.Keys(all)) {
				if got[name] != expected[name] {
					t.Errorf("%s heard it %d times, want %d", name, got[name], expected[name])
				}
				delete(got, name)
			}
			for name, n := range got {
				if all[name] == 0 {
					t.Errorf("%s heard it %d times", name, n)
				}
			}
		}
	}
	for _, aim := range aims {
		if aim.emit != nil {
			t.Run("Go/"+aim.name, func(t *testing.T) {
				if err := aim.emit(h.bus); err != nil {
					t.Fatal(err)
				}
				check(t, aim.want)
			})
		}
		if aim.page != "" {
			for i, label := range hallLabels[:2] {
				t.Run(string(label)+"/"+aim.name, func(t *testing.T) {
					h.windows[i].Must("await " + aim.page)
					check(t, aim.want)
				})
			}
		}
	}
}
