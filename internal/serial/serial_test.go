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

// workers starts goroutines until it is closed, and can wait for them.
type workers struct {
	sync.WaitGroup
	mu     sync.Mutex
	begun  int
	closed bool
}

func (w *workers) start(f func()) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.begun++
	w.Go(f)
	return true
}

func TestFunctionsRunInOrderOneAtATime(t *testing.T) {
	t.Parallel()
	var w workers
	q := serial.New(1000, w.start, slog.New(slog.DiscardHandler))
	var got []int // without a lock: the race detector reports two functions that run at once
	for i := range 1000 {
		if err := q.Add(func() { got = append(got, i) }); err != nil {
			t.Fatal(err)
		}
	}
	w.Wait()
	if len(got) != 1000 {
		t.Fatalf("%d functions ran", len(got))
	}
	for i, n := range got {
		if n != i {
			t.Fatalf("function %d ran at position %d", n, i)
		}
	}
}

// Each case ends the goroutine in another way. The next function must run.
func TestAFunctionThatDoesNotReturnDoesNotStopTheNext(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(){
		"Goexit":                 runtime.Goexit,
		"panic":                  func() { panic("on purpose") },
		"nil panic":              func() { var p *int; *p = 1 },
		"panic while it exits":   func() { defer panic("on purpose"); runtime.Goexit() },
		"Goexit while it panics": func() { defer runtime.Goexit(); panic("on purpose") },
		"Goexit after a recover": func() { defer func() { _ = recover(); runtime.Goexit() }(); panic("on purpose") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var w workers
			log := new(pagetest.Log)
			q := serial.New(10, w.start, slog.New(log))
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
			w.Wait()
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
	var w workers
	q := serial.New(3, w.start, slog.New(slog.DiscardHandler))
	begun, release := make(chan struct{}), make(chan struct{})
	_ = q.Add(func() { close(begun); <-release })
	<-begun
	for range 3 {
		if err := q.Add(func() {}); err != nil {
			t.Error(err)
		}
	}
	if err := q.Add(func() { t.Error("a dropped function ran") }); !errors.Is(err, serial.ErrFull) {
		t.Error(err)
	}
	close(release)
	w.Wait()
	if err := q.Add(func() {}); err != nil {
		t.Error(err)
	}
	w.Wait()
}

func TestCloseDropsWaitingFunctions(t *testing.T) {
	t.Parallel()
	var w workers
	q := serial.New(3, w.start, slog.New(slog.DiscardHandler))
	begun, release := make(chan struct{}), make(chan struct{})
	_ = q.Add(func() { close(begun); <-release })
	<-begun
	_ = q.Add(func() { t.Error("a dropped function ran") })
	q.Close()
	close(release)
	w.Wait()
	if err := q.Add(func() { t.Error("a dropped function ran") }); !errors.Is(err, serial.ErrClosed) {
		t.Error(err)
	}
	w.Wait()
}

func TestAQueueEndsWithItsOwner(t *testing.T) {
	t.Parallel()
	w := workers{closed: true}
	q := serial.New(3, w.start, slog.New(slog.DiscardHandler))
	for range 2 {
		if err := q.Add(func() { t.Error("a dropped function ran") }); !errors.Is(err, serial.ErrClosed) {
			t.Error(err)
		}
	}
}

func TestAnIdleQueueHasNoGoroutine(t *testing.T) {
	t.Parallel()
	var w workers
	q := serial.New(3, w.start, slog.New(slog.DiscardHandler))
	for range 3 {
		_ = q.Add(func() {})
		w.Wait() // returns only if no goroutine is left
	}
	if w.begun != 3 {
		t.Errorf("%d goroutines", w.begun)
	}
}
