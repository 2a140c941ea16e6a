package shell_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"casement/channels"
	"casement/internal/apptest"
	"casement/ipc"
	"casement/shell"
)

// These benchmarks run in a real window on the native path. One script in the page performs b.N
// operations, so the measurement holds the operations alone.

func benchmark(b *testing.B, setup func(*shell.App), script string) {
	app := apptest.Start(b, apptest.Config{Setup: setup})
	app.JS(app.Window, "globalThis.prepared = 1")
	b.ReportAllocs()
	b.ResetTimer()
	app.JS(app.Window, fmt.Sprintf("const n = %d;\n%s", b.N, script))
	b.StopTimer()
}

func BenchmarkInvokeOneAtATime(b *testing.B) {
	benchmark(b, register, "for (let i = 0; i < n; i++) await __ipc.invoke('double', { n: i })")
}

func BenchmarkInvokeTenThousandAtOnce(b *testing.B) {
	benchmark(b, register, `
		for (let left = n; left > 0; left -= 10000) {
			await Promise.all(Array.from({ length: Math.min(left, 10000) }, (_, i) => __ipc.invoke('double', { n: i })));
		}`)
}

func BenchmarkEchoOneMebibyteOfText(b *testing.B) {
	b.SetBytes(1 << 20)
	benchmark(b, register, "const value = 'x'.repeat(1 << 20); for (let i = 0; i < n; i++) await __ipc.invoke('echo', { value })")
}

func BenchmarkBytesUpAndDown(b *testing.B) {
	b.SetBytes(1 << 20)
	benchmark(b, register, "const data = new Uint8Array(1 << 20); for (let i = 0; i < n; i++) await __ipc.invoke('echo_bytes', data)")
}

func BenchmarkEvents(b *testing.B) {
	benchmark(b, func(app *shell.App) {
		payload := strings.Repeat("x", 48)
		ipc.Handle(app.Commands(), "emit", func(_ context.Context, a struct {
			N int `json:"n"`
		}) (none, error) {
			for range a.N {
				for app.Emit("bench", payload) != nil { // The outbox is full.
				}
			}
			return none{}, nil
		})
	}, `
		let seen = 0, all;
		const done = new Promise((resolve) => { all = resolve; });
		await __ipc.listen('bench', () => { if (++seen === n) all(); });
		await __ipc.invoke('emit', { n });
		await done;`)
}

func benchmarkChannel[T any](b *testing.B, message T, limit channels.Limit) {
	benchmark(b, func(app *shell.App) {
		ipc.Handle(app.Commands(), "stream", func(_ context.Context, a struct {
			Out channels.Channel[T] `json:"out"`
			N   int                 `json:"n"`
		}) (none, error) {
			defer a.Out.Close()
			a.Out.SetLimit(limit)
			for range a.N {
				if err := a.Out.Send(message); err != nil {
					return none{}, err
				}
			}
			return none{}, nil
		})
	}, "const out = __ipc.channel(() => {}); await __ipc.invoke('stream', { out, n }); await out.closed")
}

func BenchmarkChannelValues(b *testing.B) {
	benchmarkChannel(b, strings.Repeat("x", 48), channels.Limit{})
}

func BenchmarkChannelBytes(b *testing.B) {
	for _, size := range []int{4 << 10, 64 << 10, 1 << 20} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			b.SetBytes(int64(size))
			benchmarkChannel(b, make([]byte, size), channels.Limit{})
		})
	}
}

// BenchmarkLimits measures the candidates for the defaults of channels.Limit.
func BenchmarkLimits(b *testing.B) {
	for _, messages := range []int{256, 1024, 4096, 16384} {
		b.Run(fmt.Sprintf("%dMessages", messages), func(b *testing.B) {
			benchmarkChannel(b, strings.Repeat("x", 48), channels.Limit{Messages: messages})
		})
	}
	for _, size := range []int{64 << 10, 1 << 20} {
		for _, limit := range []int{512 << 10, 1 << 20, 2 << 20, 4 << 20, 8 << 20} {
			b.Run(fmt.Sprintf("%dKiBOf%dKiB", limit>>10, size>>10), func(b *testing.B) {
				b.SetBytes(int64(size))
				benchmarkChannel(b, make([]byte, size), channels.Limit{Bytes: limit})
			})
		}
	}
}
