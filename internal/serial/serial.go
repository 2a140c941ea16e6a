// Package serial runs functions in order, one at a time.
package serial

import (
	"errors"
	"log/slog"
	"sync"

	"casement/internal/panics"
)

var (
	// ErrFull is returned by a queue that is at its limit.
	ErrFull = errors.New("serial: the queue is full")
	// ErrClosed is returned by a queue that is closed, or that can start no more goroutines.
	ErrClosed = errors.New("serial: the queue is closed")
)

// A Queue runs functions in the order in which they were added, one at a time. Its goroutine exists
// only while there are functions. A panic is logged; a function may also end its goroutine, by
// runtime.Goexit for instance. In both cases the next function runs. All methods are safe for
// concurrent use, and for use by the functions.
type Queue struct {
	log   *slog.Logger
	limit int
	start func(func()) bool

	mu      sync.Mutex
	waiting []func()
	running bool
	closed  bool
}

// New returns an empty queue. At most limit functions wait in it, beside the one that runs. start
// runs a function on a goroutine; it returns false if it can start none, because its owner has
// ended.
func New(limit int, start func(func()) bool, log *slog.Logger) *Queue {
	return &Queue{log: log, limit: limit, start: start}
}

// Add queues a function and returns at once. The function does not run if the queue is closed
// before its turn.
func (q *Queue) Add(f func()) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
		return ErrClosed
	case len(q.waiting) >= q.limit:
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

// Close drops the functions that wait. It does not interrupt the one that runs.
func (q *Queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed, q.waiting = true, nil
}

// resume starts a goroutine for the functions that wait. It closes the queue if none can start.
// q.mu must be held.
func (q *Queue) resume() {
	q.running = q.start(q.run)
	if !q.running {
		q.closed, q.waiting = true, nil
	}
}

// run runs functions until none waits. It is the body of the queue's goroutine.
func (q *Queue) run() {
	over := false
	defer func() {
		if over {
			return
		}
		// A function has ended the goroutine. The others need a new one.
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
