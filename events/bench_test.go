package events_test

import (
	"fmt"
	"strings"
	"testing"

	"casement/events"
	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

// newSink returns a window that parses nothing of a script but its acknowledgement.
func newSink(b *testing.B, bus *events.Bus, label ipc.Label) *pagetest.Paper {
	bus.OpenWindow(label)
	p := pagetest.NewPaper(b, new(ipc.Router), func(o *wire.EndpointOptions) {
		o.Label, o.Bus, o.MaxScript = label, bus.Pages(), 64<<10
	})
	p.Discard = true
	return p
}

// BenchmarkEmit emits 50 bytes to a number of pages, which evaluate them every hundred events.
func BenchmarkEmit(b *testing.B) {
	for _, pages := range []int{0, 1, 8} {
		b.Run(fmt.Sprintf("pages=%d", pages), func(b *testing.B) {
			bus := events.NewBus(nil)
			var sinks []*pagetest.Paper
			for i := range 8 { // All are open. Those that do not listen should cost nothing.
				s := newSink(b, bus, ipc.Label(fmt.Sprint("w", i)))
				if i < pages {
					s.Receive(`{"kind":"listen","id":1,"listener":1,"event":"x"}`, "")
				}
				sinks = append(sinks, s)
			}
			payload := strings.Repeat("x", 48)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := bus.Emit("x", payload); err != nil {
					b.Fatal(err)
				}
				if i%100 == 0 {
					for _, s := range sinks {
						s.Run()
					}
				}
			}
		})
	}
}

// BenchmarkEmitPayload emits a larger value to eight pages: it is marshalled once.
func BenchmarkEmitPayload(b *testing.B) {
	bus := events.NewBus(nil)
	var sinks []*pagetest.Paper
	for i := range 8 {
		s := newSink(b, bus, ipc.Label(fmt.Sprint("w", i)))
		s.Receive(`{"kind":"listen","id":1,"listener":1,"event":"x"}`, "")
		sinks = append(sinks, s)
	}
	payload := map[string]any{"text": strings.Repeat("x'\\", 10_000), "numbers": make([]int, 1000)}
	b.ReportAllocs()
	for b.Loop() {
		if err := bus.Emit("x", payload); err != nil {
			b.Fatal(err)
		}
		for _, s := range sinks {
			s.Run()
		}
	}
}

// BenchmarkListeners emits to a number of Go listeners.
func BenchmarkListeners(b *testing.B) {
	for _, count := range []int{0, 1, 8, 100} {
		b.Run(fmt.Sprintf("go=%d", count), func(b *testing.B) {
			bus := events.NewBus(nil)
			heard := 0
			for range count {
				if _, err := bus.Listen("x", func(events.Event) { heard++ }); err != nil {
					b.Fatal(err)
				}
			}
			payload := strings.Repeat("x", 48)
			b.ReportAllocs()
			for b.Loop() {
				if err := bus.Emit("x", payload); err != nil {
					b.Fatal(err)
				}
			}
			if heard != count*b.N && count > 0 {
				b.Errorf("%d heard", heard)
			}
		})
	}
}

func BenchmarkEmitFilter(b *testing.B) {
	bus := events.NewBus(nil)
	for i := range 8 {
		bus.OpenWindow(ipc.Label(fmt.Sprint("w", i)))
	}
	if _, err := bus.ListenWindow("w1", "x", func(events.Event) {}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := bus.EmitFilter("x", 1, func(t events.Target) bool { return t.Label == "w1" }); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEmitParallel(b *testing.B) {
	bus := events.NewBus(nil)
	if _, err := bus.Listen("x", func(events.Event) {}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := bus.Emit("x", 1); err != nil {
				b.Error(err)
			}
		}
	})
}
