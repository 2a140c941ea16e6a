package serial_test

import (
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"testing"

	"casement/internal/pagetest"
	"casement/internal/serial"
)

// A crew starts goroutines until it is closed, and can wait for them.
type crew struct {
	sync.WaitGroup
	mu     sync.Mutex
	begun  int
	closed bool
}

func (c *crew) start(f func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.begun++
	c.Go(f)
	return true
}

func TestFunctionsRunInTheirOrderOneAfterTheOther(t *testing.T) {
	t.Parallel()
	var c crew
	q := serial.New(1000, c.start, slog.New(slog.DiscardHandler))
	var got []int // Unguarded: the race detector sees two that run at once.
	for i := range 1000 {
		if err := q.Add(func() { got = append(got, i) }); err != nil {
			t.Fatal(err)
		}
	}
	c.Wait()
	if len(got) != 1000 {
		t.Fatalf("%d functions ran", len(got))
	}
	for i, n := range got {
		if n != i {
			t.Fatalf("function %d ran at place %d", n, i)
		}
	}
}

// Each function ends its goroutine in another way, and each is followed by one that must run.
func TestAFunctionThatDoesNotReturnDoesNotStopTheNext(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(){
		"Goexit":                    runtime.Goexit,
		"panic":                     func() { panic("on purpose") },
		"nil panic":                 func() { var p *int; *p = 1 },
		"panic while it exits":      func() { defer panic("on purpose"); runtime.Goexit() },
		"Goexit while it panics":    func() { defer runtime.Goexit(); panic("on purpose") },
		"Goexit behind a recovered": func() { defer func() { _ = recover(); runtime.Goexit() }(); panic("on purpose") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var c crew
			log := new(pagetest.Log)
			q := serial.New(10, c.start, slog.New(log))
			first, last := make(chan struct{}), make(chan struct{})
			var ran []int
			for _, f := range []func(){
				func() { <-first; ran = append(ran, 1) },
				func() { ran = append(ran, 2); end() },
				func() { ran = append(ran, 3); end() },
				func() { ran = append(ran, 4); close(last) },
			} {
				if err := q.Add(f); err != nil {
					t.Fatal(err)
				}
			}
			close(first)
			<-last
			c.Wait()
			if len(ran) != 4 {
				t.Errorf("%v ran", ran)
			}
			if name == "panic" && log.Count("a queued function panicked") != 2 {
				t.Error(log.String())
			}
		})
	}
}

func TestAQueueIsBounded(t *testing.T) {
	t.Parallel()
	var c crew
	q := serial.New(3, c.start, slog.New(slog.DiscardHandler))
	begun, release := make(chan struct{}), make(chan struct{})
	_ = q.Add(func() { close(begun); <-release })
	<-begun
	for range 3 {
		if err := q.Add(func() {}); err != nil {
			t.Error(err)
		}
	}
	if err := q.Add(func() { t.Error("it ran") }); !errors.Is(err, serial.ErrFull) {
		t.Error(err)
	}
	close(release)
	c.Wait()
	if err := q.Add(func() {}); err != nil {
		t.Error(err)
	}
	c.Wait()
}

func TestACloseDropsWhatWaits(t *testing.T) {
	t.Parallel()
	var c crew
	q := serial.New(3, c.start, slog.New(slog.DiscardHandler))
	begun, release := make(chan struct{}), make(chan struct{})
	_ = q.Add(func() { close(begun); <-release })
	<-begun
	_ = q.Add(func() { t.Error("it ran") })
	q.Close()
	close(release)
	c.Wait()
	if err := q.Add(func() { t.Error("it ran") }); !errors.Is(err, serial.ErrClosed) {
		t.Error(err)
	}
	c.Wait()
}

func TestAQueueEndsWithItsOwner(t *testing.T) {
	t.Parallel()
	c := crew{closed: true}
	q := serial.New(3, c.start, slog.New(slog.DiscardHandler))
	for range 2 {
		if err := q.Add(func() { t.Error("it ran") }); !errors.Is(err, serial.ErrClosed) {
			t.Error(err)
		}
	}
}

func TestAnIdleQueueHasNoGoroutine(t *testing.T) {
	t.Parallel()
	var c crew
	q := serial.New(3, c.start, slog.New(slog.DiscardHandler))
	for range 3 {
		_ = q.Add(func() {})
		c.Wait() // It would not return otherwise.
	}
	if c.begun != 3 {
		t.Errorf("%d goroutines", c.begun)
	}
}
