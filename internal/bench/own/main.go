// Command own is Casement's contender in make bench. It shows the page in the folder PAGE, which
// runs the row ROW, and prints the page's report.
//
//	own PAGE ROW
package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"casement/channels"
	"casement/ipc"
	"casement/shell"
)

type none struct{}

type text struct {
	Value string `json:"value"`
}

type amount struct {
	Count int `json:"count,omitempty"`
	Size  int `json:"size,omitempty"`
}

type stream[T any] struct {
	amount
	Out channels.Channel[T] `json:"out"`
}

// messages are about 50 bytes of JSON each. No two scripts may be equal, because WebKit would find
// the second in its cache of compiled code, where real messages never are. 1,021 is prime, so
// scripts of any size begin with different messages.
var messages = func() (all [1021]string) {
	for i := range all {
		all[i] = fmt.Sprintf("%s%08d", strings.Repeat("x", 40), i)
	}
	return all
}()

func main() {
	app := shell.New(shell.Options{ID: "com.example.casement.bench", Assets: os.DirFS(os.Args[1])})
	r := app.Commands()
	echo := func(_ context.Context, a text) (string, error) { return a.Value, nil }
	ipc.Handle(r, "echo", echo)
	ipc.Handle(r, "echo_inline", echo, ipc.Inline())
	ipc.Handle(r, "up", func(_ context.Context, data []byte) (int, error) { return len(data), nil })
	ipc.Handle(r, "down", func(_ context.Context, a amount) ([]byte, error) { return make([]byte, a.Size), nil })
	ipc.Handle(r, "emit", func(_ context.Context, a amount) (none, error) { return none{}, emit(app, a.Count) })
	ipc.Handle(r, "stream", func(_ context.Context, a stream[string]) (none, error) {
		return none{}, send(a, func(n int) string { return messages[n%len(messages)] })
	})
	ipc.Handle(r, "stream_bytes", func(_ context.Context, a stream[[]byte]) (none, error) {
		data := make([]byte, a.Size)
		_, _ = rand.NewChaCha8([32]byte{}).Read(data) // never fails
		return none{}, send(a, func(n int) []byte {
			binary.LittleEndian.PutUint64(data, uint64(n)) // no two are equal, as above
			return data
		})
	})
	ipc.Handle(r, "report", func(_ context.Context, a struct {
		Line string `json:"line"`
	}) (none, error) {
		fmt.Println(a.Line)
		return none{}, nil
	})
	row := os.Args[2]
	ipc.Handle(r, "row", func(context.Context, none) (string, error) { return row, nil })
	windows := 1
	if row == "events-8" {
		windows = 8
		ipc.Handle(r, "heard", newHearers(app, windows).heard)
	}
	for n := range windows {
		_, err := app.OpenWindow(shell.WindowOptions{Label: fmt.Sprintf("w%d", n), Title: "bench", Width: 800, Height: 600})
		if err != nil {
			log.Fatal(err)
		}
	}
	if err := app.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// emit emits count events. While the page's outbox is full, it waits.
func emit(app *shell.App, count int) error {
	for n := range count {
		for app.Emit("bench", messages[n%len(messages)]) != nil {
			time.Sleep(50 * time.Microsecond)
		}
	}
	return nil
}

// send sends the messages 0 to a.Count-1 and closes the stream.
func send[T any](a stream[T], message func(n int) T) error {
	defer a.Out.Close()
	for n := range a.Count {
		if err := a.Out.Send(message(n)); err != nil {
			return err
		}
	}
	return nil
}

// rounds are the numbers of events that each window receives: first for the warm-up, then for the
// measurement. The page has the same numbers.
var rounds = []int{2_000, 20_000}

// hearers are windows that receive the same events, in rounds that begin when all windows are
// ready.
type hearers struct {
	app     *shell.App
	windows int
	ready   atomic.Int32
	began   time.Time // of the last round
}

func newHearers(app *shell.App, windows int) *hearers { return &hearers{app: app, windows: windows} }

// heard is the command that a page calls when it listens for a round, and so has received the
// previous one.
func (h *hearers) heard(_ context.Context, a struct {
	Round int `json:"round"`
}) (none, error) {
	if int(h.ready.Add(1)) < h.windows*(a.Round+1) {
		return none{}, nil
	}
	if a.Round < len(rounds) {
		h.began = time.Now()
		return none{}, emit(h.app, rounds[a.Round])
	}
	rate := float64(h.windows*rounds[len(rounds)-1]) / time.Since(h.began).Seconds()
	fmt.Printf("ready\n{\"value\":%g,\"frames\":[0,0]}\n", rate)
	return none{}, nil
}
