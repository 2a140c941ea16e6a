package channels_test

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"casement/channels"
	"casement/internal/wire"
	"casement/ipc"
)

// A reader is a window without JavaScript that consumes every message, and grants credit when
// asked.
type reader struct {
	endpoint *wire.Endpoint
	head     string
	queue    chan func()
	messages int
}

func (r *reader) Post(f func()) bool { r.queue <- f; return true }

var acks = regexp.MustCompile(`__ipc\.ack\(\['[0-9a-f]{16}',(\d+)\]\)`)

func (r *reader) Trusted() bool { return true }

func (r *reader) UIThread() bool { return false }

func (r *reader) Eval(script []byte) {
	text := string(script)
	r.messages += strings.Count(text, "[3,1,")
	if strings.Contains(text, ",1]") {
		r.receive(`{"kind":"grant","channel":1,"messages":` + strconv.Itoa(r.messages) + `}`)
	}
	if ack := acks.FindStringSubmatch(text); ack != nil {
		r.receive(`{"kind":"ack","scripts":` + ack[1] + `}`)
	}
}

func (r *reader) receive(header string) { r.endpoint.Receive([]byte(r.head + header + "\n\n")) }

// BenchmarkSend measures a producer whose reader keeps up, credit and acknowledgements included.
func BenchmarkSend(b *testing.B) {
	arrived := make(chan channels.Channel[string], 1)
	var router ipc.Router
	ipc.Handle(&router, "open", func(_ context.Context, a one[string]) (none, error) {
		arrived <- a.C
		return none{}, nil
	})
	r := &reader{queue: make(chan func(), 1024)}
	endpoint, err := wire.NewEndpoint(b.Context(), wire.EndpointOptions{Label: "main", Host: r, Router: &router, Origin: "app://localhost", MaxScript: 64 << 10})
	if err != nil {
		b.Fatal(err)
	}
	r.endpoint = endpoint
	r.head = regexp.MustCompile(`"key":"([0-9a-f]{32})"`).FindStringSubmatch(endpoint.Script())[1] + " 0123456789abcdef\n"
	stop, stopped := make(chan none), make(chan none)
	go func() {
		defer close(stopped)
		for {
			select {
			case f := <-r.queue:
				f()
			case <-stop:
				return
			}
		}
	}()
	r.receive(`{"kind":"hello"}`)
	endpoint.Receive([]byte(r.head + "{\"kind\":\"call\",\"id\":1,\"command\":\"open\",\"channels\":[1]}\n{\"c\":\"__CHANNEL__:1\"}\n"))
	c := <-arrived
	text := strings.Repeat("x", 48)
	b.SetBytes(50)
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Send(text); err != nil {
			b.Fatal(err)
		}
	}
	endpoint.Close()
	endpoint.Wait()
	close(stop)
	<-stopped
}
