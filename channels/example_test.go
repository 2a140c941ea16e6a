package channels_test

import (
	"context"
	"fmt"
	"time"

	"casement/channels"
	"casement/ipc"
)

// A command that reports its progress while the page listens.
func ExampleChannel() {
	type args struct {
		Path    string                    `json:"path"`
		OnEvent channels.Channel[float64] `json:"onEvent"`
	}
	var commands ipc.Router
	ipc.Handle(&commands, "copy", func(ctx context.Context, a args) (bool, error) {
		defer a.OnEvent.Close()
		for done := 0.0; done <= 1; done += 0.01 {
			if err := a.OnEvent.SendContext(ctx, done); err != nil {
				return false, err // The page is gone, closed the channel, or aborted the call.
			}
		}
		return true, nil
	})
	fmt.Println(commands.Err())
	// In the page:
	//	const onEvent = new Channel<number>((done) => { bar.value = done; });
	//	await invoke('copy', { path, onEvent });

	// Output: <nil>
}

// A stream that outlives its command: the page stops the producer by closing the channel.
func ExampleChannel_Done() {
	clock := func(_ context.Context, a struct{ Ticks channels.Channel[time.Time] }) (struct{}, error) {
		go func() {
			ticker := time.NewTicker(time.Second)
			defer ticker.Stop()
			for {
				select {
				case now := <-ticker.C:
					_ = a.Ticks.TrySend(now) // A page that is behind misses a tick.
				case <-a.Ticks.Done():
					return
				}
			}
		}()
		return struct{}{}, nil
	}
	var commands ipc.Router
	ipc.Handle(&commands, "clock", clock)
	fmt.Println(commands.Names())
	// Output: [clock]
}
