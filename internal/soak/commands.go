package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"casement/channels"
	"casement/ipc"
)

type none struct{}

// A counter holds the progress of the running commands.
type counter struct {
	sent    atomic.Int64  // bytes or messages
	hash    atomic.Uint32 // of everything that bytes or values sent; set when they return
	blocked atomic.Int64  // waiting sends of endless
	ended   chan time.Time
	uploads chan struct{}

	producers errgroup.Group // of endless; they end with their pages
}

func newCounter() *counter {
	return &counter{ended: make(chan time.Time, 64), uploads: make(chan struct{}, 1)}
}

type value struct {
	N    int    `json:"n"`
	Text string `json:"text"`
}

type outArgs[T any] struct {
	Out   channels.Channel[T] `json:"out"`
	Count int                 `json:"count,omitempty"`
	Size  int                 `json:"size,omitempty"`
}

func (c *counter) register(r *ipc.Router) {
	ipc.Handle(r, "bytes", c.bytes)
	ipc.Handle(r, "values", c.values)
	ipc.Handle(r, "endless", c.endless)
	ipc.Handle(r, "race", c.race)
	ipc.Handle(r, "flat_out_bytes", flatOut(make([]byte, 64<<10)))
	ipc.Handle(r, "flat_out_values", flatOut(strings.Repeat("x", 48)))
	ipc.Handle(r, "uploading", func(context.Context, none) (none, error) {
		c.uploads <- struct{}{}
		return none{}, nil
	})
	ipc.Handle(r, "hash_upload", c.hashUpload)
}

// bytes streams count buffers of size bytes.
func (c *counter) bytes(ctx context.Context, a outArgs[[]byte]) (none, error) {
	defer a.Out.Close()
	source, buffer, sum := newNoise(), make([]byte, a.Size), start
	for range a.Count {
		source.fill(buffer)
		sum = sum.words(buffer)
		if err := a.Out.SendContext(ctx, buffer); err != nil {
			return none{}, err
		}
		c.sent.Add(int64(a.Size))
	}
	c.hash.Store(uint32(sum))
	return none{}, nil
}

// values streams count small values.
func (c *counter) values(ctx context.Context, a outArgs[value]) (none, error) {
	defer a.Out.Close()
	sum := start
	for n := range a.Count {
		v := value{n, fmt.Sprintf("message %d of %d", n, a.Count)}
		sum = sum.word(uint32(n)).text(v.Text)
		if err := a.Out.SendContext(ctx, v); err != nil {
			return none{}, err
		}
		c.sent.Add(1)
	}
	c.hash.Store(uint32(sum))
	return none{}, nil
}

// endless starts two streams that never stop sending: one sends until it would block and then
// waits, the other polls for room. endless returns at once, because a pending call would hold its
// streams.
func (c *counter) endless(_ context.Context, a struct {
	Bytes  channels.Channel[[]byte] `json:"bytes"`
	Values channels.Channel[string] `json:"values"`
}) (none, error) {
	c.producers.Go(func() error {
		data := make([]byte, 64<<10)
		for {
			err := a.Bytes.TrySend(data)
			if errors.Is(err, channels.ErrFull) {
				c.blocked.Add(1)
				err = a.Bytes.Send(data)
				c.blocked.Add(-1)
			}
			if err != nil {
				return c.over(err)
			}
			c.sent.Add(int64(len(data)))
		}
	})
	c.producers.Go(func() error {
		text := strings.Repeat("x", 48)
		for n := 0; ; n++ {
			err := a.Values.TrySend(text)
			switch {
			case errors.Is(err, channels.ErrFull):
				time.Sleep(100 * time.Microsecond)
			case err != nil:
				return c.over(err)
			default:
				c.sent.Add(int64(len(text)))
			}
		}
	})
	return none{}, nil
}

// over records the end of a stream.
func (c *counter) over(err error) error {
	if errors.Is(err, channels.ErrClosed) {
		c.ended <- time.Now()
		return nil
	}
	return err
}

// race sends over all channels at once, as fast as each accepts, for Millis milliseconds.
func (c *counter) race(ctx context.Context, a struct {
	Outs   []channels.Channel[int] `json:"outs"`
	Millis int                     `json:"millis"`
}) (none, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(a.Millis)*time.Millisecond)
	defer cancel()
	var g errgroup.Group
	for _, out := range a.Outs {
		g.Go(func() error {
			for n := 0; ; n++ {
				if err := out.SendContext(ctx, n); err != nil {
					if ctx.Err() != nil {
						return nil
					}
					return err
				}
			}
		})
	}
	return none{}, g.Wait()
}

// flatOut returns a command that sends v until the page closes the channel.
func flatOut[T any](v T) func(context.Context, outArgs[T]) (none, error) {
	return func(ctx context.Context, a outArgs[T]) (none, error) {
		for {
			if err := a.Out.SendContext(ctx, v); errors.Is(err, channels.ErrClosed) {
				return none{}, nil
			} else if err != nil {
				return none{}, err
			}
		}
	}
}

// hashUpload returns the SHA-256 of the bytes that a page streams.
func (c *counter) hashUpload(ctx context.Context, a struct {
	Data channels.Receiver[[]byte] `json:"data"`
}) (string, error) {
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(sum, c), channels.NewReader(ctx, a.Data)); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Write counts bytes.
func (c *counter) Write(p []byte) (int, error) {
	c.sent.Add(int64(len(p)))
	return len(p), nil
}
