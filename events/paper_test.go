package events_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"casement/events"
	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

// A paper is a window without JavaScript that records the events from Go. Functions that Go posts
// to its UI thread wait for run. It is safe for concurrent use.
type paper struct {
	*pagetest.Paper
	t     testing.TB
	label ipc.Label

	ui     sync.Mutex // held by the UI thread
	heard  []note
	settle map[uint64]string // the answer to a listen or an emit: the rest of the message
	last   uint64
}

// A note is an event as a page received it.
type note struct {
	ids     []wire.ListenerID
	payload string
	source  string
}

func (n note) String() string { return fmt.Sprintf("%v %s from %s", n.ids, n.payload, n.source) }

// newPaper opens a window with a page.
func newPaper(t testing.TB, bus *events.Bus, label ipc.Label, configure ...func(*wire.EndpointOptions)) *paper {
	t.Helper()
	bus.OpenWindow(label)
	p := &paper{t: t, label: label, settle: map[uint64]string{}}
	configure = append([]func(*wire.EndpointOptions){
		func(o *wire.EndpointOptions) { o.Label, o.Bus = label, bus.Pages() },
	}, configure...)
	p.Paper = pagetest.NewPaper(t, new(ipc.Router), configure...)
	return p
}

// load starts a new page in place of the current one.
func (p *paper) load() {
	p.ui.Lock()
	defer p.ui.Unlock()
	p.Load()
}

// ask sends a message with an answer, and returns the answer's id.
func (p *paper) ask(header, body string) uint64 {
	p.ui.Lock()
	defer p.ui.Unlock()
	p.last++
	p.Receive(fmt.Sprintf(`{"id":%d,%s}`, p.last, header), body)
	return p.last
}

// listen sends a request to listen. target may be empty.
func (p *paper) listen(id wire.ListenerID, event, target string) uint64 {
	header := fmt.Sprintf(`"kind":"listen","listener":%d,"event":%q`, id, event)
	if target != "" {
		header += `,"target":` + target
	}
	return p.ask(header, "")
}

func (p *paper) unlisten(id wire.ListenerID) {
	p.ui.Lock()
	defer p.ui.Unlock()
	p.Receive(fmt.Sprintf(`{"kind":"unlisten","listener":%d}`, id), "")
}

// emit emits an event from the page.
func (p *paper) emit(event, target, payload string) uint64 {
	header := fmt.Sprintf(`"kind":"emit","event":%q`, event)
	if target != "" {
		header += `,"target":` + target
	}
	return p.ask(header, payload)
}

// answer waits for the answer to a listen or an emit: "null" on success, otherwise the failure as
// JSON.
func (p *paper) answer(id uint64) string {
	p.t.Helper()
	var text string
	pagetest.Until(p.t, "an answer", func() bool {
		p.run()
		p.ui.Lock()
		defer p.ui.Unlock()
		text = p.settle[id]
		return text != ""
	})
	return text
}

// run runs posted functions until none is left, and records the events that arrived.
func (p *paper) run() {
	p.ui.Lock()
	defer p.ui.Unlock()
	p.Run()
	for _, m := range p.Got {
		switch string(m[0]) {
		case "6":
			n := note{payload: string(m[2]), source: string(m[3])}
			if err := json.Unmarshal(m[1], &n.ids); err != nil {
				p.t.Errorf("an event: %v: %s", err, m)
			}
			p.heard = append(p.heard, n)
		case "0", "2":
			var id uint64
			_ = json.Unmarshal(m[1], &id)
			p.settle[id] = string(m[2])
		}
	}
	p.Got = nil
}

// notes returns the events received since the last call.
func (p *paper) notes() []note {
	p.run()
	p.ui.Lock()
	defer p.ui.Unlock()
	notes := p.heard
	p.heard = nil
	return notes
}
