package events_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"casement/events"
	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

// A sink is a window that takes every script and acknowledges it, and costs next to nothing itself.
type sink struct {
	endpoint *wire.Endpoint
	head     string
	queue    []func()
	bytes    int
}

var ackIn = regexp.MustCompile(`__ipc\.ack\(\['[0-9a-f]+',([0-9]+)\]\)$`)

func newSink(b *testing.B, bus *events.Bus, label ipc.Label) *sink {
	s := new(sink)
	endpoint, err := wire.NewEndpoint(b.Context(), wire.EndpointOptions{
		Label: label, Host: s, Router: new(ipc.Router), Origin: pagetest.Origin, Bus: bus.Pages(), MaxScript: 64 << 10,
	})
	if err != nil {
		b.Fatal(err)
	}
	s.endpoint = endpoint
	s.head = keyIn.FindStringSubmatch(endpoint.Script())[1] + " 0123456789abcdef\n"
	bus.OpenWindow(label)
	b.Cleanup(endpoint.Close)
	s.receive(`{"kind":"hello"}`)
	return s
}

func (s *sink) receive(header string) { s.endpoint.Receive([]byte(s.head + header + "\n\n")) }

func (s *sink) Post(f func()) bool {
	s.queue = append(s.queue, f)
	return true
}

func (s *sink) Trusted() bool { return true }

// UIThread implements wire.Host.
func (s *sink) UIThread() bool { return false }

func (s *sink) Eval(script []byte) {
	s.bytes += len(script)
	if m := ackIn.FindSubmatch(script[max(0, len(script)-60):]); m != nil {
		s.receive(`{"kind":"ack","scripts":` + string(m[1]) + `}`)
	}
}

func (s *sink) run() {
	for len(s.queue) > 0 {
		f := s.queue[0]
		s.queue = s.queue[1:]
		f()
	}
}

// BenchmarkEmit emits 50 bytes to so many pages, and evaluates them every hundred events.
func BenchmarkEmit(b *testing.B) {
	for _, pages := range []int{0, 1, 8} {
		b.Run(fmt.Sprintf("pages=%d", pages), func(b *testing.B) {
			bus := events.NewBus(nil)
			var sinks []*sink
			for i := range 8 { // All are open; those that do not listen should cost nothing.
				s := newSink(b, bus, ipc.Label(fmt.Sprint("w", i)))
				if i < pages {
					s.receive(`{"kind":"listen","id":1,"listener":1,"event":"x"}`)
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
						s.run()
					}
				}
			}
		})
	}
}

// BenchmarkEmitPayload emits a larger value to eight pages: it is marshalled once.
func BenchmarkEmitPayload(b *testing.B) {
	bus := events.NewBus(nil)
	var sinks []*sink
	for i := range 8 {
		s := newSink(b, bus, ipc.Label(fmt.Sprint("w", i)))
		s.receive(`{"kind":"listen","id":1,"listener":1,"event":"x"}`)
		sinks = append(sinks, s)
	}
	payload := map[string]any{"text": strings.Repeat("x'\\", 10_000), "numbers": make([]int, 1000)}
	b.ReportAllocs()
	for b.Loop() {
		if err := bus.Emit("x", payload); err != nil {
			b.Fatal(err)
		}
		for _, s := range sinks {
			s.run()
		}
	}
}

// BenchmarkListeners emits to so many Go listeners.
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
