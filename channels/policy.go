package channels

import (
	"context"
	"sync"
	"time"

	"casement/ipc"
)

// A Sender takes values one after the other: a Channel, or a Policy in front of one.
type Sender[T any] interface {
	// Send sends v. It returns ErrClosed if no more values are taken.
	Send(v T) error
	// SendContext is Send until ctx is done.
	SendContext(ctx context.Context, v T) error
	// Done returns a channel that is closed when no more values are taken.
	Done() <-chan struct{}
}

// A Policy is a sender in front of another one. It decides what happens while a producer is ahead
// of its reader: a bare Channel makes the producer wait, a Policy drops values. Its sends never
// block. It passes values on in order, from one goroutine that runs while values wait.
//
// Use policies for values that are complete in themselves, such as a position or a percentage. Call
// Flush before closing the channel, or the last values are lost. All methods are safe for
// concurrent use.
type Policy[T any] struct {
	to       Sender[T]
	keep     int
	interval time.Duration

	mu      sync.Mutex
	waiting []T
	dropped uint64
	err     error         // of an earlier value; the next call returns it
	idle    chan struct{} // closed when no values wait; nil while none do
	next    time.Time     // earliest time for the next value
}

// Latest passes on the newest value. A new value replaces one that still waits.
func Latest[T any](to Sender[T]) *Policy[T] { return &Policy[T]{to: to, keep: 1} }

// Every passes on at most one value per interval: the first at once, and the newest at the end of
// each interval. The last value is never lost.
func Every[T any](interval time.Duration, to Sender[T]) *Policy[T] {
	return &Policy[T]{to: to, keep: 1, interval: interval}
}

// DropOldest lets up to keep values wait, and drops the oldest when one more arrives. Dropped
// counts the dropped ones.
func DropOldest[T any](keep int, to Sender[T]) *Policy[T] {
	return &Policy[T]{to: to, keep: max(keep, 1)}
}

// Send queues v. It never blocks. An error other than ErrClosed is about an earlier value.
func (p *Policy[T]) Send(v T) error {
	select {
	case <-p.to.Done():
		return ErrClosed
	default:
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) >= p.keep {
		var none T
		p.waiting[0] = none
		p.waiting = p.waiting[1:]
		p.dropped++
	}
	p.waiting = append(p.waiting, v)
	if p.idle == nil {
		p.idle = make(chan struct{})
		go p.pass(p.idle)
	}
	err := p.err
	p.err = nil
	return err
}

// SendContext is Send.
func (p *Policy[T]) SendContext(_ context.Context, v T) error { return p.Send(v) }

// Done returns a channel that is closed when no more values are taken.
func (p *Policy[T]) Done() <-chan struct{} { return p.to.Done() }

// Dropped returns the number of values that were dropped.
func (p *Policy[T]) Dropped() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dropped
}

// Flush waits until all earlier values have been passed on, or until ctx is done. It returns
// ErrClosed if no more values are taken. On the UI thread it returns ipc.ErrUIThread instead of
// waiting.
func (p *Policy[T]) Flush(ctx context.Context) error {
	p.mu.Lock()
	idle := p.idle
	p.mu.Unlock()
	if idle != nil {
		if p.uiThread() {
			return ipc.ErrUIThread
		}
		select {
		case <-idle:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.err
	p.err = nil
	return err
}

// uiThread reports whether the caller must not block, as far as the next sender knows.
func (p *Policy[T]) uiThread() bool {
	to, knows := p.to.(interface{ uiThread() bool })
	return knows && to.uiThread()
}

// pass passes values on until none waits, and then closes idle.
func (p *Policy[T]) pass(idle chan struct{}) {
	for {
		p.pause()
		p.mu.Lock()
		if len(p.waiting) == 0 {
			p.idle = nil
			p.mu.Unlock()
			close(idle)
			return
		}
		v := p.waiting[0]
		var none T
		p.waiting[0] = none
		p.waiting = p.waiting[1:]
		p.next = time.Now().Add(p.interval)
		p.mu.Unlock()
		if err := p.to.Send(v); err != nil {
			p.mu.Lock()
			p.err = err
			p.mu.Unlock()
		}
	}
}

// pause waits until the next value may be passed on, if there is one.
func (p *Policy[T]) pause() {
	p.mu.Lock()
	wait := time.Until(p.next)
	if len(p.waiting) == 0 {
		wait = 0
	}
	p.mu.Unlock()
	if wait <= 0 {
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.to.Done():
	}
}

var (
	_ Sender[int] = Channel[int]{}
	_ Sender[int] = (*Policy[int])(nil)
)
