package main

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"casement/channels"
)

// gaugeInterval keeps figures on the screen long enough to be read.
const gaugeInterval = 200 * time.Millisecond

// A Gauge is a producer's report, sent five times a second over a channel of its own, so that it
// arrives even while the stream itself is blocked.
type Gauge struct {
	// Frames is the number of pictures that were begun; 0 if the producer draws none.
	Frames int64 `json:"frames"`
	// Messages is the number of messages that the stream has accepted.
	Messages int64 `json:"messages"`
	// Bytes is the number of bytes produced, including those that wait for the stream.
	Bytes int64 `json:"bytes"`
	// Held means that the producer has been blocked since the last report, because the page does
	// not read.
	Held bool `json:"held"`
}

// A gauge counts the work of a producer. All methods are safe for concurrent use.
type gauge struct {
	frames, messages, bytes atomic.Int64
	sending                 atomic.Int32 // sends that have not returned
}

// pass counts a message that send passes to the stream.
func (g *gauge) pass(send func() error) error {
	g.sending.Add(1)
	defer g.sending.Add(-1)
	err := send()
	if err == nil {
		g.messages.Add(1)
	}
	return err
}

// read returns the counters. last is an earlier state of them.
func (g *gauge) read(last Gauge) Gauge {
	now := Gauge{Frames: g.frames.Load(), Messages: g.messages.Load(), Bytes: g.bytes.Load()}
	now.Held = g.sending.Load() > 0 && now.Messages == last.Messages
	return now
}

// report sends the counters at intervals, and once more when ctx is done. It returns early if the
// page closes the channel.
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
			_ = to.Send(last) // An error means that the page is gone.
			return
		}
	}
}

// reported runs a producer and reports its gauge until the producer returns.
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
