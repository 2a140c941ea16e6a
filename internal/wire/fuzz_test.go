package wire_test

import (
	"context"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"

	json "github.com/goccy/go-json"

	"casement/internal/wire"
	"casement/ipc"
)

// FuzzReceive passes an endpoint anything that a document may send: with and without its key, for
// its page and for another. It must not panic, and must still handle good messages.
func FuzzReceive(f *testing.F) {
	for _, message := range []string{
		"{\"kind\":\"call\",\"id\":1,\"command\":\"echo\"}\n{\"text\":\"x\",\"list\":[1]}\n",
		"{\"kind\":\"call\",\"id\":1,\"command\":\"raw\",\"body\":\"bytes\"}\nAAAA\n",
		"{\"kind\":\"call\",\"id\":1,\"command\":\"echo\",\"headers\":{\"a\":\"b\"}}\n{\"text\":1}\n{\"kind\":\"cancel\",\"id\":1}\n\n",
		"{\"kind\":\"hello\"}\n\n{\"kind\":\"bye\"}\n\n",
		"{\"kind\":\"bye\",\"url\":\"https://example.com/\"}\n\n",
		"{\"kind\":\"grant\",\"channel\":1,\"messages\":2}\n\n{\"kind\":\"close\",\"channel\":1}\n\n",
		"{\"kind\":\"ack\",\"scripts\":18446744073709551615}\n\n",
		"{\"kind\":\"evaluated\",\"id\":1,\"failed\":true}\n{\"message\":\"x\",\"details\":{\"name\":\"Error\"}}\n",
		"{\"kind\":\"evaluated\",\"id\":1}\n[1\n",
		"{\"kind\":\"listen\",\"id\":1,\"event\":\"x\",\"listener\":1}\n\n{\"kind\":\"emit\",\"id\":2,\"event\":\"x\"}\n1\n",
		"{\"kind\":\"call\",\"id\":1,\"command\":\"echo\",\"channels\":[1,2],\"sinks\":[3,4,4]}\n{}\n{\"kind\":\"push\",\"channel\":3,\"ask\":true}\n1\n{\"kind\":\"end\",\"channel\":3}\n\n",
		"{\"kind\":\"call\",\"id\":1,\"command\":\"echo\",\"sinks\":[3],\"uploaded\":1}\n\n{\"kind\":\"push\",\"channel\":3,\"uploaded\":2}\n\n{\"kind\":\"push\",\"channel\":3}\n1\n{\"kind\":\"body\",\"id\":2}\n1\n",
		"{\"kind\":\"call\",\"id\":1,\"command\":\"echo\",\"uploaded\":1}\n\n{\"kind\":\"body\",\"id\":1}\n{\"text\":\"\",\"list\":[]}\n",
		"\n\n\n", "{", "", "\x00\xff", "{\"kind\":\"steal\",\"id\":9}\n",
	} {
		for variant := range byte(5) {
			f.Add(variant, []byte(message))
		}
	}
	f.Fuzz(func(t *testing.T, variant byte, message []byte) {
		var r ipc.Router
		ipc.Handle(&r, "echo", func(_ context.Context, a struct {
			Text string `json:"text"`
			List []int  `json:"list"`
		}) (any, error) {
			return a, nil
		})
		ipc.Handle(&r, "raw", func(_ context.Context, data []byte) ([]byte, error) { return data, nil })
		returns(&r, "ping", "pong")
		p := newPaper(t, &r, func(o *wire.EndpointOptions) { o.MaxMessage = 1 << 16 })
		var head string
		switch variant % 5 {
		case 0:
			head = p.Key + " " + p.Page + "\n"
		case 1:
			head = p.Key + " -\n"
		case 2:
			head = p.Key + " fedcba9876543210\n"
		case 3:
			head = p.Key + " "
		}
		p.Endpoint.Receive(append([]byte(head), message...))
		p.Run()
		p.Endpoint.Wait()
		p.Run()

		if page := p.Endpoint.Page(); page == nil || string(page.ID()) != p.Page {
			p.Receive(`{"kind":"hello"}`, "")
		}
		p.Forget()
		p.Receive(`{"kind":"call","id":4503599627370496,"command":"ping"}`, "{}")
		p.Endpoint.Wait()
		p.Run()
		if len(p.Got) == 0 || join(p.Got[len(p.Got)-1]) != `[0,4503599627370496,"pong"]` {
			t.Errorf("the window is dead after %q: %s", message, p.Got)
		}
		p.Endpoint.Gone()
		p.Endpoint.Wait()
		if held := p.Endpoint.Held(); held != 0 {
			t.Errorf("%d bytes are held after the page's end and %q", held, message)
		}
	})
}

// FuzzChannelHandle checks that only the exact handles of the page runtime are parsed.
func FuzzChannelHandle(f *testing.F) {
	for _, s := range []string{"__CHANNEL__:1", "__CHANNEL__:9007199254740991", "__CHANNEL__:0", "__CHANNEL__:01", "__CHANNEL__:", "", "__CHANNEL__:1x", "__CHANNEL__:99999999999999999999", "__CHANNEL__:-1", "__CHANNEL__:١"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := wire.ParseChannel(s)
		if err == nil && (id == 0 || id > 1<<53-1 || "__CHANNEL__:"+strconv.FormatUint(uint64(id), 10) != s) {
			t.Errorf("%q is channel %d", s, id)
		}
		if n, e := strconv.ParseUint(strings.TrimPrefix(s, "__CHANNEL__:"), 10, 64); e == nil && n > 0 && n <= 900_000_000_000_000 && s == fmt.Sprintf("__CHANNEL__:%d", n) && err != nil {
			t.Errorf("%q is rejected: %v", s, err)
		}
	})
}

// FuzzHeader checks that the first line of a message is decoded without a panic, and as
// encoding/json does.
func FuzzHeader(f *testing.F) {
	for _, line := range []string{`{"kind":"call","id":1,"command":"x","headers":{"a":"b"}}`, `{"kind":"ack","scripts":1}`, `{"kind":5}`, `{}`, `[]`, ``, `{"kind":"x","id":1e3}`} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		got, err := wire.DecodeHeader(line)
		if err != nil {
			return
		}
		var want wire.Header
		if err := stdjson.Unmarshal(line, &want); err != nil {
			t.Fatalf("%q: encoding/json rejects it: %v", line, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q is %+v, want %+v", line, got, want)
		}
		if _, err := json.Marshal(got); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzUpload checks that an upload needs the page's own header, and that uploads are bounded.
func FuzzUpload(f *testing.F) {
	for _, s := range []string{"", " ", "1", " 1", "  1", "KEY PAGE 1", "KEY PAGE 01", "KEY PAGE +1", "KEY PAGE 0", "KEY PAGE 9007199254740992", "KEY  1", "PAGE KEY 1", "KEY PAGE 1 2", "KEY PAGE 1\n"} {
		f.Add(s, 10)
	}
	f.Fuzz(func(t *testing.T, header string, size int) {
		p := newPaper(t, new(ipc.Router), func(o *wire.EndpointOptions) { o.MaxMessage, o.MaxBacklog = 1000, 1000 })
		header = strings.NewReplacer("KEY", p.Key, "PAGE", p.Page).Replace(header)
		body := make([]byte, max(size, 0)%4000)
		err := p.Endpoint.Upload(header, body)
		number, own := strings.CutPrefix(header, p.Key+" "+p.Page+" ")
		id, malformed := strconv.ParseUint(number, 10, 64)
		switch known := own && malformed == nil && id > 0 && id < 1<<53; {
		case !known && !errors.Is(err, wire.ErrUpload):
			t.Errorf("%q: %v", header, err)
		case known && len(body) > 1000 && !errors.Is(err, ipc.ErrBacklog):
			t.Errorf("%d bytes: %v", len(body), err)
		case known && len(body) <= 1000 && err != nil:
			t.Errorf("%q: %v", header, err)
		}
	})
}
