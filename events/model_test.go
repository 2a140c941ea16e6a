package events_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"casement/events"
	"casement/internal/wire"
	"casement/ipc"
)

// A box is a mailbox in the models: "app", "any" or a window's label.
type box string

const (
	appBox box = "app"
	anyBox box = "any"
)

// target returns the JSON with which a page names the box.
func (b box) target() string {
	switch b {
	case appBox:
		return `{"kind":"App"}`
	case anyBox:
		return `{"kind":"Any"}`
	}
	return fmt.Sprintf(`{"kind":"Window","label":%q}`, b)
}

func boxOf(t events.Target) box {
	if t.IsApp() {
		return appBox
	}
	return box(t.Label)
}

// An aim is the target of an event in the models.
type aim struct {
	all bool
	to  box
	// accepted are the boxes that a filter accepts; nil without a filter.
	accepted []box
}

// reaches implements the table of the specification. open are the open windows.
func (a aim) reaches(b box, open []box) bool {
	switch {
	case a.all:
		return true
	case a.accepted == nil:
		return b == anyBox || b == a.to
	case b == anyBox:
		return slices.ContainsFunc(a.accepted, func(b box) bool { return b == appBox || slices.Contains(open, b) })
	default:
		return slices.Contains(a.accepted, b)
	}
}

// randomAim returns a random aim at some of boxes.
func randomAim(random *rand.Rand, boxes []box) aim {
	switch random.IntN(4) {
	case 0:
		return aim{all: true}
	case 1:
		return aim{to: boxes[random.IntN(len(boxes))]}
	case 2:
		accepted := []box{}
		for _, b := range append([]box{appBox}, boxes...) {
			if random.IntN(2) == 0 {
				accepted = append(accepted, b)
			}
		}
		return aim{accepted: accepted}
	default:
		return aim{to: boxes[0]}
	}
}

// emit emits with an aim. Only a page can aim at the app; Go uses a filter for that.
func (a aim) emit(b *events.Bus, name string, payload any, options ...events.Option) error {
	switch {
	case a.all:
		return b.Emit(name, payload, options...)
	case a.accepted != nil:
		return b.EmitFilter(name, payload, func(t events.Target) bool { return slices.Contains(a.accepted, boxOf(t)) })
	default:
		return b.EmitTo(ipc.Label(a.to), name, payload, options...)
	}
}

// A bookListener is a Go listener of the sequential model.
type bookListener struct {
	id     events.ID
	tag    int
	name   string
	box    box
	window box // its closing removes the listener
	once   bool
}

// A book is the sequential model: the state of a bus that one goroutine uses.
type book struct {
	listeners []bookListener
	open      []box
	retained  []struct {
		name    string
		aim     aim
		payload int
	}
	heard []string
}

func (m *book) emit(name string, a aim, payload int) {
	for _, l := range slices.Clone(m.listeners) {
		if l.name == name && a.reaches(l.box, m.open) {
			m.heard = append(m.heard, fmt.Sprint(l.tag, " hears ", payload))
			if l.once {
				m.drop(l.id)
			}
		}
	}
}

func (m *book) drop(id events.ID) {
	m.listeners = slices.DeleteFunc(m.listeners, func(l bookListener) bool { return l.id == id })
}

// TestABusDoesWhatTheModelSays runs random sequences of all operations on one goroutine and
// compares the received events, in order. It would pass vacuously if hardly any were received, so
// they are counted.
func TestABusDoesWhatTheModelSays(t *testing.T) {
	t.Parallel()
	heard := 0
	for seed := range uint64(150) {
		random := rand.New(rand.NewPCG(seed, 1))
		b := events.NewBus(nil)
		var m book
		var got []string
		tags := 0
		names, labels := []string{"x", "y"}, []box{"a", "b", "c"}
		listen := func() {
			tags++
			tag := tags
			l := bookListener{tag: tag, name: names[random.IntN(2)], once: random.IntN(4) == 0}
			handle := func(e events.Event) { got = append(got, fmt.Sprint(tag, " hears ", string(e.Payload()))) }
			var err error
			switch at := random.IntN(5); {
			case at == 0:
				l.box, l.once = anyBox, false
				l.id, err = b.ListenAny(l.name, handle)
			case at == 1 && l.once:
				l.box = appBox
				l.id, err = b.Once(l.name, handle)
			case at == 1:
				l.box = appBox
				l.id, err = b.Listen(l.name, handle)
			default:
				l.box = labels[at-2]
				l.window = l.box
				if l.once {
					l.id, err = b.OnceWindow(ipc.Label(l.box), l.name, handle)
				} else {
					l.id, err = b.ListenWindow(ipc.Label(l.box), l.name, handle)
				}
				if open := slices.Contains(m.open, l.box); open != (err == nil) {
					t.Fatalf("seed %d: listening on a window that is open: %v, gives %v", seed, open, err)
				} else if !open {
					return
				}
			}
			check(t, err)
			for _, r := range slices.Backward(m.retained) {
				if r.name == l.name && r.aim.reaches(l.box, m.open) {
					m.heard = append(m.heard, fmt.Sprint(tag, " hears ", r.payload))
					if l.once {
						return
					}
					break
				}
			}
			m.listeners = append(m.listeners, l)
		}
		for step := range 120 {
			switch random.IntN(10) {
			case 0, 1, 2:
				listen()
			case 3:
				if n := len(m.listeners); n > 0 {
					id := m.listeners[random.IntN(n)].id
					if !b.Unlisten(id) || b.Unlisten(id) {
						t.Fatalf("seed %d: Unlisten returns a wrong result", seed)
					}
					m.drop(id)
				}
			case 4:
				label := labels[random.IntN(3)]
				if at := slices.Index(m.open, label); at < 0 {
					b.OpenWindow(ipc.Label(label))
					m.open = append(m.open, label)
				} else {
					b.CloseWindow(ipc.Label(label))
					m.open = slices.Delete(m.open, at, at+1)
					m.listeners = slices.DeleteFunc(m.listeners, func(l bookListener) bool { return l.window == label })
					for i := len(m.retained) - 1; i >= 0; i-- {
						if m.retained[i].aim.to == label {
							m.retained = slices.Delete(m.retained, i, i+1)
						}
					}
				}
			default:
				name, a := names[random.IntN(2)], randomAim(random, labels)
				var options []events.Option
				if a.accepted == nil && random.IntN(4) == 0 {
					options = append(options, events.Retain())
					for i := len(m.retained) - 1; i >= 0; i-- {
						if r := m.retained[i]; r.name == name && r.aim.all == a.all && r.aim.to == a.to {
							m.retained = slices.Delete(m.retained, i, i+1)
						}
					}
					m.retained = append(m.retained, struct {
						name    string
						aim     aim
						payload int
					}{name, a, step})
				}
				m.emit(name, a, step)
				check(t, a.emit(b, name, step, options...))
			}
			if !slices.Equal(got, m.heard) {
				t.Fatalf("seed %d, step %d: heard\n%s\nwant\n%s", seed, step, strings.Join(got, "\n"), strings.Join(m.heard, "\n"))
			}
		}
		if c := b.Census(); c.Listeners != len(m.listeners) || c.Retained != len(m.retained) || c.Windows != len(m.open) {
			t.Errorf("seed %d: %+v, the model has %d, %d and %d", seed, c, len(m.listeners), len(m.retained), len(m.open))
		}
		heard += len(got)
	}
	if heard < 150*30 {
		t.Errorf("only %d events were received", heard)
	}
}

// never is the end of a listener that is not removed.
const never = math.MaxInt64

// A crowd is a bus with concurrent users, and the record of their operations. Times are readings of
// a counter: if one operation ended before another began, their order is certain; if they overlap,
// either order is right.
type crowd struct {
	bus    *events.Bus
	papers []*paper
	clock  atomic.Int64
	lastID atomic.Int64

	mu        sync.Mutex
	listeners []*witness
	events    map[int]*happening
}

// A witness is a listener and the record of its events.
type witness struct {
	name        string
	box         box
	once        bool
	paper       *paper
	id          wire.ListenerID // of a page's listener
	from, known int64           // when listening began, and when it was certain
	leave, gone int64           // when its removal began, and when it was certain
	lost        bool            // with its page, whose queued events are lost

	mu    sync.Mutex
	heard map[int]int
}

func (w *witness) hear(id int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard[id]++
}

// A happening is an event and the time of its emit.
type happening struct {
	id         int
	name       string
	aim        aim
	begin, end int64
}

func (c *crowd) emit(name string, a aim) {
	e := &happening{id: int(c.lastID.Add(1)), name: name, aim: a}
	c.mu.Lock()
	c.events[e.id] = e
	c.mu.Unlock()
	e.begin = c.clock.Add(1)
	if err := a.emit(c.bus, name, e.id); err != nil {
		panic(err)
	}
	e.end = c.clock.Add(1)
}

// emitFrom emits from a page. Nothing waits for it, so it may take effect at any later time.
func (c *crowd) emitFrom(p *paper, name string, a aim) {
	e := &happening{id: int(c.lastID.Add(1)), name: name, aim: a, end: never}
	c.mu.Lock()
	c.events[e.id] = e
	c.mu.Unlock()
	target := ""
	if !a.all {
		target = a.to.target()
	}
	e.begin = c.clock.Add(1)
	p.emit(name, target, fmt.Sprint(e.id))
}

func (c *crowd) add(w *witness) *witness {
	w.heard, w.leave, w.gone = map[int]int{}, never, never
	c.mu.Lock()
	c.listeners = append(c.listeners, w)
	c.mu.Unlock()
	return w
}

// person runs the operations of one goroutine. Persons below the number of windows own one window
// each.
func (c *crowd) person(random *rand.Rand, at, steps int) {
	type listener struct {
		*witness
		id events.ID
	}
	var own []listener
	var pages []*witness
	var paper *paper
	if at < len(c.papers) {
		paper = c.papers[at]
	}
	names, labels := []string{"x", "y", "z"}, []box{"w0", "w1", "w2", "ghost"}
	var lastID wire.ListenerID
	for range steps {
		name := names[random.IntN(3)]
		switch op := random.IntN(12); {
		case op < 3:
			w := c.add(&witness{name: name, once: random.IntN(3) == 0, from: c.clock.Add(1)})
			nested := name == "x" && random.IntN(4) == 0
			inner := randomAim(random, labels)
			handle := func(e events.Event) {
				var id int
				if err := e.Unmarshal(&id); err != nil {
					panic(err)
				}
				w.hear(id)
				if nested {
					c.emit("z", inner)
				}
			}
			var id events.ID
			var err error
			switch kind := random.IntN(5); {
			case kind == 0:
				w.box, w.once = anyBox, false
				id, err = c.bus.ListenAny(name, handle)
			case kind == 1 && w.once:
				w.box = appBox
				id, err = c.bus.Once(name, handle)
			case kind == 1:
				w.box = appBox
				id, err = c.bus.Listen(name, handle)
			case w.once:
				w.box = labels[kind-2]
				id, err = c.bus.OnceWindow(ipc.Label(w.box), name, handle)
			default:
				w.box = labels[kind-2]
				id, err = c.bus.ListenWindow(ipc.Label(w.box), name, handle)
			}
			if err != nil {
				panic(err)
			}
			w.known = c.clock.Add(1)
			own = append(own, listener{w, id})
		case op < 5 && len(own) > 0:
			i := random.IntN(len(own))
			l := own[i]
			own = slices.Delete(own, i, i+1)
			l.leave = c.clock.Add(1)
			if there := c.bus.Unlisten(l.id); !there && !l.once {
				panic("a listener is gone although it was not unlistened")
			}
			l.gone = c.clock.Add(1)
		case op < 7 && paper != nil:
			lastID++
			w := c.add(&witness{name: name, paper: paper, id: lastID, box: append(labels, anyBox, appBox)[random.IntN(6)]})
			w.from = c.clock.Add(1)
			paper.listen(w.id, name, w.box.target())
			w.known = c.clock.Add(1)
			pages = append(pages, w)
		case op == 7 && len(pages) > 0:
			i := random.IntN(len(pages))
			w := pages[i]
			pages = slices.Delete(pages, i, i+1)
			w.leave = c.clock.Add(1)
			paper.unlisten(w.id)
			w.gone = c.clock.Add(1)
		case op == 8 && paper != nil && random.IntN(10) == 0:
			paper.run() // Deliver the queued events of removed listeners.
			leave := c.clock.Add(1)
			paper.load()
			gone := c.clock.Add(1)
			for _, w := range pages {
				w.leave, w.gone, w.lost = leave, gone, true
			}
			pages = nil
		case op == 9 && paper != nil:
			a := randomAim(random, labels)
			if a.accepted == nil {
				c.emitFrom(paper, name, a)
			}
		case op == 10 && paper != nil:
			paper.run()
		default:
			c.emit(name, randomAim(random, labels))
		}
	}
}

// verdict compares the received events with those that may and must have been received.
func (c *crowd) verdict(t *testing.T, open []box) (heard int) {
	t.Helper()
	for _, w := range c.listeners {
		must, total := 0, 0
		for id, e := range c.events {
			n := w.heard[id]
			total += n
			certain := w.known < e.begin && e.end < w.leave && !w.lost
			switch {
			case e.name != w.name, !e.aim.reaches(w.box, open):
				if n > 0 {
					t.Errorf("a listener on %q for %s received %+v", w.box, w.name, e)
				}
				continue
			case n > 1:
				t.Errorf("a listener received %+v %d times", e, n)
			case n == 1 && (e.end < w.from || e.begin > w.gone):
				t.Errorf("a listener of %d to %d received %+v", w.from, w.gone, e)
			case n == 0 && certain && !w.once:
				t.Errorf("a listener on %q of %d to %d missed %+v", w.box, w.known, w.leave, e)
			}
			if certain {
				must++
			}
		}
		if w.once && (total > 1 || total == 0 && must > 0) {
			t.Errorf("a once received %d events, of %d possible ones", total, must)
		}
		heard += total
	}
	return heard
}

// TestManyAtOnceDoWhatTheModelSays runs random sequences on several goroutines. The seed determines
// the sequences, but not how they interleave, and the model does not depend on that. It would pass
// vacuously if no listener had to receive an event, so the received events are counted.
func TestManyAtOnceDoWhatTheModelSays(t *testing.T) {
	t.Parallel()
	const persons, steps = 6, 150
	heard := 0
	for seed := range uint64(12) {
		c := &crowd{bus: events.NewBus(nil), events: map[int]*happening{}}
		open := []box{"w0", "w1", "w2"}
		for _, label := range open {
			c.papers = append(c.papers, newPaper(t, c.bus, ipc.Label(label)))
		}
		var all sync.WaitGroup
		for at := range persons {
			random := rand.New(rand.NewPCG(seed, uint64(at)))
			all.Go(func() { c.person(random, at, steps) })
		}
		all.Wait()
		for _, p := range c.papers {
			p.Endpoint.Page() // All its emits are handled when a later one is settled.
			p.answer(p.emit("end", "", "0"))
		}
		var orders [][]int
		for _, p := range c.papers {
			known := map[wire.ListenerID]*witness{}
			for _, w := range c.listeners {
				if w.paper == p {
					known[w.id] = w
				}
			}
			var order []int
			for _, n := range p.notes() {
				var id int
				_, _ = fmt.Sscan(n.payload, &id)
				order = append(order, id)
				if !slices.IsSorted(n.ids) {
					t.Errorf("seed %d: a page's listeners are not in the order of registration: %v", seed, n.ids)
				}
				for _, listener := range n.ids {
					known[listener].hear(id)
				}
			}
			orders = append(orders, order)
		}
		heard += c.verdict(t, open)
		c.oneOrder(t, orders)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if heard < 12*1000 {
		t.Errorf("only %d events were received", heard)
	}
}

// oneOrder checks that all windows agree on the order, and that an event whose emit ended before
// another's began comes first.
func (c *crowd) oneOrder(t *testing.T, orders [][]int) {
	t.Helper()
	for _, order := range orders {
		latest := int64(0) // the latest start so far
		for _, id := range order {
			e := c.events[id]
			if e.end < latest {
				t.Errorf("%+v comes after an event that began at %d", e, latest)
			}
			latest = max(latest, e.begin)
		}
	}
	for i, one := range orders {
		for _, other := range orders[i+1:] {
			left := slices.DeleteFunc(slices.Clone(one), func(id int) bool { return !slices.Contains(other, id) })
			right := slices.DeleteFunc(slices.Clone(other), func(id int) bool { return !slices.Contains(one, id) })
			if !slices.Equal(left, right) {
				t.Errorf("two windows received different orders:\n%v\n%v", left, right)
			}
		}
	}
}
