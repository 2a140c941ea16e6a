package channels_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"casement/channels"
)

// A slow reader takes one value per pause.
type slow[T any] struct {
	pause time.Duration
	fail  error

	mu   sync.Mutex
	got  []T
	at   []time.Duration
	from time.Time
	done chan struct{}
}

func newSlow[T any](pause time.Duration) *slow[T] {
	return &slow[T]{pause: pause, from: time.Now(), done: make(chan struct{})}
}

func (s *slow[T]) Send(v T) error { return s.SendContext(context.Background(), v) }

func (s *slow[T]) SendContext(_ context.Context, v T) error {
	select {
	case <-s.done:
		return channels.ErrClosed
	default:
	}
	s.mu.Lock()
	s.got = append(s.got, v)
	s.at = append(s.at, time.Since(s.from))
	s.mu.Unlock()
	time.Sleep(s.pause)
	return s.fail
}

func (s *slow[T]) Done() <-chan struct{} { return s.done }

func send(t *testing.T, to channels.Sender[int], values ...int) {
	t.Helper()
	for _, v := range values {
		if err := to.Send(v); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
	}
}

func flush(t *testing.T, p *channels.Policy[int]) {
	t.Helper()
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestLatestPassesOnTheNewestValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader := newSlow[int](time.Second)
		latest := channels.Latest(reader)
		send(t, latest, 1, 2, 3, 4)
		flush(t, latest)
		if want := []int{1, 4}; !slices.Equal(reader.got, want) {
			t.Errorf("passed on %v, want %v", reader.got, want)
		}
		if n := latest.Dropped(); n != 2 {
			t.Errorf("dropped %d, want 2", n)
		}
	})
}

func TestEveryPassesOnOneValueInAnInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader := newSlow[int](0)
		every := channels.Every(100*time.Millisecond, reader)
		for i := range 35 {
			send(t, every, i)
			time.Sleep(10 * time.Millisecond)
		}
		flush(t, every)
		want := []time.Duration{0, 100, 200, 300, 400}
		for i := range want {
			want[i] *= time.Millisecond
		}
		if !slices.Equal(reader.at, want) {
			t.Errorf("passed on at %v, want %v", reader.at, want)
		}
		if last := reader.got[len(reader.got)-1]; last != 34 {
			t.Errorf("the last value passed on is %d, want 34", last)
		}
		// After a pause the first value goes at once.
		time.Sleep(time.Second)
		from := time.Since(reader.from)
		send(t, every, 99)
		if at := reader.at[len(reader.at)-1]; at != from {
			t.Errorf("after a pause a value waited %v", at-from)
		}
	})
}

func TestDropOldestKeepsTheNewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader := newSlow[int](time.Second)
		dropping := channels.DropOldest(3, reader)
		send(t, dropping, 1, 2, 3, 4, 5, 6, 7)
		flush(t, dropping)
		if want := []int{1, 5, 6, 7}; !slices.Equal(reader.got, want) {
			t.Errorf("passed on %v, want %v", reader.got, want)
		}
		if n := dropping.Dropped(); n != 3 {
			t.Errorf("dropped %d, want 3", n)
		}
	})
}

func TestPoliciesCompose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader := newSlow[int](0)
		inner := channels.Every(time.Second, reader)
		outer := channels.DropOldest(2, inner)
		send(t, outer, 1, 2, 3, 4)
		flush(t, outer)
		flush(t, inner)
		if want := []int{1, 4}; !slices.Equal(reader.got, want) {
			t.Errorf("passed on %v, want %v", reader.got, want)
		}
	})
}

func TestAPolicySaysWhenItsReaderIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader := newSlow[int](0)
		every := channels.Every(time.Hour, reader)
		send(t, every, 1, 2)
		close(reader.done)
		// The waiting value is dropped at once, and the goroutine ends.
		if err := every.Flush(t.Context()); !errors.Is(err, channels.ErrClosed) {
			t.Errorf("Flush: %v, want ErrClosed", err)
		}
		if err := every.Send(3); !errors.Is(err, channels.ErrClosed) {
			t.Errorf("Send: %v, want ErrClosed", err)
		}
	})
}

func TestAPolicyReportsTheErrorOfAnEarlierValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader := newSlow[int](0)
		reader.fail = errors.New("it can't be marshalled")
		latest := channels.Latest(reader)
		send(t, latest, 1)
		if err := latest.Send(2); !errors.Is(err, reader.fail) {
			t.Errorf("Send: %v, want the error of the value before", err)
		}
		synctest.Wait()
		if err := latest.Flush(t.Context()); !errors.Is(err, reader.fail) {
			t.Errorf("Flush: %v, want the error of the value before", err)
		}
		if err := latest.Flush(t.Context()); err != nil {
			t.Errorf("a second Flush: %v", err)
		}
	})
}

func TestFlushWaitsNoLongerThanItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		latest := channels.Latest(newSlow[int](time.Hour))
		send(t, latest, 1, 2)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := latest.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Flush: %v, want DeadlineExceeded", err)
		}
		time.Sleep(2 * time.Hour)
	})
}

func ExampleEvery() {
	// A channel is an argument of a command; this reader stands in for one.
	reader := newSlow[int](0)
	progress := channels.Every(time.Second/60, reader)
	for percent := range 101 {
		if err := progress.Send(percent); err != nil {
			return // The reader has gone.
		}
	}
	if err := progress.Flush(context.Background()); err != nil {
		return
	}
	fmt.Println("the last is", reader.got[len(reader.got)-1])
	// Output: the last is 100
}

func ExampleDropOldest() {
	reader := newSlow[string](0)
	lines := channels.DropOldest(1000, reader)
	_ = lines.Send("first")
	_ = lines.Flush(context.Background())
	fmt.Println(reader.got, lines.Dropped())
	// Output: [first] 0
}

func ExampleLatest() {
	reader := newSlow[float64](0)
	position := channels.Latest(reader)
	_ = position.Send(1.5)
	_ = position.Flush(context.Background())
	fmt.Println(reader.got)
	// Output: [1.5]
}
