package wire

import (
	"container/list"
	"context"
	"strconv"
	"sync"
	"time"

	"casement/internal/codec"
	"casement/ipc"
)

// An outbox is one page's lane: whatever Go sends the page goes through it, in order, packed into as
// few scripts as fit and with what doesn't fit split over several.
//
// Senders append under the lock; one drain at a time, on the UI thread, evaluates. The backlog is
// bounded: a sender waits for room or is told that there is none. Those who wait are served in the order in
// which they came, whatever the size of what they send: while one waits there is no room for anybody else.
type outbox struct {
	host      Host
	page      PageID
	guard     string // begins a script, "if(…){", that may meet a document which is not the app's
	maxScript int    // bytes of messages in a script, at most: see room
	limit     int    // bytes of backlog

	mu      sync.Mutex
	queue   []*batch  // oldest first
	backlog int       // bytes in queue
	waiters list.List // *waiter, for room, the first to come first
	waiting int       // bytes of those that nobody waits for
	posted  bool      // a drain is under way
	err     error

	flight flight

	drainFunc func() // drain, made once
}

const (
	// drainSlice bounds how long one drain keeps the UI thread.
	drainSlice = 4 * time.Millisecond
	// minPiece is what a script holds of a message even where a long origin leaves it no room.
	minPiece = 64
)

// A waiter is a message, or scripts, that wait for room.
type waiter struct {
	m       *Message
	scripts []string
	size    int
	// done is closed when they are in the queue, or never will be. If it is nil nobody waits, and the message is the
	// waiter's own.
	done chan struct{}
	// then is called, if it is not nil, when they are in the queue, without the lock.
	then func()
	err  error // why they never will be; set before done is closed

	place *list.Element // in the line; nil once the waiter has been served
}

func newOutbox(host Host, page PageID, guard string, maxScript, limit int) *outbox {
	room := max(maxScript-scriptOverhead-len(guard), minPiece)
	o := &outbox{host: host, page: page, guard: guard, maxScript: room, limit: limit, flight: newFlight()}
	o.drainFunc = o.drain
	return o
}

// put appends a message, waiting for room until ctx is done, or not at all on the UI thread. The message is copied or,
// if it is large, kept.
func (o *outbox) put(ctx context.Context, m *Message) error {
	w, err := o.offer(m, nil, m.Size(), func() *waiter { return &waiter{done: make(chan struct{})} })
	if w == nil {
		return err
	}
	if o.host.UIThread() && !o.leave(w) {
		return ipc.ErrUIThread
	}
	select {
	case <-w.done:
		return w.err
	case <-ctx.Done():
	}
	if o.leave(w) {
		<-w.done // It has been served at this very moment.
		return w.err
	}
	return ctx.Err()
}

// tryPut appends a message if there is room, and returns ipc.ErrBacklog if there is none. Where others wait, the message gets in
// line behind them.
func (o *outbox) tryPut(m *Message) error {
	size := m.Size()
	_, err := o.offer(m, nil, size, func() *waiter {
		if o.backlog+o.waiting+size > o.limit {
			return nil
		}
		m.hold()
		return new(waiter)
	})
	return err
}

// putLater appends a message as soon as there is room, behind all who wait, and then calls then, if that is not nil. It
// does not wait, and takes the message over. It is for what has a bound elsewhere.
func (o *outbox) putLater(m *Message, then func()) error {
	w, err := o.offer(m, nil, m.Size(), func() *waiter { return &waiter{then: then} })
	if w == nil {
		m.Free()
		if err == nil && then != nil {
			then()
		}
	}
	return err
}

// putAnswer is putLater for what a page can cause at will. Such messages may come to as much as the backlog; a page that
// floods us and does not listen gets no more.
func (o *outbox) putAnswer(m *Message) {
	size := m.Size()
	w, _ := o.offer(m, nil, size, func() *waiter { // An error means that the page gets none.
		if o.waiting+size+costScript > o.limit {
			return nil
		}
		return new(waiter)
	})
	if w == nil {
		m.Free()
	}
}

// putScripts appends scripts that are evaluated as they are, with nothing in between. It returns ipc.ErrBacklog if there is no
// room for all of them. Where others wait, they get in line behind them.
func (o *outbox) putScripts(scripts ...string) error {
	size := 0
	for _, script := range scripts {
		size += len(script) + costScript
	}
	_, err := o.offer(nil, scripts, size, func() *waiter {
		if o.backlog+o.waiting+size > o.limit {
			return nil
		}
		return new(waiter)
	})
	return err
}

// offer appends a message, or scripts, if the backlog stays within its limit and nobody waits. If not, they wait in line as
// the waiter that wait returns, or offer returns ipc.ErrBacklog if that is nil. An empty backlog takes anything.
func (o *outbox) offer(m *Message, scripts []string, size int, wait func() *waiter) (*waiter, error) {
	o.mu.Lock()
	if o.err != nil {
		defer o.mu.Unlock()
		return nil, o.err
	}
	if o.waiters.Len() > 0 || !o.fits(size) {
		defer o.mu.Unlock()
		w := wait()
		if w == nil {
			return nil, ipc.ErrBacklog
		}
		w.m, w.scripts, w.size = m, scripts, size
		w.place = o.waiters.PushBack(w)
		if w.done == nil {
			o.waiting += w.size + costScript
		}
		return w, nil
	}
	o.enter(m, scripts)
	post := o.needsDrain()
	o.mu.Unlock()
	if post {
		o.host.Post(o.drainFunc)
	}
	return nil, nil
}

// enter appends a message or scripts to the queue. The lock must be held.
func (o *outbox) enter(m *Message, scripts []string) {
	if m != nil {
		o.append(m)
		return
	}
	for _, script := range scripts {
		b := &batch{text: []byte(script), raw: true}
		o.queue = append(o.queue, b)
		o.backlog += b.cost()
	}
}

// fits reports whether the backlog has room for so many bytes.
func (o *outbox) fits(size int) bool { return o.backlog == 0 || o.backlog+size <= o.limit }

// leave takes a waiter out of the line, and lets in those whom it has held up. It reports whether the waiter has been
// served already.
func (o *outbox) leave(w *waiter) (served bool) {
	o.mu.Lock()
	if w.place == nil {
		o.mu.Unlock()
		return true
	}
	o.waiters.Remove(w.place)
	then := o.serve()
	post := o.needsDrain()
	o.mu.Unlock()
	call(then)
	if post {
		o.host.Post(o.drainFunc)
	}
	return false
}

// serve lets in those who wait, as far as there is room, and returns what is to be called without the lock.
func (o *outbox) serve() (then []func()) {
	for o.waiters.Len() > 0 {
		first := o.waiters.Front()
		w := first.Value.(*waiter)
		if !o.fits(w.size) {
			break
		}
		o.waiters.Remove(first)
		w.place = nil
		o.enter(w.m, w.scripts)
		if w.done != nil {
			close(w.done)
			continue
		}
		o.waiting -= w.size + costScript
		if w.m != nil {
			w.m.Free()
		}
		if w.then != nil {
			then = append(then, w.then)
		}
	}
	return then
}

func call(functions []func()) {
	for _, f := range functions {
		f()
	}
}

// append adds a message to the last batch or, if it doesn't fit there, to a new one.
func (o *outbox) append(m *Message) {
	if m.Size() > o.flight.room(o.maxScript) {
		o.appendSplit(m)
		return
	}
	var last *batch
	if len(o.queue) > 0 {
		last = o.queue[len(o.queue)-1]
	}
	if last == nil || !last.open() || last.size()+m.Size() > o.flight.room(o.maxScript) {
		last = o.push()
	}
	before := last.cost()
	last.add(m)
	o.backlog += last.cost() - before
}

// push appends an empty batch.
func (o *outbox) push() *batch {
	b := batches.Get().(*batch)
	o.queue = append(o.queue, b)
	return b
}

// appendSplit appends a message that is larger than a script: pieces that point into the message, and
// behind them a batch that begins with what is left of it.
func (o *outbox) appendSplit(m *Message) {
	m.hold()
	piece := func(size int, open string, text []byte) *batch {
		prefix := "__ipc.part(['" + string(o.page) + "'," + strconv.Itoa(size) + ",'" + open
		b := &batch{text: text, prefix: prefix}
		o.queue = append(o.queue, b)
		o.backlog += b.cost()
		return b
	}
	var last *batch
	defer func() { last.last = m }()
	if m.bytes {
		// Four base64 digits are three bytes: each piece decodes by itself.
		most := o.flight.room(o.maxScript) &^ 3
		for rest := m.blob; len(rest) > 0; {
			n := min(most, len(rest))
			last = piece(m.size, "", rest[:n])
			rest = rest[n:]
		}
		b := o.push()
		b.text = append(b.text, m.text...)
		o.backlog += len(m.text)
		return
	}
	open, rest := "[", m.text
	for room := o.flight.room(o.maxScript); len(rest) > room; {
		n := codec.CutEscaped(rest, room)
		last = piece(0, open, rest[:n])
		open, rest = "", rest[n:]
	}
	b := o.push()
	b.continued = true
	b.text = append(b.text, rest...)
	o.backlog += len(rest)
}

// needsDrain reports whether a drain must be posted, and notes that it will be.
func (o *outbox) needsDrain() bool {
	if o.posted || !o.mayFly() {
		return false
	}
	o.posted = true
	return true
}

// mayFly reports whether the next batch may be evaluated now.
func (o *outbox) mayFly() bool {
	return o.err == nil && len(o.queue) > 0 && o.flight.allows(o.queue[0].size(), o.small())
}

// small reports whether the next batch would be a small script, and may still grow.
func (o *outbox) small() bool {
	b := o.queue[0]
	return len(o.queue) == 1 && b.open() && !b.continued && b.size() < o.flight.room(o.maxScript)/2
}

// drain runs on the UI thread and evaluates what waits, for drainSlice at most.
func (o *outbox) drain() {
	until := time.Now().Add(drainSlice)
	for o.evalNext() {
		if time.Now().After(until) {
			o.host.Post(o.drainFunc)
			return
		}
	}
}

// evalNext evaluates the oldest batch. False means that there is none, and that the drain is over.
func (o *outbox) evalNext() bool {
	o.mu.Lock()
	if !o.mayFly() {
		o.posted = false
		o.mu.Unlock()
		return false
	}
	small, b := o.small(), o.queue[0]
	o.queue[0] = nil
	o.queue = o.queue[1:]
	o.backlog -= b.cost()
	then := o.serve()
	asking := o.flight.send(b.size(), small, time.Now(), b.delay())
	o.mu.Unlock()

	call(then)
	o.eval(b, asking)
	b.done()
	return true
}

// ack notes that the page has taken in the scripts up to and including this one.
func (o *outbox) ack(script uint64) {
	o.mu.Lock()
	o.flight.acknowledge(script, time.Now())
	post := o.needsDrain()
	o.mu.Unlock()
	if post {
		o.host.Post(o.drainFunc)
	}
}

// close drops what waits and makes every sender, waiting or to come, return err.
func (o *outbox) close(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return
	}
	o.err = err
	for e := o.waiters.Front(); e != nil; e = e.Next() {
		w := e.Value.(*waiter)
		if w.err, w.place = err, nil; w.done != nil {
			close(w.done)
		}
	}
	o.waiters.Init()
	o.queue, o.flight = nil, flight{}
	o.backlog, o.waiting = 0, 0
}
