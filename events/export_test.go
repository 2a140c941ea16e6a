package events

import "casement/ipc"

// What follows opens the package's insides to its tests.

const MaxPageListeners = maxPageListeners

// A Census counts what a bus holds.
type Census struct {
	Names, Listeners, Pages, PageListeners, Windows, Retained int
}

// Census counts what the bus holds, each in two places that must agree.
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

// ParseTarget parses a target as a page sends it.
func ParseTarget(kind, label string) (target Target, any bool, err error) {
	box, err := parseTarget(&ipc.Target{Kind: kind, Label: label})
	return box.target, box.any, err
}

// ParseOwn parses a name that users may emit.
func ParseOwn(s string) (Name, error) { return parseOwn(s) }
