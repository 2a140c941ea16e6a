package events

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"casement/internal/names"
	"casement/internal/panics"
	"casement/internal/wire"
	"casement/ipc"
)

// maxPageListeners bounds the listeners of one page. A page with more of them leaks listeners.
const maxPageListeners = 1 << 14

// A Bus carries an app's events. All methods are safe for concurrent use, from listeners too.
//
// An emit first puts the event into the pages' outboxes, in one step for all of them, so that all
// windows receive events in the same order. Then it calls Go's listeners on the emitting goroutine,
// in the order of their registration. No lock is held during a call of a listener or a filter. A
// panic of a listener is logged, and the next listener is called.
//
// Emit never waits for a page. If a page's outbox is full, the event is dropped for that page, and
// the error wraps ipc.ErrBacklog. All other listeners receive the event.
type Bus struct {
	log *slog.Logger

	mu      sync.Mutex
	last    ID
	windows []ipc.Label // open ones
	names   map[Name]*topic
	// owners maps each of Go's listeners to its topic.
	owners map[ID]*topic
	pages  map[*wire.Page]map[wire.ListenerID]*topic
}

// New returns a bus without listeners, and the shell's view of the same bus. The shell calls New
// for each app.
func New(log *slog.Logger) (*Bus, wire.AppBus) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	b := &Bus{
		log: log, names: map[Name]*topic{}, owners: map[ID]*topic{},
		pages: map[*wire.Page]map[wire.ListenerID]*topic{},
	}
	return b, link{b}
}

// An emission is one emit in progress.
type emission struct {
	name    Name
	payload wire.Payload
	source  ipc.Label
	scope   scope
	retain  bool
}

// Emit emits an event for all targets. The payload is marshalled to JSON once. A json.RawMessage is
// sent unchanged.
func (b *Bus) Emit(name string, payload any, options ...Option) error {
	return b.emitNew(name, payload, scope{all: true}, options)
}

// EmitTo emits an event for the window with this label, which need not be open.
func (b *Bus) EmitTo(label ipc.Label, name string, payload any, options ...Option) error {
	if err := names.Label(string(label)); err != nil {
		return err
	}
	return b.emitNew(name, payload, scope{target: Window(label)}, options)
}

// EmitFilter emits an event for the targets that accept accepts. It calls accept for the app, every
// open window and every other target that has a listener for the event.
func (b *Bus) EmitFilter(name string, payload any, accept func(Target) bool) error {
	n, err := parseOwn(name)
	if err != nil {
		return err
	}
	p, err := wire.NewPayload(payload)
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
	p, err := wire.NewPayload(payload)
	if err != nil {
		return named(string(n), err)
	}
	e := emission{name: n, payload: p, scope: s}
	for _, option := range options {
		option.apply(&e)
	}
	return b.emit(e)
}

// emitFiltered calls a filter for every target, without the lock, and emits.
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

// emit delivers an event to the pages and then to Go's listeners.
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
			if err := l.deliver(e); err != nil {
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

// call calls a listener.
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

// topic returns the topic of a name. It creates it if there is none.
func (b *Bus) topic(name Name) *topic {
	t := b.names[name]
	if t == nil {
		t = &topic{name: name}
		b.names[name] = t
	}
	return t
}

// tidy removes a topic without listeners and retained events.
func (b *Bus) tidy(t *topic) {
	if len(t.listeners) == 0 && len(t.pages) == 0 && len(t.retained) == 0 {
		delete(b.names, t.name)
	}
}

// Listen calls handle with each event of this name for the app, until Unlisten. handle runs on the
// emitting goroutines, so calls may be concurrent. It may emit, listen and unlisten.
func (b *Bus) Listen(name string, handle func(Event)) (ID, error) {
	return b.add(name, &listener{handle: handle})
}

// Once is Listen for one event only.
func (b *Bus) Once(name string, handle func(Event)) (ID, error) {
	return b.add(name, &listener{handle: handle, once: true})
}

// ListenAny is Listen for the events of all targets.
func (b *Bus) ListenAny(name string, handle func(Event)) (ID, error) {
	return b.add(name, &listener{handle: handle, mailbox: mailbox{any: true}})
}

// ListenWindow is Listen for the events of a window, until Unlisten or until the window closes. It
// returns an error if the window is not open.
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
	// An event that was emitted in the meantime is newer.
	if kept && !l.heard.Swap(true) {
		b.call(l, e)
	}
	return l.id, nil
}

// Unlisten removes a listener. When it returns, no new call of the listener begins, but a call may
// still be running on another goroutine. It reports whether the listener existed.
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
