package webview

import (
	"sync"
	"time"
)

// slice is how long one wake-up runs posted functions before it lets the page's messages and painting go first. By
// BenchmarkMessagesDuringABacklog a page's message is then 3 ms late on average and 8 ms at worst on two cores, under half a
// frame at 60 Hz, while functions that take 20 µs each never run out.
const slice = 4 * time.Millisecond

const (
	// compactAt is how many taken functions are worth moving the rest down for, so that a backlog that never quite empties
	// doesn't grow; half the length at least, so that each is moved once on average.
	compactAt = 1024
	// keepRoom is the room kept when empty: 128 KiB, so that a burst's memory is given back but a steady flow allocates
	// nothing.
	keepRoom = 16384
)

// queue holds posted functions until the UI thread runs them: appended to under a mutex, drained by one drainer, with at
// most one wake-up outstanding. Functions are called without the lock.
type queue struct {
	mu    sync.Mutex
	wake  func(polite bool)
	funcs []func()
	head  int // of the ones not taken yet
	state queueState
	ended bool
}

type queueState int

const (
	queueIdle      queueState = iota // nothing waits
	queueScheduled                   // a wake-up is outstanding
	queueDraining                    // the UI thread is at it
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
		q.wake(false) // with the lock held, so that it can't come after end
	}
	return true
}

// drain runs what was posted, for a slice. A posted function that serves events itself, as opening a window does on
// Windows, may be woken inside: that call does nothing, so that order holds.
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

// run takes one function and calls it, with the lock held before and after but not meanwhile.
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
		if n == 0 && cap(q.funcs) > keepRoom {
			q.funcs = nil
		}
	}
	q.mu.Unlock()
	defer q.mu.Lock()
	f()
	return true
}

// rewake asks again for a wake-up that may have gone with the window it was sent to.
func (q *queue) rewake() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.state == queueScheduled && !q.ended {
		q.wake(false)
	}
}

// end runs what is left and accepts nothing more.
func (q *queue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	q.state = queueDraining
	for q.run() {
	}
	q.funcs = nil
}
