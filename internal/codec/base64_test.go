package codec

import (
	"bytes"
	"encoding/base64"
	"testing"
)

func FuzzBase64(f *testing.F) {
	for n := range 50 {
		f.Add([]byte("before"), bytes.Repeat([]byte{0xfb, 0x00, 0x7f, 0xff}, n)[:3*n])
	}
	f.Fuzz(func(t *testing.T, dst, data []byte) {
		want := string(base64.StdEncoding.AppendEncode(bytes.Clone(dst), data))
		if got := string(AppendBase64(bytes.Clone(dst), data)); got != want {
			t.Errorf("%q\nwant %q", got, want)
		}
	})
}

func BenchmarkBase64(b *testing.B) {
	data := make([]byte, 64<<10)
	for i := range data {
		data[i] = byte(i * 7)
	}
	for name, encode := range map[string]func(dst, data []byte) []byte{
		"ours": AppendBase64, "standard": base64.StdEncoding.AppendEncode,
	} {
		b.Run(name, func(b *testing.B) {
			var text []byte
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				text = encode(text[:0], data)
			}
		})
	}
}
