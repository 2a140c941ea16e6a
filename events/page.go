package events

import (
	"fmt"
	"slices"
	"strings"

	"casement/ipc"
)

var _ ipc.Bus = pages{}

// Pages returns the bus as the windows' pages use it.
func (b *Bus) Pages() ipc.Bus { return pages{b} }

// pages is a bus as pages use it: what they say comes parsed no further than into text.
type pages struct{ bus *Bus }

// Listen implements ipc.Bus.
func (p pages) Listen(page *ipc.Page, id ipc.ListenerID, event string, target *ipc.Target) error {
	name, err := ParseName(strings.Clone(event)) // A part of the page's message, which must not be kept with it.
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
	taken := false
	defer func() {
		if !taken {
			page.Release(cost)
		}
	}()
	b := p.bus
	b.mu.Lock()
	defer b.mu.Unlock()
	own := b.pages[page]
	switch {
	case page.Context().Err() != nil:
		return ipc.ErrPageGone
	case own[id] != nil:
		return fmt.Errorf("events: listener %d listens already", id)
	case len(own) >= maxPageListeners:
		return &ipc.Error{Code: ipc.CodeBusy, Message: fmt.Sprintf("events: the page has %d listeners, more are not accepted", len(own))}
	case own == nil:
		own = map[ipc.ListenerID]*topic{}
		b.pages[page] = own
	}
	t := b.topic(name)
	if e, kept := t.lastFor(box); kept {
		// It goes ahead of all that this listener will hear.
		one := &pageListener{page: page, ids: []ipc.ListenerID{id}, box: []mailbox{box}}
		if err := one.tell(e); err != nil {
			return err
		}
	}
	own[id], taken = t, true
	at := slices.IndexFunc(t.pages, func(l *pageListener) bool { return l.page == page })
	if at < 0 {
		at = len(t.pages)
		t.pages = append(t.pages, &pageListener{page: page})
	}
	l := t.pages[at]
	l.ids = append(l.ids, id)
	l.box = append(l.box, box)
	return nil
}

// listenerCost returns what a page's listener makes Go hold.
func listenerCost(name Name, box mailbox) int { return 512 + len(name) + len(box.target.Label) }

// Unlisten implements ipc.Bus.
func (p pages) Unlisten(page *ipc.Page, id ipc.ListenerID) {
	p.bus.mu.Lock()
	defer p.bus.mu.Unlock()
	own := p.bus.pages[page]
	t := own[id]
	if t == nil {
		return
	}
	delete(own, id)
	for i, l := range t.pages {
		if l.page != page {
			continue
		}
		if at := slices.Index(l.ids, id); at >= 0 {
			page.Release(listenerCost(t.name, l.box[at]))
			l.ids = slices.Delete(l.ids, at, at+1)
			l.box = slices.Delete(l.box, at, at+1)
		}
		if len(l.ids) == 0 {
			t.pages = slices.Delete(t.pages, i, i+1)
		}
		break
	}
	p.bus.tidy(t)
}

// Emit implements ipc.Bus.
func (p pages) Emit(page *ipc.Page, event string, target *ipc.Target, payload ipc.Payload) error {
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
	return p.bus.emit(e)
}

// Gone implements ipc.Bus.
func (p pages) Gone(page *ipc.Page) {
	p.bus.mu.Lock()
	defer p.bus.mu.Unlock()
	own := p.bus.pages[page]
	delete(p.bus.pages, page)
	for _, t := range own {
		t.pages = slices.DeleteFunc(t.pages, func(l *pageListener) bool { return l.page == page })
		p.bus.tidy(t)
	}
}
