package wire

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// TestAPoolRunsEverythingAtOnce runs functions that wait until all others have begun. A pool that
// made one wait for another's goroutine would hang.
func TestAPoolRunsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	var c pool
	for range 20 {
		const count = 200
		var begun sync.WaitGroup
		begun.Add(count)
		for range count {
			if !c.do(func() { begun.Done(); begun.Wait() }) {
				t.Fatal("it is closed")
			}
		}
		c.wait()
	}
	c.mu.Lock()
	idle := len(c.idle)
	c.mu.Unlock()
	if idle > maxIdle {
		t.Errorf("%d goroutines are idle", idle)
	}
	c.close()
	c.wait()
}

func TestAPoolOutlivesFunctionsThatEndTheirGoroutine(t *testing.T) {
	t.Parallel()
	var c pool
	var ran atomic.Int32
	for n := range 1000 {
		c.do(func() {
			ran.Add(1)
			if n%3 == 0 {
				runtime.Goexit()
			}
			if n%50 == 0 {
				c.do(func() { ran.Add(1) })
			}
		})
	}
	c.wait()
	want := int32(1000)
	for n := range 1000 {
		if n%3 != 0 && n%50 == 0 {
			want++
		}
	}
	if ran.Load() != want {
		t.Errorf("%d functions ran, want %d", ran.Load(), want)
	}
	c.close()
	c.wait()
}

func TestAClosedPoolFinishesItsQueue(t *testing.T) {
	t.Parallel()
	var c pool
	var ran atomic.Int32
	hold := make(chan struct{})
	for range 100 {
		c.do(func() { <-hold; ran.Add(1) })
	}
	c.close()
	if c.do(func() { t.Error("a function of a closed pool runs") }) {
		t.Error("a closed pool accepts more")
	}
	close(hold)
	c.wait()
	if ran.Load() != 100 {
		t.Errorf("%d functions ran", ran.Load())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.idle) > 0 || len(c.waiting) > 0 || c.starting {
		t.Errorf("left over: %d idle, %d waiting", len(c.idle), len(c.waiting))
	}
}

func TestAPoolIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	var c pool
	var ran atomic.Int64
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			for range 5000 {
				c.do(func() { ran.Add(1) })
			}
		})
	}
	senders.Wait()
	c.wait()
	if ran.Load() != 40_000 {
		t.Errorf("%d functions ran", ran.Load())
	}
	c.close()
	c.wait()
}
