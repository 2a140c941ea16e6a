package events

import (
	"fmt"
	"slices"
	"strings"

	json "github.com/goccy/go-json"

	"casement/internal/wire"
	"casement/ipc"
)

// A link is the bus for the shell and for the windows' pages, whose names and targets are JSON.
type link struct{ bus *Bus }

var _ wire.AppBus = link{}

// OpenWindow implements wire.AppBus.
func (l link) OpenWindow(label ipc.Label) {
	b := l.bus
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.Contains(b.windows, label) {
		b.windows = append(b.windows, label)
	}
}

// CloseWindow implements wire.AppBus.
func (l link) CloseWindow(label ipc.Label) {
	b := l.bus
	b.mu.Lock()
	defer b.mu.Unlock()
	b.windows = slices.DeleteFunc(b.windows, func(other ipc.Label) bool { return other == label })
	for _, t := range b.names {
		t.listeners = slices.DeleteFunc(t.listeners, func(l *listener) bool {
			if l.window == nil || *l.window != label {
				return false
			}
			l.over.Store(true)
			delete(b.owners, l.id)
			return true
		})
		t.retained = slices.DeleteFunc(t.retained, func(r retained) bool {
			return !r.scope.all && r.scope.target == Window(label)
		})
		b.tidy(t)
	}
}

// Announce implements wire.AppBus.
func (l link) Announce(label ipc.Label, name string, payload any, retain bool) error {
	var options []Option
	if retain {
		options = append(options, Retain())
	}
	return l.bus.emitPayload(Name(name), payload, scope{all: label == "", target: Window(label)}, options)
}

// Listen implements wire.Bus.
func (l link) Listen(page *wire.Page, id wire.ListenerID, event string, target json.RawMessage) error {
	name, err := ParseName(strings.Clone(event)) // event is part of the page's message, which must not be retained.
	if err != nil {
		return err
	}
	box := mailbox{target: Window(page.Window())}
	if target != nil {
		if box, err = parseTarget(target); err != nil {
			return err
		}
		box.target.Label = ipc.Label(strings.Clone(string(box.target.Label)))
	}
	cost := listenerCost(name, box)
	if err := page.Hold(cost); err != nil {
		return err
	}
	added := false
	defer func() {
		if !added {
			page.Release(cost)
		}
	}()
	b := l.bus
	b.mu.Lock()
	defer b.mu.Unlock()
	own := b.pages[page]
	switch {
	case page.Context().Err() != nil:
		return ipc.ErrPageGone
	case own[id] != nil:
		return fmt.Errorf("events: listener %d exists already", id)
	case len(own) >= maxPageListeners:
		return &ipc.Error{Code: ipc.CodeBusy, Message: fmt.Sprintf("events: the page has %d listeners, which is the limit", len(own))}
	case own == nil:
		own = map[wire.ListenerID]*topic{}
		b.pages[page] = own
	}
	t := b.topic(name)
	if e, kept := t.lastFor(box); kept {
		// The retained event goes ahead of all later ones.
		one := &pageListener{page: page, ids: []wire.ListenerID{id}, box: []mailbox{box}}
		if err := one.deliver(e); err != nil {
			return err
		}
	}
	own[id], added = t, true
	at := slices.IndexFunc(t.pages, func(l *pageListener) bool { return l.page == page })
	if at < 0 {
		at = len(t.pages)
		t.pages = append(t.pages, &pageListener{page: page})
	}
	entry := t.pages[at]
	entry.ids = append(entry.ids, id)
	entry.box = append(entry.box, box)
	return nil
}

// listenerCost returns the memory that a page's listener is charged for, in bytes.
func listenerCost(name Name, box mailbox) int { return 512 + len(name) + len(box.target.Label) }

// Unlisten implements wire.Bus.
func (l link) Unlisten(page *wire.Page, id wire.ListenerID) {
	l.bus.mu.Lock()
	defer l.bus.mu.Unlock()
	own := l.bus.pages[page]
	t := own[id]
	if t == nil {
		return
	}
	delete(own, id)
	for i, entry := range t.pages {
		if entry.page != page {
			continue
		}
		if at := slices.Index(entry.ids, id); at >= 0 {
			page.Release(listenerCost(t.name, entry.box[at]))
			entry.ids = slices.Delete(entry.ids, at, at+1)
			entry.box = slices.Delete(entry.box, at, at+1)
		}
		if len(entry.ids) == 0 {
			t.pages = slices.Delete(t.pages, i, i+1)
		}
		break
	}
	l.bus.tidy(t)
}

// Emit implements wire.Bus.
func (l link) Emit(page *wire.Page, event string, target json.RawMessage, payload wire.Payload) error {
	name, err := parseOwn(event)
	if err != nil {
		return err
	}
	e := emission{name: name, payload: payload, source: page.Window(), scope: scope{all: true}}
	if target != nil {
		box, err := parseTarget(target)
		if err != nil {
			return err
		}
		e.scope = scope{all: box.any, target: box.target}
	}
	return l.bus.emit(e)
}

// Gone implements wire.Bus.
func (l link) Gone(page *wire.Page) {
	l.bus.mu.Lock()
	defer l.bus.mu.Unlock()
	own := l.bus.pages[page]
	delete(l.bus.pages, page)
	for _, t := range own {
		t.pages = slices.DeleteFunc(t.pages, func(l *pageListener) bool { return l.page == page })
		l.bus.tidy(t)
	}
}
