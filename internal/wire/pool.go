package wire

import (
	"sync"

	"golang.org/x/sync/errgroup"
)

// maxIdle bounds the idle goroutines that a pool keeps for reuse. Quick commands need few, whatever
// their number.
const maxIdle = 16

// A pool is an unbounded worker pool. Each function starts at once, however long the others take. A
// new goroutine grows its stack several times while it encodes and decodes: by BenchmarkCall that
// took three quarters of a call's time. So goroutines are reused.
//
// While functions wait, one goroutine is starting. When it takes a function and leaves others
// behind, it wakes or starts the next goroutine. So quick functions share few goroutines, and slow
// ones get one each.
type pool struct {
	workers errgroup.Group
	begun   sync.WaitGroup // functions, from do until they return

	mu      sync.Mutex
	waiting []func()
	coming  bool            // a goroutine is about to take a function
	idle    []chan struct{} // the wake-up channels of idle goroutines
	closed  bool
}

// do runs f soon, on another goroutine. It returns false if the pool is closed and f will not run.
func (c *pool) do(f func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.begun.Add(1)
	c.waiting = append(c.waiting, f)
	c.send()
	return true
}

// send wakes or starts a goroutine if functions wait. c.mu must be held.
func (c *pool) send() {
	if c.coming || len(c.waiting) == 0 {
		return
	}
	c.coming = true
	if last := len(c.idle) - 1; last >= 0 {
		c.idle[last] <- struct{}{} // The channel has room for one.
		c.idle = c.idle[:last]
		return
	}
	c.workers.Go(func() error {
		c.work()
		return nil
	})
}

// work is the loop of one goroutine.
func (c *pool) work() {
	wake := make(chan struct{}, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.coming = false
	for {
		if len(c.waiting) > 0 {
			f := c.waiting[0]
			c.waiting[0] = nil
			c.waiting = c.waiting[1:]
			c.send()
			c.run(f)
			continue
		}
		if c.closed || len(c.idle) >= maxIdle {
			return
		}
		c.idle = append(c.idle, wake)
		c.mu.Unlock()
		_, ok := <-wake
		c.mu.Lock()
		if ok {
			c.coming = false
		}
	}
}

// run runs f without the lock, and locks again even if f ends its goroutine.
func (c *pool) run(f func()) {
	c.mu.Unlock()
	defer c.mu.Lock()
	defer c.begun.Done()
	f()
}

// close makes the pool refuse further functions. Waiting ones still run.
func (c *pool) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, wake := range c.idle {
		close(wake)
	}
	c.idle = nil
}

// wait waits until the last function has returned and, if the pool is closed, the last goroutine
// has ended.
func (c *pool) wait() {
	c.begun.Wait()
	c.mu.Lock()
	closed := c.closed
	c.mu.Unlock()
	if closed {
		_ = c.workers.Wait()
	}
}
