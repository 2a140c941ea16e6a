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

	mu       sync.Mutex
	waiting  []func()
	starting bool            // a goroutine is about to take a function
	idle     []chan struct{} // the wake-up channels of idle goroutines
	closed   bool
}

// do runs f soon, on another goroutine. It returns false if the pool is closed and f will not run.
func (p *pool) do(f func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.begun.Add(1)
	p.waiting = append(p.waiting, f)
	p.wake()
	return true
}

// wake wakes or starts a goroutine if functions wait. p.mu must be held.
func (p *pool) wake() {
	if p.starting || len(p.waiting) == 0 {
		return
	}
	p.starting = true
	if last := len(p.idle) - 1; last >= 0 {
		p.idle[last] <- struct{}{} // The channel has room for one.
		p.idle = p.idle[:last]
		return
	}
	p.workers.Go(func() error {
		p.work()
		return nil
	})
}

// work is the loop of one goroutine.
func (p *pool) work() {
	wake := make(chan struct{}, 1)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.starting = false
	for {
		if len(p.waiting) > 0 {
			f := p.waiting[0]
			p.waiting[0] = nil
			p.waiting = p.waiting[1:]
			p.wake()
			p.run(f)
			continue
		}
		if p.closed || len(p.idle) >= maxIdle {
			return
		}
		p.idle = append(p.idle, wake)
		p.mu.Unlock()
		_, ok := <-wake
		p.mu.Lock()
		if ok {
			p.starting = false
		}
	}
}

// run runs f without the lock, and locks again even if f ends its goroutine.
func (p *pool) run(f func()) {
	p.mu.Unlock()
	defer p.mu.Lock()
	defer p.begun.Done()
	f()
}

// close makes the pool refuse further functions. Waiting ones still run.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, wake := range p.idle {
		close(wake)
	}
	p.idle = nil
}

// wait waits until the last function has returned and, if the pool is closed, the last goroutine
// has ended.
func (p *pool) wait() {
	p.begun.Wait()
	p.mu.Lock()
	closed := p.closed
	p.mu.Unlock()
	if closed {
		_ = p.workers.Wait()
	}
}
