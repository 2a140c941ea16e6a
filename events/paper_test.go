package events_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"casement/events"
	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

// A paper is a window without JavaScript: it notes the events that Go sends. What Go posts to its UI thread
// waits until run.
type paper struct {
	t        testing.TB
	label    ipc.Label
	endpoint *wire.Endpoint
	key      string
	page     string
	loads    int

	mu    sync.Mutex
	queue []func()
	// hold, if not nil, is called by whoever posts.
	hold func()

	ui     sync.Mutex // held by whoever is the UI thread
	evals  int
	heard  []note
	settle map[uint64]string // what answered a listen or an emit, as the rest of the message
	last   uint64
}

// A note is an event as it reached a page.
type note struct {
	ids     []wire.ListenerID
	payload string
	source  string
}

func (n note) String() string { return fmt.Sprintf("%v %s from %s", n.ids, n.payload, n.source) }

var keyIn = regexp.MustCompile(`"key":"([0-9a-f]{32})"`)

// newPaper opens a window that shows a page.
func newPaper(t testing.TB, bus *events.Bus, label ipc.Label, configure ...func(*wire.EndpointOptions)) *paper {
	t.Helper()
	p := &paper{t: t, label: label, settle: map[uint64]string{}}
	options := wire.EndpointOptions{Label: label, Host: p, Router: new(ipc.Router), Origin: pagetest.Origin, Bus: bus.Pages()}
	for _, f := range configure {
		f(&options)
	}
	endpoint, err := wire.NewEndpoint(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	p.endpoint = endpoint
	p.key = keyIn.FindStringSubmatch(endpoint.Script())[1]
	bus.OpenWindow(label)
	t.Cleanup(func() {
		endpoint.Close()
		endpoint.Wait()
	})
	p.load()
	return p
}

// load begins a page in the place of the one before.
func (p *paper) load() {
	p.ui.Lock()
	defer p.ui.Unlock()
	p.loads++
	p.page = fmt.Sprintf("%016x", p.loads)
	p.receive(`{"kind":"hello"}`, "")
}

func (p *paper) receive(header, body string) {
	p.endpoint.Receive([]byte(p.key + " " + p.page + "\n" + header + "\n" + body + "\n"))
}

// ask sends a message that is settled and returns the id of the answer.
func (p *paper) ask(header, body string) uint64 {
	p.ui.Lock()
	defer p.ui.Unlock()
	p.last++
	p.receive(fmt.Sprintf(`{"id":%d,%s}`, p.last, header), body)
	return p.last
}

// listen sends the wish to hear an event. The target may be empty.
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
	p.receive(fmt.Sprintf(`{"kind":"unlisten","listener":%d}`, id), "")
}

// emit emits an event from the page.
func (p *paper) emit(event, target, payload string) uint64 {
	header := fmt.Sprintf(`"kind":"emit","event":%q`, event)
	if target != "" {
		header += `,"target":` + target
	}
	return p.ask(header, payload)
}

// answer waits for what answers a listen or an emit: "null" if all is well, else the failure as JSON.
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

// Post implements wire.Host.
func (p *paper) Post(f func()) bool {
	if p.hold != nil {
		p.hold()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = append(p.queue, f)
	return true
}

// run runs what is posted until nothing is.
func (p *paper) run() {
	p.ui.Lock()
	defer p.ui.Unlock()
	for {
		p.mu.Lock()
		if len(p.queue) == 0 {
			p.mu.Unlock()
			return
		}
		f := p.queue[0]
		p.queue = p.queue[1:]
		p.mu.Unlock()
		f()
	}
}

// notes returns what has been heard since the last call.
func (p *paper) notes() []note {
	p.run()
	p.ui.Lock()
	defer p.ui.Unlock()
	notes := p.heard
	p.heard = nil
	return notes
}

var unescape = strings.NewReplacer(`\\`, `\`, `\'`, `'`)

// Trusted implements wire.Host.
func (p *paper) Trusted() bool { return true }

// UIThread implements wire.Host.
func (p *paper) UIThread() bool { return false }

// Eval implements wire.Host.
func (p *paper) Eval(script []byte) {
	p.evals++
	text := string(script)
	if at := strings.LastIndex(text, "__ipc.ack(['"); at >= 0 {
		_, n, _ := strings.Cut(strings.TrimSuffix(text[at:], "])"), ",")
		defer p.receive(`{"kind":"ack","scripts":`+n+`}`, "")
		text = text[:at]
	}
	_, text, ok := strings.Cut(text, "__ipc.dispatch(['")
	if !ok {
		return // An acknowledgement.
	}
	page, text, _ := strings.Cut(text, "','")
	text, ok = strings.CutSuffix(text, "']);")
	if page != p.page {
		return
	}
	var batch [][]json.RawMessage
	if err := json.Unmarshal([]byte(unescape.Replace(text)), &batch); err != nil || !ok {
		p.t.Errorf("a batch: %v: %.300s", err, script)
	}
	for _, m := range batch {
		switch string(m[0]) {
		case "6":
			n := note{payload: string(m[2]), source: string(m[3])}
			if err := json.Unmarshal(m[1], &n.ids); err != nil {
				p.t.Errorf("an event: %v: %.300s", err, script)
			}
			p.heard = append(p.heard, n)
		case "0", "2":
			var id uint64
			_ = json.Unmarshal(m[1], &id)
			p.settle[id] = string(m[2])
		}
	}
}
