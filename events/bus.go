package events

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"casement/internal/panics"
	"casement/ipc"
)

// maxPageListeners bounds the listeners of one page. A page that has more of them forgets to unlisten.
const maxPageListeners = 1 << 14

// A Bus carries an app's events. All methods are safe for concurrent use, from listeners too.
//
// Emitting hands the event to the pages' outboxes first, in one step for all of them, so that all windows
// see events in the same order; then it runs Go's listeners, on the emitting goroutine, in the order in
// which they were registered. No lock is held while a listener or a filter runs. One that panics is
// logged and does not stop the rest.
//
// Emit never waits for a page. An event for a page whose backlog is full is an error that wraps
// ipc.ErrBacklog; everybody else hears it all the same.
type Bus struct {
	log *slog.Logger

	mu      sync.Mutex
	last    ID
	windows []ipc.Label // open ones
	names   map[Name]*topic
	// owners finds the topic of a listener.
	owners map[ID]*topic
	pages  map[*ipc.Page]map[ipc.ListenerID]*topic
}

// A topic is all that is known of one name.
type topic struct {
	name      Name
	listeners []*listener     // Go's, in the order of registration
	pages     []*pageListener // likewise, those of one page together
	retained  []retained      // the last of each scope, oldest first
}

// A listener is one of Go's.
type listener struct {
	id      ID
	mailbox mailbox
	once    bool
	window  *ipc.Label // whose closing ends it, nil for the app's
	handle  func(Event)
	over    atomic.Bool
	heard   atomic.Bool // an event that was emitted after it was registered
}

// A pageListener is all that one page listens for under one name.
type pageListener struct {
	page *ipc.Page
	ids  []ipc.ListenerID
	box  []mailbox // of each
}

// A retained event waits for later listeners.
type retained struct {
	scope   scope
	payload ipc.Payload
	source  ipc.Label
}

// A scope says which mailboxes an event is for.
type scope struct {
	all    bool
	target Target
	// accepts holds a filter's answers; nil unless all the rest is zero.
	accepts map[Target]bool
	some    bool // a live target is accepted
}

// includes reports whether a mailbox hears an event of this scope.
func (s scope) includes(m mailbox) bool {
	switch {
	case s.all:
		return true
	case s.accepts != nil:
		return m.any && s.some || !m.any && s.accepts[m.target]
	default:
		return m.any || m.target == s.target
	}
}

// New returns a bus without listeners.
func New(log *slog.Logger) *Bus {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Bus{
		log: log, names: map[Name]*topic{}, owners: map[ID]*topic{},
		pages: map[*ipc.Page]map[ipc.ListenerID]*topic{},
	}
}

// An Option changes how an event is emitted.
type Option func(*emission)

// Retain keeps the event for later listeners: whoever begins to listen is told of the last one that was
// retained for its mailbox.
func Retain(e *emission) { e.retain = true }

// An emission is one emit under way.
type emission struct {
	name    Name
	payload ipc.Payload
	source  ipc.Label
	scope   scope
	retain  bool
}

// Emit emits an event for everybody. The payload is marshalled to JSON, once; a json.RawMessage is taken
// as it is.
func (b *Bus) Emit(name string, payload any, options ...Option) error {
	return b.emitNew(name, payload, scope{all: true}, options)
}

// EmitTo emits an event for the window with this label. It need not be open.
func (b *Bus) EmitTo(label ipc.Label, name string, payload any, options ...Option) error {
	if _, err := ipc.ParseLabel(string(label)); err != nil {
		return err
	}
	return b.emitNew(name, payload, scope{target: Window(label)}, options)
}

// EmitFilter emits an event for the targets that accept returns true for: it is asked about the app,
// every open window and every other mailbox that somebody listens on.
func (b *Bus) EmitFilter(name string, payload any, accept func(Target) bool) error {
	n, err := parseOwn(name)
	if err != nil {
		return err
	}
	p, err := ipc.NewPayload(payload)
	if err != nil {
		return named(name, err)
	}
	return b.emitFiltered(emission{name: n, payload: p}, accept)
}

func (b *Bus) emitNew(name string, payload any, s scope, options []Option) error {
	n, err := parseOwn(name)
	if err != nil {
		return err
	}
	return b.emitPayload(n, payload, s, options)
}

func (b *Bus) emitPayload(n Name, payload any, s scope, options []Option) error {
	p, err := ipc.NewPayload(payload)
	if err != nil {
		return named(string(n), err)
	}
	e := emission{name: n, payload: p, scope: s}
	for _, option := range options {
		option(&e)
	}
	return b.emit(e)
}

// Announce emits one of the shell's own events, under a reserved name, for everybody if the label is
// empty and else for that window.
func (b *Bus) Announce(label ipc.Label, name string, payload any, options ...Option) error {
	return b.emitPayload(Name(Reserved+name), payload, scope{all: label == "", target: Window(label)}, options)
}

// emitFiltered asks a filter about every target there is, without the lock, and emits.
func (b *Bus) emitFiltered(e emission, accept func(Target) bool) error {
	b.mu.Lock()
	live := []Target{App}
	for _, label := range b.windows {
		live = append(live, Window(label))
	}
	others := map[Target]bool{}
	if t := b.names[e.name]; t != nil {
		for _, l := range t.listeners {
			others[l.mailbox.target] = true
		}
		for _, l := range t.pages {
			for _, box := range l.box {
				others[box.target] = true
			}
		}
	}
	b.mu.Unlock()

	e.scope.accepts = map[Target]bool{}
	for _, target := range live {
		ok := accept(target)
		e.scope.accepts[target] = ok
		e.scope.some = e.scope.some || ok
		delete(others, target)
	}
	for target := range others {
		e.scope.accepts[target] = accept(target)
	}
	return b.emit(e)
}

// emit hands an event to the pages and then to Go's listeners.
func (b *Bus) emit(e emission) error {
	var errs []error
	var listeners []*listener
	b.mu.Lock()
	t := b.names[e.name]
	if e.retain {
		t = b.topic(e.name)
		t.retain(e)
	}
	if t != nil {
		for _, l := range t.pages {
			if err := l.tell(e); err != nil {
				errs = append(errs, err)
			}
		}
		for _, l := range t.listeners {
			if e.scope.includes(l.mailbox) {
				l.heard.Store(true)
				listeners = append(listeners, l)
			}
		}
	}
	b.mu.Unlock()
	for _, l := range listeners {
		b.call(l, e)
	}
	return errors.Join(errs...)
}

// tell hands an event to those of a page's listeners that it is for.
func (l *pageListener) tell(e emission) error {
	var few [8]ipc.ListenerID
	ids := few[:0]
	for i, box := range l.box {
		if e.scope.includes(box) {
			ids = append(ids, l.ids[i])
		}
	}
	if len(ids) == 0 {
		return nil
	}
	m := ipc.NewEvent(ids, e.payload, e.source)
	defer m.Free()
	err := l.page.TrySend(m)
	if err == nil || errors.Is(err, ipc.ErrPageGone) {
		return nil // A page that has gone has no listeners.
	}
	return fmt.Errorf("events: %s for window %q: %w", e.name, l.page.Window(), err)
}

// call runs a listener.
func (b *Bus) call(l *listener, e emission) {
	if l.once {
		if !l.over.CompareAndSwap(false, true) {
			return
		}
		b.Unlisten(l.id)
	} else if l.over.Load() {
		return
	}
	defer func() {
		if v := recover(); v != nil {
			b.log.Error("a listener panicked", append([]any{"event", e.name}, panics.Attributes(v)...)...)
		}
	}()
	l.handle(Event{Name: string(e.name), ID: l.id, Source: e.source, payload: e.payload.JSON()})
}

// retain keeps an event in the place of the last one of the same scope.
func (t *topic) retain(e emission) {
	t.retained = slices.DeleteFunc(t.retained, func(r retained) bool {
		return r.scope.all == e.scope.all && r.scope.target == e.scope.target
	})
	t.retained = append(t.retained, retained{e.scope, e.payload, e.source})
}

// last returns the newest retained event that a mailbox hears.
func (t *topic) lastFor(m mailbox) (emission, bool) {
	for _, r := range slices.Backward(t.retained) {
		if r.scope.includes(m) {
			return emission{name: t.name, payload: r.payload, source: r.source, scope: r.scope}, true
		}
	}
	return emission{}, false
}

// topic returns the topic of a name.
func (b *Bus) topic(name Name) *topic {
	t := b.names[name]
	if t == nil {
		t = &topic{name: name}
		b.names[name] = t
	}
	return t
}

// tidy forgets a topic that nobody needs.
func (b *Bus) tidy(t *topic) {
	if len(t.listeners) == 0 && len(t.pages) == 0 && len(t.retained) == 0 {
		delete(b.names, t.name)
	}
}

// Listen calls handle with each event of this name that is for the app, until Unlisten. Handle runs on the
// goroutines that emit, so it may run several times at once. It may emit, listen and unlisten.
func (b *Bus) Listen(name string, handle func(Event)) (ID, error) {
	return b.add(name, &listener{handle: handle})
}

// Once is Listen for one event only.
func (b *Bus) Once(name string, handle func(Event)) (ID, error) {
	return b.add(name, &listener{handle: handle, once: true})
}

// ListenAny is Listen for events that are for anybody.
func (b *Bus) ListenAny(name string, handle func(Event)) (ID, error) {
	return b.add(name, &listener{handle: handle, mailbox: mailbox{any: true}})
}

// ListenWindow is Listen for the events that are for a window, until Unlisten or CloseWindow.
func (b *Bus) ListenWindow(label ipc.Label, name string, handle func(Event)) (ID, error) {
	return b.add(name, &listener{handle: handle, mailbox: mailbox{target: Window(label)}, window: &label})
}

// OnceWindow is ListenWindow for one event only.
func (b *Bus) OnceWindow(label ipc.Label, name string, handle func(Event)) (ID, error) {
	return b.add(name, &listener{handle: handle, mailbox: mailbox{target: Window(label)}, window: &label, once: true})
}

func (b *Bus) add(name string, l *listener) (ID, error) {
	n, err := ParseName(name)
	if err != nil {
		return 0, err
	}
	b.mu.Lock()
	if l.window != nil && !slices.Contains(b.windows, *l.window) {
		b.mu.Unlock()
		return 0, fmt.Errorf("events: window %q is not open", *l.window)
	}
	t := b.topic(n)
	b.last++
	l.id = b.last
	t.listeners = append(t.listeners, l)
	b.owners[l.id] = t
	e, kept := t.lastFor(l.mailbox)
	b.mu.Unlock()
	// What was emitted in the meantime is newer.
	if kept && !l.heard.Swap(true) {
		b.call(l, e)
	}
	return l.id, nil
}

// Unlisten ends a listener at once: when it returns, the listener is not called again, though a call may
// still be under way on another goroutine. It reports whether there was such a listener.
func (b *Bus) Unlisten(id ID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.owners[id]
	if t == nil {
		return false
	}
	delete(b.owners, id)
	at := slices.IndexFunc(t.listeners, func(l *listener) bool { return l.id == id })
	t.listeners[at].over.Store(true)
	t.listeners = slices.Delete(t.listeners, at, at+1)
	b.tidy(t)
	return true
}

// OpenWindow makes a window's mailbox a live one.
func (b *Bus) OpenWindow(label ipc.Label) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.Contains(b.windows, label) {
		b.windows = append(b.windows, label)
	}
}

// CloseWindow ends a window's mailbox, Go's listeners on it and what was retained for it.
func (b *Bus) CloseWindow(label ipc.Label) {
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
