package wire

import (
	"sync"

	"golang.org/x/sync/errgroup"
)

// maxIdle is how many of a pool's goroutines stay when there is nothing to do. Commands that are quick need few,
// whatever their number.
const maxIdle = 16

// A pool runs functions, each at once and however long the others take, on goroutines that it uses again. A new
// goroutine grows its stack several times on its way through encoding and decoding: by BenchmarkCall that took three
// quarters of a call's time.
//
// While a function waits to be begun, one goroutine is on its way to begin it, and whoever takes a function and leaves
// others behind sends the next one. So functions that are quick go through few goroutines, and those that take their time
// get one each.
type pool struct {
	workers errgroup.Group
	begun   sync.WaitGroup // functions, from do until they have returned

	mu      sync.Mutex
	waiting []func()
	coming  bool            // a goroutine is on its way to take one
	idle    []chan struct{} // one of each goroutine that has nothing to do
	closed  bool
}

// do runs f soon, on another goroutine. False means that the pool is closed and f will not run.
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

// send has a goroutine come for what waits. The caller holds mu.
func (c *pool) send() {
	if c.coming || len(c.waiting) == 0 {
		return
	}
	c.coming = true
	if last := len(c.idle) - 1; last >= 0 {
		c.idle[last] <- struct{}{} // It has room.
		c.idle = c.idle[:last]
		return
	}
	c.workers.Go(func() error {
		c.work()
		return nil
	})
}

// work is one goroutine's.
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

// run runs f without the lock, and takes it again even if f ends its goroutine.
func (c *pool) run(f func()) {
	c.mu.Unlock()
	defer c.mu.Lock()
	defer c.begun.Done()
	f()
}

// close has the pool take nothing more. What waits is still run.
func (c *pool) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, wake := range c.idle {
		close(wake)
	}
	c.idle = nil
}

// wait waits until the last function has returned and, of a pool that is closed, the last goroutine has ended.
func (c *pool) wait() {
	c.begun.Wait()
	c.mu.Lock()
	closed := c.closed
	c.mu.Unlock()
	if closed {
		_ = c.workers.Wait()
	}
}
