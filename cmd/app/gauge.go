package main

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"casement/channels"
)

// gaugeInterval keeps figures still for long enough to be read.
const gaugeInterval = 200 * time.Millisecond

// A Gauge is what a producer says of itself five times a second, over a channel of its own: so it comes
// even while the stream that it is about stands still.
type Gauge struct {
	// Frames are the pictures begun; 0 where there are none.
	Frames int64 `json:"frames"`
	// Messages are those handed over to the stream.
	Messages int64 `json:"messages"`
	// Bytes are those produced, the ones that wait for the stream included.
	Bytes int64 `json:"bytes"`
	// Held says that the producer has stood still since the last time, because the page takes nothing.
	Held bool `json:"held"`
}

// A gauge counts what a producer does. All methods are safe for concurrent use.
type gauge struct {
	frames, messages, bytes atomic.Int64
	sending                 atomic.Int32 // sends that have not returned
}

// pass counts a message that send hands over.
func (g *gauge) pass(send func() error) error {
	g.sending.Add(1)
	defer g.sending.Add(-1)
	err := send()
	if err == nil {
		g.messages.Add(1)
	}
	return err
}

// read returns the counters, of which last is an earlier state.
func (g *gauge) read(last Gauge) Gauge {
	now := Gauge{Frames: g.frames.Load(), Messages: g.messages.Load(), Bytes: g.bytes.Load()}
	now.Held = g.sending.Load() > 0 && now.Messages == last.Messages
	return now
}

// report sends the counters at intervals, and once more when ctx is done. It returns early if nobody takes
// them.
func (g *gauge) report(ctx context.Context, to channels.Sender[Gauge]) {
	ticker := time.NewTicker(gaugeInterval)
	defer ticker.Stop()
	var last Gauge
	for {
		select {
		case <-ticker.C:
			last = g.read(last)
			if to.Send(last) != nil {
				return
			}
		case <-ctx.Done():
			last = g.read(Gauge{Messages: -1})
			_ = to.Send(last) // An error means that nobody is left to know.
			return
		}
	}
}

// reported runs a producer and reports what its gauge says until it ends.
func reported(ctx context.Context, g *gauge, to channels.Sender[Gauge], produce func(context.Context) error) error {
	reporting, stop := context.WithCancel(context.WithoutCancel(ctx))
	var reports errgroup.Group
	reports.Go(func() error {
		g.report(reporting, to)
		return nil
	})
	defer func() {
		stop()
		_ = reports.Wait()
	}()
	return produce(ctx)
}
