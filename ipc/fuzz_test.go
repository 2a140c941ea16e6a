package ipc_test

import (
	"bytes"
	"context"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	json "github.com/goccy/go-json"

	"casement/ipc"
)

// FuzzReceive hands an endpoint whatever a document may send: with its key, without, for its page and
// for another. It must neither panic nor stop taking what is good.
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
		p := newPaper(t, &r, func(o *ipc.EndpointOptions) { o.MaxMessage = 1 << 16 })
		var head string
		switch variant % 5 {
		case 0:
			head = p.key + " " + paperPage + "\n"
		case 1:
			head = p.key + " -\n"
		case 2:
			head = p.key + " fedcba9876543210\n"
		case 3:
			head = p.key + " "
		}
		p.endpoint.Receive(append([]byte(head), message...))
		p.run()
		p.endpoint.Wait()
		p.run()

		if page := p.endpoint.Page(); page == nil || page.ID() != paperPage {
			p.receive(`{"kind":"hello"}`, "")
		}
		p.text, p.blob, p.size, p.got = "", nil, 0, nil
		p.receive(`{"kind":"call","id":4503599627370496,"command":"ping"}`, "{}")
		p.endpoint.Wait()
		p.run()
		if len(p.got) == 0 || join(p.got[len(p.got)-1]) != `[0,4503599627370496,"pong"]` {
			t.Errorf("the window is dead after %q: %s", message, p.got)
		}
		p.endpoint.Gone()
		p.endpoint.Wait()
		if held := p.endpoint.Held(); held != 0 {
			t.Errorf("%d bytes are held after the page's end and %q", held, message)
		}
	})
}

// shapes are the types that FuzzArguments decodes into.
var shapes = []func() any{
	func() any { return new(everything) },
	func() any { return new(map[string][]any) },
	func() any { return new(loopA) },
	func() any { return new([3]*bool) },
	func() any { return new(any) },
	func() any {
		return new(struct {
			F float64
			U uint16
			S string
			B []byte
			R stdjson.RawMessage
			P **int
		})
	},
}

// FuzzArguments holds the strict decoder to encoding/json: it never panics, takes nothing that is not
// JSON, and what it takes means the same.
func FuzzArguments(f *testing.F) {
	for _, text := range []string{
		`{"id":1}`, `{"id":1,"list":[{"name":"a","size":1}],"map":{"k":{"name":""}},"pair":[1,2],"any":[{}],"raw":{"a":1}}`,
		`{"id":1,"when":"2024-01-02T03:04:05Z","data":"AQID","quoted":"5","keys":{"1":true},"number":1e5,"f32":-0.5}`,
		`{"a":[1,"x",null,{}]}`, `{"a":1,"b":2}`, `[true,null,false]`, `[[[[]]]]`, `"\ud800\u0000"`, `{"F":1e400}`, `{"U":65536}`,
		`{"F":1,"U":2,"S":"\\","B":"","R":null,"P":null}`, `{"id":1,}`, `{"id" :01}`, "{\"id\":1,\"text\":\"\x00\"}", `nul`, `{"id":1}x`, ``, `[`, `"`, `{"a":[tru]}`,
	} {
		for i := range shapes {
			f.Add(byte(i), []byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, which byte, text []byte) {
		made := shapes[int(which)%len(shapes)]
		got, want := made(), made()
		err := ipc.DecodeArguments(t.Context(), text, got)
		if err != nil {
			return
		}
		if !stdjson.Valid(text) {
			t.Fatalf("%q is no JSON and is taken as %T", text, got)
		}
		if err := stdjson.Unmarshal(text, want); err != nil {
			t.Fatalf("%q: encoding/json refuses it: %v", text, err)
		}
		a, errA := stdjson.Marshal(got)
		b, errB := stdjson.Marshal(want)
		if (errA == nil) != (errB == nil) || !bytes.Equal(a, b) {
			t.Fatalf("%q is taken as %s, %v, want %s, %v", text, a, errA, b, errB)
		}
		if !reflect.DeepEqual(got, want) && utf8.Valid(text) {
			t.Fatalf("%q is taken as %#v, want %#v", text, got, want)
		}
	})
}

// FuzzLabel checks that a label is what ParseLabel says it is made of.
func FuzzLabel(f *testing.F) {
	for _, s := range []string{"main", "a-b/c:d_e", "", "é", "日本", "a b", "a\n", "\x00", "a.b", "😀", "\xff", "½", strings.Repeat("x", 257)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		label, err := ipc.ParseLabel(s)
		if err != nil {
			if len(err.Error()) > 500 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		if string(label) != s || s == "" || !utf8.ValidString(s) || utf8.RuneCountInString(s) > 256 || strings.ContainsAny(s, " \t\r\n\x00\"'\\<>&.") {
			t.Errorf("%q is a label", s)
		}
	})
}

// FuzzChannelHandle checks that exactly what the page writes for a channel is read as one.
func FuzzChannelHandle(f *testing.F) {
	for _, s := range []string{"__CHANNEL__:1", "__CHANNEL__:9007199254740991", "__CHANNEL__:0", "__CHANNEL__:01", "__CHANNEL__:", "", "__CHANNEL__:1x", "__CHANNEL__:99999999999999999999", "__CHANNEL__:-1", "__CHANNEL__:١"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ipc.ParseChannel(s)
		if err == nil && (id == 0 || id > 1<<53-1 || "__CHANNEL__:"+strconv.FormatUint(uint64(id), 10) != s) {
			t.Errorf("%q is channel %d", s, id)
		}
		if n, e := strconv.ParseUint(strings.TrimPrefix(s, "__CHANNEL__:"), 10, 64); e == nil && n > 0 && n <= 900_000_000_000_000 && s == fmt.Sprintf("__CHANNEL__:%d", n) && err != nil {
			t.Errorf("%q is refused: %v", s, err)
		}
	})
}

// FuzzSplit checks that text in pieces is the text again, and that each piece stands in a string by itself.
func FuzzSplit(f *testing.F) {
	for _, text := range []string{"", "x", nasty, strings.Repeat("\\", 100), strings.Repeat("'", 99), strings.Repeat("😀", 50), "\xff\xfe\x80\x80\x80\x80\x80\x80"} {
		for _, size := range []uint16{8, 9, 10, 64, 1000} {
			f.Add(text, size)
		}
	}
	f.Fuzz(func(t *testing.T, text string, size uint16) {
		most := max(int(size), 8)
		encoded, err := ipc.Encode(text)
		if err != nil {
			t.Fatal(err)
		}
		var whole []byte
		for _, piece := range ipc.Split(encoded, most) {
			if len(piece) > most || (len(piece) == 0 && len(encoded) > 0) {
				t.Fatalf("a piece of %d bytes, want at most %d", len(piece), most)
			}
			if !utf8.Valid(piece) {
				t.Fatalf("%q is cut inside a character", piece)
			}
			for at := 0; at < len(piece); at++ {
				switch piece[at] {
				case '\'', '\n', '\r':
					t.Fatalf("%q ends its string", piece)
				case '\\':
					if at++; at == len(piece) {
						t.Fatalf("%q is cut inside an escape", piece)
					}
				}
				whole = append(whole, piece[at])
			}
		}
		if !bytes.Equal(whole, encoded) {
			t.Fatalf("%q, want %q", whole, encoded)
		}
		var back string
		if err := stdjson.Unmarshal(whole, &back); err != nil || back != strings.ToValidUTF8(text, "\ufffd") && utf8.ValidString(text) {
			t.Fatalf("%q, %v, want %q", back, err, text)
		}
	})
}

// FuzzIntegers holds the search for integers that JavaScript would round to a slow reference.
func FuzzIntegers(f *testing.F) {
	for _, text := range []string{
		`9007199254740991`, `9007199254740992`, `-9007199254740992`, `[1,{"a":9007199254740993}]`, `"9007199254740993"`,
		`{"9007199254740993":1}`, `9007199254740993.0`, `9007199254740993e0`, `1e300`, `100000000000000000000`, `["\\\"",9007199254740993]`,
		`["\\",90071992547409930]`, `0`, `-0`, `[]`, `1152921504606846976`, `1152921504606847000`, `[9007199254740993.5,1]`, `12345678901234567e1`,
	} {
		f.Add([]byte(text), true)
		f.Add([]byte(text), false)
	}
	f.Fuzz(func(t *testing.T, text []byte, amongFloats bool) {
		if !stdjson.Valid(text) {
			_ = ipc.CheckIntegers(text, amongFloats) // It need not be right, but must end.
			return
		}
		decoder := stdjson.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		want := true
		for {
			token, err := decoder.Token()
			if err != nil {
				break
			}
			number, ok := token.(stdjson.Number)
			if !ok || strings.ContainsAny(string(number), ".eE") {
				continue
			}
			digits := strings.TrimPrefix(string(number), "-")
			n, err := strconv.ParseUint(digits, 10, 64)
			if err == nil && n <= 1<<53-1 {
				continue
			}
			written, _ := strconv.ParseFloat(digits, 64)
			if !amongFloats || strconv.FormatFloat(written, 'f', -1, 64) != digits {
				want = false
			}
		}
		if got := ipc.CheckIntegers(text, amongFloats) == nil; got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	})
}

// FuzzHeader checks that the first line of a message is read without a panic, and as encoding/json does.
func FuzzHeader(f *testing.F) {
	for _, line := range []string{`{"kind":"call","id":1,"command":"x","headers":{"a":"b"}}`, `{"kind":"ack","scripts":1}`, `{"kind":5}`, `{}`, `[]`, ``, `{"kind":"x","id":1e3}`} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		got, err := ipc.DecodeHeader(line)
		if err != nil {
			return
		}
		var want ipc.Header
		if err := stdjson.Unmarshal(line, &want); err != nil {
			t.Fatalf("%q: encoding/json refuses it: %v", line, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q is %+v, want %+v", line, got, want)
		}
		if _, err := json.Marshal(got); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzUpload checks that only the page's own head lets an upload in, and that what is let in is bounded.
func FuzzUpload(f *testing.F) {
	for _, s := range []string{"", " ", "1", " 1", "  1", "KEY PAGE 1", "KEY PAGE 01", "KEY PAGE +1", "KEY PAGE 0", "KEY PAGE 9007199254740992", "KEY  1", "PAGE KEY 1", "KEY PAGE 1 2", "KEY PAGE 1\n"} {
		f.Add(s, 10)
	}
	f.Fuzz(func(t *testing.T, header string, size int) {
		p := newPaper(t, new(ipc.Router), func(o *ipc.EndpointOptions) { o.MaxMessage, o.MaxBacklog = 1000, 1000 })
		header = strings.NewReplacer("KEY", p.key, "PAGE", paperPage).Replace(header)
		body := make([]byte, max(size, 0)%4000)
		err := p.endpoint.Upload(header, body)
		number, own := strings.CutPrefix(header, p.key+" "+paperPage+" ")
		id, malformed := strconv.ParseUint(number, 10, 64)
		switch known := own && malformed == nil && id > 0 && id < 1<<53; {
		case !known && !errors.Is(err, ipc.ErrUpload):
			t.Errorf("%q: %v", header, err)
		case known && len(body) > 1000 && !errors.Is(err, ipc.ErrBacklog):
			t.Errorf("%d bytes: %v", len(body), err)
		case known && len(body) <= 1000 && err != nil:
			t.Errorf("%q: %v", header, err)
		}
	})
}
