package wire_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"strings"
	"testing"
	"time"

	"casement/internal/wire"
	"casement/ipc"
)

// benchPaper returns a window that parses nothing of a script but its acknowledgement.
func benchPaper(b *testing.B, r *ipc.Router) (*paper, *wire.Page) {
	p := newPaper(b, r, func(o *wire.EndpointOptions) { o.MaxScript = 256 << 10 })
	p.Discard = true
	return p, p.Endpoint.Page()
}

// BenchmarkOutbox measures a channel's messages from the value to the script.
func BenchmarkOutbox(b *testing.B) {
	b.Run("value 50 B", func(b *testing.B) {
		p, page := benchPaper(b, new(ipc.Router))
		v := strings.Repeat("x", 48)
		b.SetBytes(50)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			m, err := wire.NewValue(1, v)
			if err != nil {
				b.Fatal(err)
			}
			if err := page.TrySend(m); err != nil {
				b.Fatal(err)
			}
			m.Free()
			if i%1024 == 0 {
				p.Run()
			}
		}
		p.Run()
		b.ReportMetric(float64(p.Scripts)/float64(b.N), "scripts/op")
	})
	b.Run("struct", func(b *testing.B) {
		p, page := benchPaper(b, new(ipc.Router))
		type chunk struct {
			Event string `json:"event"`
			Bytes int64  `json:"bytes"`
			Total int64  `json:"total"`
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			m, err := wire.NewValue(1, chunk{"chunk", int64(i), 1 << 40})
			if err != nil {
				b.Fatal(err)
			}
			if err := page.TrySend(m); err != nil {
				b.Fatal(err)
			}
			m.Free()
			if i%1024 == 0 {
				p.Run()
			}
		}
		p.Run()
	})
	for _, size := range []int{4 << 10, 64 << 10, 1 << 20} {
		b.Run(fmt.Sprintf("bytes %d KiB", size>>10), func(b *testing.B) {
			p, page := benchPaper(b, new(ipc.Router))
			data := pattern(size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				m := wire.NewBytes(1, data)
				if err := page.TrySend(m); err != nil {
					b.Fatal(err)
				}
				m.Free()
				p.Run()
			}
		})
	}
}

// BenchmarkCall measures a small call from the page's message to the script that settles it.
func BenchmarkCall(b *testing.B) {
	var r ipc.Router
	ipc.Handle(&r, "greet", func(_ context.Context, a struct {
		Name string `json:"name"`
	}) (string, error) {
		return "Hello, " + a.Name, nil
	})
	ipc.Handle(&r, "inline", func(_ context.Context, a struct {
		Name string `json:"name"`
	}) (string, error) {
		return "Hello, " + a.Name, nil
	}, ipc.Inline())
	for _, row := range []struct {
		command string
		batch   int
	}{{"greet", 1}, {"greet", 64}, {"inline", 1}} {
		command, batch := row.command, row.batch
		b.Run(fmt.Sprintf("%s in batches of %d", command, batch), func(b *testing.B) {
			p, _ := benchPaper(b, &r)
			var text strings.Builder
			fmt.Fprintf(&text, "%s %s\n", p.Key, p.Page)
			for id := range batch {
				fmt.Fprintf(&text, "{\"kind\":\"call\",\"id\":%d,\"command\":%q}\n{\"name\":\"Ann\"}\n", id+1, command)
			}
			raw := []byte(text.String())
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				p.Endpoint.Receive(raw)
				p.Endpoint.Wait()
				p.Run()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch), "ns/call")
		})
	}
}

// BenchmarkEncode measures the encoding of a value as a message.
func BenchmarkEncode(b *testing.B) {
	many := make([]item, 10_000)
	for i := range many {
		many[i] = item{"a file of some name", uint16(i)}
	}
	type event struct {
		When  time.Time       `json:"when"`
		Level slog.Level      `json:"level"`
		Raw   json.RawMessage `json:"raw"`
	}
	events := make([]event, 1000)
	rows := make([]any, 10_000)
	for i := range events {
		events[i] = event{time.Unix(int64(i), 0).UTC(), slog.LevelInfo, json.RawMessage(`{"a":[1,2,3]}`)}
	}
	for i := range rows {
		rows[i] = map[string]any{"name": "a file of some name", "size": float64(i), "tags": []any{"x", true}}
	}
	for name, v := range map[string]any{
		"1,000 times":      events,
		"10,000 maps":      rows,
		"integer keys":     map[int]string{1: "a", 2: "b", 3: "c"},
		"pointer receiver": struct{ N big.Int }{*big.NewInt(5)},
		"string":           "fifty bytes of progress, more or less, as they go",
		"struct":           item{"a", 1},
		"10,000 structs":   many,
		"any":              map[string]any{"a": 1, "b": []any{"x", 2.5}},
		"string 1 MiB":     strings.Repeat("x", 1<<20),
		"string of quotes": strings.Repeat(`"`, 1<<16),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m, err := wire.NewValue(1, v)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(m.Size()))
				m.Free()
			}
		})
	}
}
