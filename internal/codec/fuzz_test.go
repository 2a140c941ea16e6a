package codec_test

import (
	"bytes"
	stdjson "encoding/json"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"casement/internal/codec"
)

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

// FuzzArguments compares the strict decoder with encoding/json: it never panics, accepts only valid
// JSON, and decodes it to the same value.
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
		err := codec.Decode(t.Context(), text, got)
		if err != nil {
			return
		}
		if !stdjson.Valid(text) {
			t.Fatalf("%q is invalid JSON and is decoded as %T", text, got)
		}
		if err := stdjson.Unmarshal(text, want); err != nil {
			t.Fatalf("%q: encoding/json rejects it: %v", text, err)
		}
		a, errA := stdjson.Marshal(got)
		b, errB := stdjson.Marshal(want)
		if (errA == nil) != (errB == nil) || !bytes.Equal(a, b) {
			t.Fatalf("%q is decoded as %s, %v, want %s, %v", text, a, errA, b, errB)
		}
		if !reflect.DeepEqual(got, want) && utf8.Valid(text) {
			t.Fatalf("%q is decoded as %#v, want %#v", text, got, want)
		}
	})
}

// FuzzSplit checks that the pieces of a text add up to the text, and that each piece is a complete
// string.
func FuzzSplit(f *testing.F) {
	for _, text := range []string{"", "x", nasty, strings.Repeat("\\", 100), strings.Repeat("'", 99), strings.Repeat("😀", 50), "\xff\xfe\x80\x80\x80\x80\x80\x80"} {
		for _, size := range []uint16{8, 9, 10, 64, 1000} {
			f.Add(text, size)
		}
	}
	f.Fuzz(func(t *testing.T, text string, size uint16) {
		most := max(int(size), 8)
		encoded, err := codec.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var whole []byte
		for _, piece := range codec.Split(encoded, most) {
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

// FuzzIntegers compares the search for integers that JavaScript would round with a slow reference.
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
			_ = codec.CheckIntegers(text, amongFloats) // The result is open, but it must return.
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
		if got := codec.CheckIntegers(text, amongFloats) == nil; got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	})
}
