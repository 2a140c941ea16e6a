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

// An outbox is the ordered queue of messages to one page. It packs them into as few scripts as
// possible, and splits a message that is larger than a script.
//
// Senders append under mu. One drain at a time evaluates scripts, on the UI thread. The queue is
// bounded: a sender waits for room or gets an error. Waiters are served in the order of their
// arrival, whatever the size of their messages: while one waits there is no room for later senders.
type outbox struct {
	host      Host
	page      PageID
	guard     string // "if(…){", begins a script that may run in a foreign document
	maxScript int    // bound for the messages in a script, in bytes; see room
	limit     int    // bound for backlog

	mu      sync.Mutex
	queue   []*batch  // oldest first
	backlog int       // bytes in queue
	waiters list.List // of *waiter, in the order of their arrival
	waiting int       // bytes of the waiters that no sender waits for
	posted  bool      // a drain is posted or runs
	err     error

	flight flight

	drainFunc func() // drain, allocated once
}

const (
	// drainSlice bounds the time that one drain keeps the UI thread.
	drainSlice = 4 * time.Millisecond
	// minPiece is the size of a message's piece in a script, in bytes, where a long origin leaves
	// no room.
	minPiece = 64
)

// A waiter is a message, or scripts, waiting for room.
type waiter struct {
	m       *Message
	scripts []string
	size    int
	// done is closed when they are in the queue, or when the page is gone. If it is nil no sender
	// waits, and the waiter owns the message.
	done chan struct{}
	// then, if not nil, is called without the lock when they are in the queue.
	then func()
	err  error // set before done is closed, if the page is gone

	place *list.Element // in outbox.waiters; nil once the waiter has been served
}

func newOutbox(host Host, page PageID, guard string, maxScript, limit int) *outbox {
	room := max(maxScript-scriptOverhead-len(guard), minPiece)
	o := &outbox{host: host, page: page, guard: guard, maxScript: room, limit: limit, flight: newFlight()}
	o.drainFunc = o.drain
	return o
}

// put appends a message. It waits for room until ctx is done; on the UI thread it does not wait. It
// copies the message, or refers to it if it is large.
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
		<-w.done // It was served just now.
		return w.err
	}
	return ctx.Err()
}

// tryPut appends a message if there is room, and returns ipc.ErrBacklog otherwise. If there would
// be room but for the waiters, the message waits behind them.
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

// putLater appends a message as soon as there is room, behind all waiters, and then calls then, if
// not nil. It does not block, and takes ownership of the message. Use it for messages that are
// bounded elsewhere.
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

// putAnswer is putLater for messages that a page can cause at will. Those that wait are bounded by
// the limit of the outbox. A page that floods Go and does not drain gets no more answers.
func (o *outbox) putAnswer(m *Message) {
	size := m.Size()
	w, _ := o.offer(m, nil, size, func() *waiter { // An error means that the page gets no answer.
		if o.waiting+size+costScript > o.limit {
			return nil
		}
		return new(waiter)
	})
	if w == nil {
		m.Free()
	}
}

// putScripts appends scripts that are evaluated unchanged, one directly after the other. It returns
// ipc.ErrBacklog if there is no room for all of them. If there would be room but for the waiters,
// the scripts wait behind them.
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

// offer appends a message, or scripts, if the backlog stays within its limit and there are no
// waiters. Otherwise the waiter that wait returns joins the waiters; if it is nil, offer returns
// ipc.ErrBacklog. An empty outbox accepts any size.
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

// enter appends a message or scripts to the queue. o.mu must be held.
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

// fits reports whether the backlog has room for size bytes.
func (o *outbox) fits(size int) bool { return o.backlog == 0 || o.backlog+size <= o.limit }

// leave removes a waiter and serves those behind it. It reports whether the waiter was already
// served.
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

// serve moves waiters into the queue while there is room. It returns the functions to call without
// the lock.
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

// append adds a message to the last batch or, if there is no room, to a new one.
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

// appendSplit appends a message that is larger than a script: as pieces that refer to the message,
// and a batch that begins with the rest of it.
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
		// Four base64 digits are three bytes, so each piece can be decoded alone.
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

// needsDrain reports whether the caller must post a drain. It then counts as posted.
func (o *outbox) needsDrain() bool {
	if o.posted || !o.maySend() {
		return false
	}
	o.posted = true
	return true
}

// maySend reports whether the next batch may be evaluated now.
func (o *outbox) maySend() bool {
	return o.err == nil && len(o.queue) > 0 && o.flight.allows(o.queue[0].size(), o.small())
}

// small reports whether the next script would be small, and may still grow.
func (o *outbox) small() bool {
	b := o.queue[0]
	return len(o.queue) == 1 && b.open() && !b.continued && b.size() < o.flight.room(o.maxScript)/2
}

// drain evaluates queued batches on the UI thread, for drainSlice at most.
func (o *outbox) drain() {
	until := time.Now().Add(drainSlice)
	for o.evalNext() {
		if time.Now().After(until) {
			o.host.Post(o.drainFunc)
			return
		}
	}
}

// evalNext evaluates the oldest batch. It returns false if no batch may go now, which ends the
// drain.
func (o *outbox) evalNext() bool {
	o.mu.Lock()
	if !o.maySend() {
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

// ack records that the page has handled all scripts up to and including this one.
func (o *outbox) ack(script uint64) {
	o.mu.Lock()
	o.flight.acknowledge(script, time.Now())
	post := o.needsDrain()
	o.mu.Unlock()
	if post {
		o.host.Post(o.drainFunc)
	}
}

// close drops the queue. All senders, waiting and future ones, get err.
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
