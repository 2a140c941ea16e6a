package main

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"casement/channels"
)

// A taker is a page's end of a channel, without a page. It accepts every message at once, or none
// while it is shut. Its zero value is open.
type taker[T any] struct {
	mu     sync.Mutex
	taken  []T
	shut   chan struct{} // closed when it opens; nil if it is open
	closed chan struct{}
}

func newTaker[T any]() *taker[T] { return &taker[T]{closed: make(chan struct{})} }

func (k *taker[T]) Send(v T) error { return k.SendContext(context.Background(), v) }

func (k *taker[T]) SendContext(ctx context.Context, v T) error {
	for {
		k.mu.Lock()
		shut := k.shut
		if shut == nil {
			k.taken = append(k.taken, v)
			k.mu.Unlock()
			return nil
		}
		k.mu.Unlock()
		select {
		case <-shut:
		case <-k.closed:
			return channels.ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (k *taker[T]) Done() <-chan struct{} { return k.closed }

func (k *taker[T]) setShut(shut bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case shut && k.shut == nil:
		k.shut = make(chan struct{})
	case !shut && k.shut != nil:
		close(k.shut)
		k.shut = nil
	}
}

func (k *taker[T]) all() []T {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.taken)
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(loadedStep); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %v for %s", loadedStep, what)
		}
	}
}

// heldReports is the number of reports in a row that must say that a producer is blocked.
const heldReports = 4

// standsStill waits until a producer is blocked for heldReports reports whose counters are all the
// same.
func standsStill(t *testing.T, reports *taker[Gauge]) Gauge {
	t.Helper()
	var last Gauge
	from := len(reports.all())
	eventually(t, "the producer to be held back", func() bool {
		all := reports.all()[from:]
		if len(all) < heldReports {
			return false
		}
		all = all[len(all)-heldReports:]
		last = all[0]
		return !slices.ContainsFunc(all, func(g Gauge) bool { return !g.Held || g != last })
	})
	return last
}
