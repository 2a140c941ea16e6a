// Package serial runs functions one after the other.
package serial

import (
	"errors"
	"log/slog"
	"sync"

	"casement/internal/panics"
)

var (
	// ErrFull is returned by a queue that holds as many functions as it may.
	ErrFull = errors.New("serial: the queue is full")
	// ErrClosed is returned by a queue that is closed, or whose goroutines can't start any more.
	ErrClosed = errors.New("serial: the queue is closed")
)

// A Queue runs functions one after the other, in the order in which they were added, on a goroutine that lives as long
// as there are some. A function that panics is logged; one that ends its goroutine ends only that: in either case the next
// function runs. All methods are safe for concurrent use, from the functions too.
type Queue struct {
	log   *slog.Logger
	most  int
	start func(func()) bool

	mu      sync.Mutex
	waiting []func()
	running bool
	closed  bool
}

// New returns an empty queue in which at most that many functions wait. Start runs a function on a goroutine, and reports
// false if it can't any more: its owner has ended.
func New(most int, start func(func()) bool, log *slog.Logger) *Queue {
	return &Queue{log: log, most: most, start: start}
}

// Add adds a function. It does not wait. A function that was added does not run if the queue is closed first.
func (q *Queue) Add(f func()) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
		return ErrClosed
	case len(q.waiting) >= q.most:
		return ErrFull
	}
	q.waiting = append(q.waiting, f)
	if !q.running {
		q.resume()
	}
	if q.closed {
		return ErrClosed
	}
	return nil
}

// Close drops what waits. A function that runs comes to its end.
func (q *Queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed, q.waiting = true, nil
}

// resume has a goroutine run what waits. If none can start any more, the queue is closed. q.mu must be held.
func (q *Queue) resume() {
	q.running = q.start(q.run)
	if !q.running {
		q.closed, q.waiting = true, nil
	}
}

// run is one goroutine's.
func (q *Queue) run() {
	over := false
	defer func() {
		if over {
			return
		}
		// A function has ended the goroutine. The rest needs another.
		q.mu.Lock()
		defer q.mu.Unlock()
		q.resume()
	}()
	for {
		q.mu.Lock()
		if len(q.waiting) == 0 {
			q.running, q.waiting = false, nil
			over = true
			q.mu.Unlock()
			return
		}
		f := q.waiting[0]
		q.waiting[0] = nil
		q.waiting = q.waiting[1:]
		q.mu.Unlock()
		q.call(f)
	}
}

func (q *Queue) call(f func()) {
	defer func() {
		if v := recover(); v != nil {
			q.log.Error("a queued function panicked", panics.Attributes(v)...)
		}
	}()
	f()
}
