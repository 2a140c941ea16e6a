package shell

import (
	"sync"
	"time"
)

// tasks owns the goroutines of an app. Unlike with a WaitGroup, goroutines may be added during
// wait, and wait has a timeout.
type tasks struct {
	mu     sync.Mutex
	count  int
	ending bool
	idle   chan struct{} // closed when wait has been called and no goroutine is left
}

// run runs f on a new goroutine. It returns false once wait has been called.
func (t *tasks) run(f func()) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ending {
		return false
	}
	t.count++
	go func() {
		defer t.done()
		f()
	}()
	return true
}

func (t *tasks) done() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count--
	if t.ending && t.count == 0 {
		close(t.idle)
	}
}

// wait admits no more goroutines and waits at most this long for the running ones. It reports
// whether all have ended.
func (t *tasks) wait(most time.Duration) bool {
	t.mu.Lock()
	t.ending = true
	t.idle = make(chan struct{})
	if t.count == 0 {
		close(t.idle)
	}
	t.mu.Unlock()
	timeout := time.NewTimer(most)
	defer timeout.Stop()
	select {
	case <-t.idle:
		return true
	case <-timeout.C:
		return false
	}
}
