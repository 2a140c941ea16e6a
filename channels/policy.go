package channels

import (
	"context"
	"sync"
	"time"

	"casement/ipc"
)

// A Sender takes values one after the other: a Channel, or a policy before one.
type Sender[T any] interface {
	// Send hands over v. ErrClosed means that nobody takes values any more.
	Send(v T) error
	// SendContext is Send until ctx is done.
	SendContext(ctx context.Context, v T) error
	// Done returns a channel that is closed when nobody takes values any more.
	Done() <-chan struct{}
}

// A Policy stands before a sender and decides what a producer that is ahead of its reader gives up: its
// time, as a bare Channel has it, or values. Its sends never wait. It passes values on from a goroutine of
// its own, in order, which lives as long as values wait.
//
// Policies are for values that stand for themselves, such as a position or a percentage. Flush before
// closing the channel, or the last of them is lost. All methods are safe for concurrent use.
type Policy[T any] struct {
	to       Sender[T]
	keep     int
	interval time.Duration

	mu      sync.Mutex
	waiting []T
	dropped uint64
	err     error         // of a value that was passed on; the next call returns it
	idle    chan struct{} // closed when nothing waits; nil if nothing does
	next    time.Time     // when the next value may be passed on
}

// Latest passes on the newest value: what the reader is not ready for is replaced by what comes next.
func Latest[T any](to Sender[T]) *Policy[T] { return &Policy[T]{to: to, keep: 1} }

// Every passes on one value in an interval at the most: the first at once, and then the newest when the
// interval is over. The last value is never lost.
func Every[T any](interval time.Duration, to Sender[T]) *Policy[T] {
	return &Policy[T]{to: to, keep: 1, interval: interval}
}

// DropOldest lets so many values wait and drops the oldest when one more comes. Dropped counts them.
func DropOldest[T any](keep int, to Sender[T]) *Policy[T] {
	return &Policy[T]{to: to, keep: max(keep, 1)}
}

// Send hands over v. It never waits. An error other than ErrClosed is about an earlier value.
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

// Done returns a channel that is closed when nobody takes values any more.
func (p *Policy[T]) Done() <-chan struct{} { return p.to.Done() }

// Dropped returns how many values have not been passed on and never will be.
func (p *Policy[T]) Dropped() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dropped
}

// Flush waits until what was sent before has been passed on, until ctx is done. It returns ErrClosed if
// nobody takes values any more. On the UI thread it returns ipc.ErrUIThread instead of waiting.
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

// uiThread reports whether the caller must not wait, as far as the one behind the policy knows.
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

// pause waits until the next value may be passed on, if one waits.
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
