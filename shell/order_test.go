package shell_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"casement/channels"
	"casement/internal/apptest"
	"casement/ipc"
	"casement/shell"
)

// One of the nine producers is the UI thread, which can't wait: when the page is behind, the
// producer posts itself again. The page checks each producer's sequence and then counts.
//
// It would pass vacuously if the page did not check the messages, so the page reports the number
// that it has seen.
func TestNothingIsLostOrReorderedWhoeverSends(t *testing.T) {
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		const producers = 9
		each := 1_000_000/producers + 1
		if portable {
			each /= 4 // webview_go's bound functions and evals are several times slower.
		}
		app := apptest.Start(t, apptest.Config{Portable: portable, Setup: func(a *shell.App) {
			ipc.Handle(a.Commands(), "produce", func(ctx context.Context, args struct {
				Outlets []channels.Channel[int] `json:"outlets"`
			}) (none, error) {
				done := make(chan error, producers)
				for _, outlet := range args.Outlets[1:] {
					go func() { done <- produce(ctx, outlet, each) }()
				}
				produceOnUI(a, args.Outlets[0], 0, each, done)
				for range producers {
					if err := <-done; err != nil {
						return none{}, err
					}
				}
				return none{}, nil
			})
		}})
		got := app.JS(app.Window, fmt.Sprintf(`
			const next = new Array(%d).fill(0);
			let wrong = 0;
			const outlets = next.map((_, at) => __ipc.channel((n) => { if (n !== next[at]++) wrong++; }));
			await __ipc.invoke('produce', { outlets });
			await Promise.all(outlets.map((outlet) => outlet.closed));
			return [wrong, next.every((n) => n === %d)];`, producers, each))
		if got != "[0,true]" {
			t.Errorf("[messages out of place, all there] = %s", got)
		}
	})
}

func produce(ctx context.Context, outlet channels.Channel[int], count int) error {
	defer outlet.Close()
	for i := range count {
		if err := outlet.SendContext(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// produceOnUI sends from the UI thread, a few messages at a time.
func produceOnUI(a *shell.App, outlet channels.Channel[int], from, count int, done chan<- error) {
	a.Post(func() {
		i := from
		for ; i < count && i < from+200; i++ {
			if err := outlet.TrySend(i); errors.Is(err, channels.ErrFull) {
				break
			} else if err != nil {
				done <- err
				return
			}
		}
		if i < count {
			produceOnUI(a, outlet, i, count, done)
			return
		}
		go func() {
			outlet.Close()
			done <- nil
		}()
	})
}

// TestLargeResultsSettleWhileChannelsSendFlatOut opens enough channels for their credit to fill the
// lane. If senders did not take turns, large results would never be sent while the channels send.
func TestLargeResultsSettleWhileChannelsSendFlatOut(t *testing.T) {
	app := apptest.Start(t, apptest.Config{Setup: func(a *shell.App) {
		ipc.Handle(a.Commands(), "flat_out", func(ctx context.Context, args struct {
			Out channels.Channel[[]byte] `json:"out"`
		}) (none, error) {
			data := make([]byte, 64<<10)
			for {
				if err := args.Out.SendContext(ctx, data); errors.Is(err, channels.ErrClosed) {
					return none{}, nil
				} else if err != nil {
					return none{}, err
				}
			}
		})
		ipc.Handle(a.Commands(), "large", func(_ context.Context, size int) (string, error) {
			return strings.Repeat("x", size<<20), nil
		})
	}})
	got := app.JS(app.Window, `
		let messages = 0;
		const outs = Array.from({ length: 24 }, () => __ipc.channel(() => { messages++; }));
		const running = outs.map((out) => __ipc.invoke('flat_out', { out }));
		while (messages < 500) await new Promise((go) => setTimeout(go, 5));
		const sizes = [];
		for (const size of [1, 8, 20]) sizes.push((await __ipc.invoke('large', size)).length / 1048576);
		const went = messages;
		while (messages === went) await new Promise((go) => setTimeout(go, 5));
		for (const out of outs) out.close();
		await Promise.all(running);
		return sizes`)
	if got != "[1,8,20]" {
		t.Error(got)
	}
}
