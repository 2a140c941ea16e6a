package codec_test

import (
	"context"
	"strings"
	"testing"

	"casement/internal/codec"
)

// BenchmarkArguments measures the validation alone, and the validation with the decoding.
func BenchmarkArguments(b *testing.B) {
	type args struct {
		Path  string `json:"path"`
		Depth int    `json:"depth"`
		Files []item `json:"files"`
	}
	const small = `{"path":"/etc/hosts","depth":3,"files":[{"name":"a","size":1}]}`
	var many strings.Builder
	many.WriteString(`{"path":"/","depth":1,"files":[`)
	for many.Len() < 1<<20 {
		many.WriteString(`{"name":"a file of some name","size":1234},`)
	}
	many.WriteString(`{"name":"last"}]}`)
	long := `{"path":"` + strings.Repeat("x", 1<<20) + `","depth":1,"files":[]}`
	for name, text := range map[string]string{"small": small, "1 MiB of objects": many.String(), "1 MiB of text": long} {
		b.Run("check "+name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if err := codec.CheckArguments([]byte(text), new(args)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("decode "+name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if err := codec.Decode(context.Background(), []byte(text), new(args)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEscape measures the escaping of text for a script.
func BenchmarkEscape(b *testing.B) {
	for name, text := range map[string]string{
		"plain": strings.Repeat("x", 1<<20), "JSON": strings.Repeat(`{"name":"a file of some name","size":1234},`, 1<<20/43),
		"quotes": strings.Repeat(`\"`, 1<<19), "umlauts": strings.Repeat("für später ", 1<<16), "kanji": strings.Repeat("日本語", 1<<17),
		"dashes": strings.Repeat("a – b ", 1<<17), "small": `{"event":"chunk","bytes":1234,"total":1099511627776}`,
	} {
		b.Run(name, func(b *testing.B) {
			dst := make([]byte, 0, 4<<20)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				dst = codec.AppendEscaped(dst[:0], []byte(text))
			}
		})
	}
}
