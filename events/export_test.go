package events

import (
	"encoding/json"
	"log/slog"

	"casement/internal/wire"
	"casement/ipc"
)

// These functions open the package's internals to its tests.

const MaxPageListeners = maxPageListeners

// NewBus returns a bus together with the shell's view of it.
func NewBus(log *slog.Logger) *Bus {
	b, _ := New(log)
	return b
}

func (b *Bus) Pages() wire.Bus             { return link{b} }
func (b *Bus) OpenWindow(label ipc.Label)  { link{b}.OpenWindow(label) }
func (b *Bus) CloseWindow(label ipc.Label) { link{b}.CloseWindow(label) }

// Announce announces an event by its name after "casement://".
func (b *Bus) Announce(label ipc.Label, name string, payload any, options ...Option) error {
	return link{b}.Announce(label, reserved+name, payload, len(options) > 0)
}

// A Census counts the contents of a bus.
type Census struct {
	Names, Listeners, Pages, PageListeners, Windows, Retained int
}

// Census counts the contents of the bus, each in two places that must agree.
func (b *Bus) Census() Census {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := Census{Names: len(b.names), Listeners: len(b.owners), Pages: len(b.pages), Windows: len(b.windows)}
	for _, own := range b.pages {
		c.PageListeners += len(own)
	}
	listeners, pageListeners := 0, 0
	for _, t := range b.names {
		listeners += len(t.listeners)
		for _, l := range t.pages {
			pageListeners += len(l.ids)
			if len(l.ids) == 0 || len(l.ids) != len(l.box) {
				panic("a page is kept that listens to nothing")
			}
		}
		c.Retained += len(t.retained)
	}
	if listeners != c.Listeners || pageListeners != c.PageListeners {
		panic("the two books of listeners differ")
	}
	return c
}

// ParseTarget parses a target from a page.
func ParseTarget(kind, label string) (target Target, any bool, err error) {
	text, err := json.Marshal(map[string]string{"kind": kind, "label": label})
	if err != nil {
		return target, false, err
	}
	box, err := parseTarget(text)
	return box.target, box.any, err
}

// ParseOwn parses a name that apps and pages may emit.
func ParseOwn(s string) (Name, error) { return parseOwn(s) }
