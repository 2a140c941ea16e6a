package webview

import (
	"sync"
	"time"
)

// slice is how long one wake-up runs posted functions before messages from pages and painting get
// their turn. With 4 ms, a page's message is 3 ms late on average and 8 ms at worst on two cores,
// under half a frame at 60 Hz, while the queue never empties (BenchmarkMessagesUnderLoad, functions
// of 20 µs each).
const slice = 4 * time.Millisecond

const (
	// compactAt is how many slots at the front must be free before the rest moves down. It keeps a
	// queue that never empties from growing. At least half the slots must be free, so each function
	// moves once on average.
	compactAt = 1024
	// keepCap is the capacity that an empty queue keeps: 128 KiB. A steady flow then allocates
	// nothing, and a burst's memory is released.
	keepCap = 16384
)

// queue holds posted functions until the UI thread runs them. Unlike serial.Queue it has no
// goroutine and no bound: the UI thread drains it, in slices, and at most one wake-up is
// outstanding. Functions run without the lock.
type queue struct {
	mu    sync.Mutex
	wake  func(polite bool)
	funcs []func()
	head  int // index of the next function
	state queueState
	ended bool
}

type queueState int

const (
	queueIdle      queueState = iota // empty
	queueScheduled                   // a wake-up is outstanding
	queueDraining                    // the UI thread runs functions
)

func (q *queue) post(f func()) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended {
		return false
	}
	q.funcs = append(q.funcs, f)
	if q.state == queueIdle {
		q.state = queueScheduled
		q.wake(false) // under the lock, so that no wake-up follows end
	}
	return true
}

// drain runs posted functions for one slice. A function that serves events itself, as opening a
// window does on Windows, may cause a nested call. That one does nothing, which keeps the order.
func (q *queue) drain() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.state == queueDraining || q.ended {
		return
	}
	q.state = queueDraining
	for until := time.Now().Add(slice); q.run(); {
		if !time.Now().Before(until) {
			break
		}
	}
	if q.head == len(q.funcs) {
		q.state = queueIdle
		return
	}
	q.state = queueScheduled
	q.wake(true)
}

// run removes one function and calls it without the lock. It reports false if there is none. q.mu
// must be held.
func (q *queue) run() bool {
	if q.head == len(q.funcs) {
		return false
	}
	f := q.funcs[q.head]
	q.funcs[q.head] = nil
	if q.head++; q.head == len(q.funcs) || q.head > len(q.funcs)/2 && q.head >= compactAt {
		n := copy(q.funcs, q.funcs[q.head:])
		clear(q.funcs[n:])
		q.funcs, q.head = q.funcs[:n], 0
		if n == 0 && cap(q.funcs) > keepCap {
			q.funcs = nil
		}
	}
	q.mu.Unlock()
	defer q.mu.Lock()
	f()
	return true
}

// rewake repeats a wake-up that may be lost with the window that it was sent to.
func (q *queue) rewake() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.state == queueScheduled && !q.ended {
		q.wake(false)
	}
}

// end runs what is queued and refuses further functions.
func (q *queue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	q.state = queueDraining
	for q.run() {
	}
	q.funcs = nil
}
