package shell_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"testing"

	json "github.com/goccy/go-json"

	"casement/channels"
	"casement/internal/apptest"
	"casement/ipc"
	"casement/shell"
)

func TestMain(m *testing.M) { apptest.Main(m) }

type none = struct{}

// register registers the commands that the pages' suites call.
func register(app *shell.App) {
	r := app.Commands()
	ipc.Handle(r, "echo", func(_ context.Context, a struct {
		Value json.RawMessage `json:"value"`
	}) (json.RawMessage, error) {
		return a.Value, nil
	})
	ipc.Handle(r, "echo_bytes", func(_ context.Context, data []byte) ([]byte, error) { return data, nil })
	ipc.Handle(r, "sum_nested", func(_ context.Context, a struct {
		Data []byte `json:"data"`
	}) (int, error) {
		sum := 0
		for _, b := range a.Data {
			sum += int(b)
		}
		return sum, nil
	})
	ipc.Handle(r, "greet", func(_ context.Context, a struct {
		Name string `json:"name"`
	}) (string, error) {
		return "hello " + a.Name, nil
	})
	ipc.Handle(r, "double", func(_ context.Context, a struct {
		N int `json:"n"`
	}) (int, error) {
		return 2 * a.N, nil
	})
	ipc.Handle(r, "fail", func(context.Context, none) (none, error) {
		return none{}, ipc.NewError(errors.New("it broke"), map[string]string{"reason": "test"})
	})
	ipc.Handle(r, "panic", func(context.Context, none) (none, error) { panic("on purpose") })
	ipc.Handle(r, "nil_dereference", func(context.Context, none) (int, error) {
		var p *int
		return *p, nil
	})
	ipc.Handle(r, "only_settings", func(context.Context, none) (none, error) { return none{}, nil },
		ipc.AllowWindows("settings"))
	ipc.Handle(r, "large_integer", func(context.Context, none) (int64, error) { return 1 << 60, nil })

	cancelled := make(chan struct{}, 1)
	ipc.Handle(r, "wait", func(ctx context.Context, _ none) (none, error) {
		<-ctx.Done()
		cancelled <- struct{}{}
		return none{}, ctx.Err()
	})
	ipc.Handle(r, "await_cancelled", func(ctx context.Context, _ none) (bool, error) {
		select {
		case <-cancelled:
			return true, nil
		case <-ctx.Done():
			return false, ctx.Err()
		}
	})
	ipc.Handle(r, "inline", func(_ context.Context, a struct {
		N       int                    `json:"n"`
		OnEvent *channels.Channel[int] `json:"onEvent,omitempty"`
	}) (int, error) {
		if a.OnEvent != nil {
			defer a.OnEvent.Close()
			return 2 * a.N, a.OnEvent.TrySend(a.N)
		}
		return 2 * a.N, nil
	}, ipc.Inline())
	registerStreams(r)
	registerSinks(r)
}

func registerSinks(r *ipc.Router) {
	type values[T any] struct {
		Values channels.Receiver[T] `json:"values"`
	}
	ipc.Handle(r, "sum_stream", func(ctx context.Context, a values[int]) (int, error) {
		sum := 0
		for n, err := range a.Values.All(ctx) {
			if err != nil {
				return 0, err
			}
			sum += n
		}
		return sum, nil
	})
	ipc.Handle(r, "hash_stream", func(ctx context.Context, a struct {
		Data    channels.Receiver[[]byte] `json:"data"`
		Padding string                    `json:"padding,omitempty"`
	}) (string, error) {
		sum := sha256.New()
		if _, err := io.Copy(sum, channels.NewReader(ctx, a.Data)); err != nil {
			return "", err
		}
		return hex.EncodeToString(sum.Sum(nil)), nil
	})
	now := make(chan struct{}, 1)
	ipc.Handle(r, "read_later", func(ctx context.Context, a values[string]) (int, error) {
		<-now
		count := 0
		for _, err := range a.Values.All(ctx) {
			if err != nil {
				return 0, err
			}
			count++
		}
		return count, nil
	})
	ipc.Handle(r, "read_now", func(context.Context, none) (none, error) {
		now <- struct{}{}
		return none{}, nil
	})
	ipc.Handle(r, "round_trip", func(context.Context, none) (none, error) { return none{}, nil })
	ipc.Handle(r, "read_no_bytes", func(_ context.Context, a values[[]byte]) (none, error) {
		a.Values.Close()
		return none{}, nil
	})
	ipc.Handle(r, "read_one", func(ctx context.Context, a values[int]) (int, error) {
		defer a.Values.Close()
		return a.Values.Recv(ctx)
	})
}

func registerStreams(r *ipc.Router) {
	ipc.Handle(r, "mixed", func(_ context.Context, a struct {
		OnEvent channels.Channel[any] `json:"onEvent"`
		Rounds  int                   `json:"rounds"`
	}) (string, error) {
		defer a.OnEvent.Close()
		for round := range a.Rounds {
			large := make([]byte, 300_000)
			copy(large, json.RawMessage([]byte{byte('0' + round/10), byte('0' + round%10)}))
			for i := range large {
				if large[i] == 0 {
					large[i] = 'x'
				}
			}
			if round < 10 {
				large = append(large[1:], 'x')
			}
			for _, v := range []any{round, string(large), make([]byte, 100_000), "end"} {
				if err := a.OnEvent.Send(v); err != nil {
					return "", err
				}
			}
		}
		return "done", nil
	})
	ipc.Handle(r, "stream_bytes", func(_ context.Context, a struct {
		OnBytes channels.Channel[[]byte] `json:"onBytes"`
		Sizes   []int                    `json:"sizes"`
	}) (none, error) {
		defer a.OnBytes.Close()
		for i, size := range a.Sizes {
			data := make([]byte, size)
			for at := range data {
				data[at] = byte(i + 1)
			}
			if err := a.OnBytes.Send(data); err != nil {
				return none{}, err
			}
		}
		return none{}, nil
	})
	type stream struct {
		OnEvent channels.Channel[int] `json:"onEvent"`
		Count   int                   `json:"count,omitempty"`
		Padding string                `json:"padding,omitempty"`
	}
	sent, stopped := make(chan int, 1), make(chan int, 1)
	ipc.Handle(r, "stopped", func(ctx context.Context, _ none) (int, error) {
		select {
		case n := <-stopped:
			return n, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	})
	ipc.Handle(r, "flood", func(_ context.Context, a stream) (int, error) {
		defer a.OnEvent.Close()
		full := false
		for i := range a.Count {
			err := a.OnEvent.TrySend(i)
			if errors.Is(err, channels.ErrFull) {
				if !full {
					full = true
					select {
					case sent <- i:
					default:
					}
				}
				err = a.OnEvent.Send(i)
			}
			if err != nil {
				select {
				case stopped <- i:
				default:
				}
				return i, err
			}
		}
		return a.Count, nil
	})
	ipc.Handle(r, "flooded", func(ctx context.Context, _ none) (int, error) {
		select {
		case n := <-sent:
			return n, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	})
	ipc.Handle(r, "endless", func(_ context.Context, a stream) (string, error) {
		for i := 0; ; i++ {
			if err := a.OnEvent.Send(i); errors.Is(err, channels.ErrClosed) {
				return "closed", nil
			} else if err != nil {
				return "", err
			}
		}
	})
}

func TestPagesTalkToGo(t *testing.T) {
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		app := apptest.Start(t, apptest.Config{
			Portable: portable, Suite: "../frontend/api/test/window/core.ts", Setup: register,
		})
		app.Suite()
	})
}
