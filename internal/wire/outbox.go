package wire

import (
	"container/list"
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"casement/internal/codec"
	"casement/ipc"
)

// A Host is the window behind a page, as far as the wire needs it.
type Host interface {
	// Post runs f on the UI thread, in the order of the calls. It never blocks. False means that the
	// window is gone and f will not run.
	Post(f func()) bool
	// Eval runs a script in the window's document. It is called on the UI thread only, and must not
	// keep the slice.
	Eval(script []byte)
	// Trusted reports whether a script that is evaluated now meets a document of the app's origin, or none. It
	// is called on the UI thread.
	Trusted() bool
	// UIThread reports whether the caller is on the UI thread, which must not wait. It is called on any thread, and only
	// where something would wait.
	UIThread() bool
}

const (
	// maxFlight and minFlight bound, in bytes, what the page has been sent and has not acknowledged. It keeps
	// a page that is busy from filling the webview's own queues, which have no bound, and it leaves the page
	// time to paint in between: the bound of each page is found by how long it takes to acknowledge, see
	// adjust. 8 MiB are some 14 ms of what WebKitGTK takes at its best, and make bench finds nothing in more.
	maxFlight = 8 << 20
	minFlight = 512 << 10
	// maxDelay is how long an acknowledgement may take: half a frame. One of a script that is mostly bytes has three
	// quarters: most of that time it is on its way, and the page is not kept from painting.
	maxDelay     = 8 * time.Millisecond
	maxDelayBulk = 12 * time.Millisecond
	// maxFlightScripts does the same for many small scripts: 64 are 1.4 ms' worth at 45,000 a second.
	maxFlightScripts = 64
	// The page is asked to acknowledge each quarter of that, so that an answer is on its way long
	// before Go has to wait for it.
	askFlightScripts = maxFlightScripts / 4
	// maxSmall is how many scripts may be in flight for one that is not full to follow. A script costs some
	// 20 µs whatever it holds, so while the page has this many to work on, messages gather for the next one.
	// The page is asked to acknowledge each askSmall of them.
	maxSmall = 4
	askSmall = maxSmall / 2
	// drainSlice bounds how long one drain keeps the UI thread.
	drainSlice = 4 * time.Millisecond
	// scriptOverhead is more than what a script holds besides its messages.
	scriptOverhead = 256
	// minPiece is what a script holds of a message even where a long origin leaves it no room.
	minPiece = 64
	// costScript and costBlob are what a script that waits by itself, and a message with bytes, cost beyond their bytes,
	// rounded up.
	costScript = 256
	costBlob   = 192
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

	flight      []int  // sizes of the scripts that the page has not acknowledged, oldest first
	flightBytes int    // their sum
	flightLimit int    // how much that may be
	limited     bool   // it has kept a script waiting since the last acknowledgement
	asks        []ask  // those that are not answered, oldest first
	sent        uint64 // scripts, of which the last are those in flight
	asked       uint64 // the last script that asked for an acknowledgement
	unasked     int    // scripts since the last one that asked for an acknowledgement
	unaskedSize int    // their bytes

	drainFunc func() // drain, made once
}

// An ask is a script that asks the page to acknowledge it.
type ask struct {
	script uint64
	at     time.Time
	most   time.Duration // that the answer may take
}

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

// A batch becomes one script.
type batch struct {
	// text holds the messages, separated by commas and tabs: see the page's lane for the tabs. blobs are those among them that have bytes, which become
	// the script's further arguments, and blobSize what they take there.
	text     []byte
	blobs    []*Message
	blobSize int
	// prefix makes the batch a piece of a message: the script is prefix, text and "')".
	prefix string
	// last is the message that the text is the last piece of.
	last *Message
	// continued says that the text has begun in pieces before it.
	continued bool
	// raw says that text is a script of its own.
	raw bool
}

func (b *batch) size() int { return len(b.text) + b.blobSize }

// cost returns how many bytes the batch takes while it waits.
func (b *batch) cost() int {
	cost := b.size() + len(b.blobs)*costBlob
	if !b.open() {
		cost += costScript
	}
	return cost
}

// delay returns how long the page may take to acknowledge the batch.
func (b *batch) delay() time.Duration {
	if b.prefix != "" || b.blobSize > len(b.text) {
		return maxDelayBulk
	}
	return maxDelay
}

// open says whether messages may be added to what the batch holds.
func (b *batch) open() bool { return !b.raw && b.prefix == "" }

func (b *batch) add(m *Message) {
	if len(b.text) > 0 {
		b.text = append(b.text, ",\t"...)
	}
	b.text = append(b.text, m.text...)
	if m.bytes {
		m.hold()
		b.blobs = append(b.blobs, m)
		b.blobSize += len(m.blob) + len(",''")
	}
}

// batches and scripts are used again, and go when the garbage is collected twice and nobody has.
var (
	batches = sync.Pool{New: func() any { return new(batch) }}
	scripts = sync.Pool{New: func() any { return new([]byte) }}
)

// done gives back what the batch refers to, and the batch.
func (b *batch) done() {
	for i, m := range b.blobs {
		m.Free()
		b.blobs[i] = nil
	}
	b.blobs, b.blobSize = b.blobs[:0], 0
	if b.last != nil {
		b.last.Free()
	}
	if b.open() && cap(b.text) <= maxPooledMessage { // Otherwise the text is not the batch's own.
		*b = batch{text: b.text[:0], blobs: b.blobs}
		batches.Put(b)
	}
}

func newOutbox(host Host, page PageID, guard string, maxScript, limit int) *outbox {
	room := max(maxScript-scriptOverhead-len(guard), minPiece)
	o := &outbox{host: host, page: page, guard: guard, maxScript: room, limit: limit, flightLimit: 2 * minFlight}
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
	if m.Size() > o.room() {
		o.appendSplit(m)
		return
	}
	var last *batch
	if len(o.queue) > 0 {
		last = o.queue[len(o.queue)-1]
	}
	if last == nil || !last.open() || last.size()+m.Size() > o.room() {
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
		most := o.room() &^ 3
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
	for room := o.room(); len(rest) > room; {
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

// mayFly reports whether the next batch may be evaluated now. A flight that nobody has asked the page to
// acknowledge is small, and takes any batch: waiting would be for nothing.
func (o *outbox) mayFly() bool {
	switch {
	case o.err != nil || len(o.queue) == 0:
		return false
	case o.asked <= o.sent-uint64(len(o.flight)):
		return true
	case o.small():
		return len(o.flight) < maxSmall
	case len(o.flight) >= maxFlightScripts:
		return false
	default:
		fits := o.flightBytes+o.queue[0].size() <= o.flightLimit
		o.limited = o.limited || !fits
		return fits
	}
}

// room returns how many bytes of messages the next script may hold: a quarter of what may be in flight, so that the
// page has one at hand while it acknowledges another.
func (o *outbox) room() int { return min(o.maxScript, o.flightLimit/4) }

// adjust finds out how much the page takes in while it paints: where its acknowledgement took longer than it may,
// a quarter less is sent ahead of it, and where that was no bother but the bound was, some more.
func (o *outbox) adjust(answered ask) {
	switch {
	case time.Since(answered.at) > answered.most:
		o.flightLimit = max(o.flightLimit-o.flightLimit/4, minFlight)
	case o.limited:
		o.flightLimit = min(o.flightLimit+minFlight/4, maxFlight)
	}
	o.limited = false
}

// small reports whether the next batch would be a small script, and may still grow.
func (o *outbox) small() bool {
	b := o.queue[0]
	return len(o.queue) == 1 && b.open() && !b.continued && b.size() < o.room()/2
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
	size := b.size()
	o.sent++
	o.flight = append(o.flight, size)
	o.flightBytes += size
	o.unasked++
	o.unaskedSize += size
	asking := uint64(0)
	if o.unasked >= askFlightScripts || o.unaskedSize >= o.flightLimit/4 || (small && o.unasked >= askSmall) {
		asking, o.unasked, o.unaskedSize = o.sent, 0, 0
		o.asked = asking
		o.asks = append(o.asks, ask{asking, time.Now(), b.delay()})
	}
	o.mu.Unlock()

	call(then)
	o.eval(b, asking)
	b.done()
	return true
}

// eval evaluates a batch and, unless ask is 0, has the page acknowledge that script.
//
// A script without a guard is nothing but calls of functions by name, each with one literal. JavaScriptCore takes such
// scripts for JSONP and reads them with its parser of JSON: it neither compiles them nor looks for them in its cache of
// compiled code. That is a fifth of the work for large ones, by make bench.
func (o *outbox) eval(b *batch, ask uint64) {
	buffer := scripts.Get().(*[]byte)
	script := slices.Grow((*buffer)[:0], scriptOverhead+len(o.guard)+len(b.prefix)+b.size())
	defer func() {
		if cap(script) <= maxPooledMessage {
			*buffer = script
			scripts.Put(buffer)
		}
	}()
	if b.raw {
		// It may not even be valid, so it stands alone.
		script = append(script, o.guard...)
		script = append(script, '\n')
		script = append(script, b.text...)
		o.host.Eval(append(script, "\n}"...))
		if ask == 0 {
			return
		}
		script = script[:0]
	}
	guarded := !o.host.Trusted()
	if guarded {
		script = append(script, o.guard...)
	}
	switch {
	case b.raw:
	case b.prefix != "":
		script = append(script, b.prefix...)
		script = append(script, b.text...)
		script = append(script, "']);"...)
	default:
		script = append(script, "__ipc.dispatch(['"...)
		script = append(script, o.page...)
		script = append(script, "','"...)
		if !b.continued {
			script = append(script, '[')
		}
		script = append(script, b.text...)
		script = append(script, "]'"...)
		for _, m := range b.blobs {
			script = append(script, ",'"...)
			script = append(script, m.blob...)
			script = append(script, '\'')
		}
		script = append(script, "]);"...)
	}
	if ask != 0 {
		script = append(script, "__ipc.ack(['"...)
		script = append(script, o.page...)
		script = append(script, "',"...)
		script = strconv.AppendUint(script, ask, 10)
		script = append(script, "])"...)
	}
	if guarded {
		script = append(script, '}')
	}
	o.host.Eval(script)
}

// ack notes that the page has taken in the scripts up to and including this one.
func (o *outbox) ack(script uint64) {
	o.mu.Lock()
	landed := o.sent - uint64(len(o.flight))
	for ; landed < min(script, o.sent); landed++ {
		o.flightBytes -= o.flight[0]
		o.flight = o.flight[1:]
	}
	for len(o.asks) > 0 && o.asks[0].script <= script {
		if o.asks[0].script == script {
			o.adjust(o.asks[0])
		}
		o.asks = o.asks[1:]
	}
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
	o.queue, o.flight, o.asks = nil, nil, nil
	o.backlog, o.flightBytes, o.waiting = 0, 0, 0
}
