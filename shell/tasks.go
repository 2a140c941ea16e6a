package shell

import (
	"sync"
	"time"
)

// tasks owns the goroutines of an app. Unlike a WaitGroup it can be waited for while more are added, and
// waits no longer than it is told.
type tasks struct {
	mu     sync.Mutex
	count  int
	ending bool
	idle   chan struct{} // closed when, at the end, none is left
}

// run runs f on a goroutine, unless the end has come.
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

// wait lets no more goroutines begin and waits for those that run. It reports whether they have ended.
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
