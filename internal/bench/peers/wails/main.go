// Command wails is the contender of Wails v3 in make bench-peers: methods of a service, events, and
// streams.
//
//	wails PAGE ROW
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/wailsapp/wails/v3/pkg/application"
)

// messages are about 50 bytes of JSON each, the same as Casement's.
var messages = func() (all [1021]string) {
	for i := range all {
		all[i] = fmt.Sprintf("%s%08d", strings.Repeat("x", 40), i)
	}
	return all
}()

var rounds = []int{2_000, 20_000}

const windows = 8

// Bench is the service whose methods the page calls.
type Bench struct {
	row   string
	ready atomic.Int32
	began time.Time
}

func (b *Bench) Row() string              { return b.row }
func (b *Bench) Echo(value string) string { return value }
func (b *Bench) Up(data []byte) int       { return len(data) }
func (b *Bench) Down(size int) []byte     { return make([]byte, size) }
func (b *Bench) Report(line string)       { fmt.Println(line) }

func (b *Bench) Emit(count int) {
	app := application.Get()
	for n := range count {
		app.Event.Emit("bench", messages[n%len(messages)])
	}
}

// Heard is the method that each window calls before each round of events, and after the last.
func (b *Bench) Heard(round int) {
	if int(b.ready.Add(1)) < windows*(round+1) {
		return
	}
	if round < len(rounds) {
		b.began = time.Now()
		b.Emit(rounds[round])
		return
	}
	rate := float64(windows*rounds[len(rounds)-1]) / time.Since(b.began).Seconds()
	fmt.Printf("ready\n{\"value\":%g,\"frames\":[0,0]}\n", rate)
}

// stream sends as many messages as the page requests.
func stream(send func(c *application.StreamConn, n, size int) error) application.StreamHandler {
	return func(c *application.StreamConn) {
		text, err := c.Receive()
		if err != nil {
			return
		}
		var order struct{ Count, Size int }
		if err := json.Unmarshal(text, &order); err != nil {
			log.Fatal(err)
		}
		for n := range order.Count {
			if err := send(c, n, order.Size); err != nil {
				return
			}
		}
		<-c.Context().Done()
	}
}

func main() {
	bench := &Bench{row: os.Args[2]}
	app := application.New(application.Options{
		Name:     "bench",
		Services: []application.Service{application.NewService(bench)},
		Assets:   application.AssetOptions{Handler: application.BundledAssetFileServer(os.DirFS(os.Args[1]))},
	})
	app.HandleStream("values", stream(func(c *application.StreamConn, n, _ int) error {
		return c.SendJSON(messages[n%len(messages)])
	}))
	data := make([]byte, 1<<20)
	_, _ = rand.NewChaCha8([32]byte{}).Read(data) // never fails
	app.HandleStream("bytes", stream(func(c *application.StreamConn, _, size int) error { return c.Send(data[:size]) }))
	count := 1
	if bench.row == "events-8" {
		count = windows
	}
	for range count {
		app.Window.NewWithOptions(application.WebviewWindowOptions{URL: "/", Width: 800, Height: 600})
	}
	if err := app.Run(); err != nil {
		log.Fatal(err)
	}
}
