package codec_test

import (
	"bytes"
	stdjson "encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"modernc.org/quickjs"

	"casement/internal/codec"
)

// nasty are texts that have broken a message somewhere.
const nasty = "\u007f\u2028\u2029\x00\x01\x1f\r\n\t'\"`\\ \\' \\\\ ${x} </script><!-- \u00e9\u65e5\U0001F600 %s %v ]}"

// FuzzEscape checks that any text is read by the JavaScript engine as the same text, whole and in
// pieces: no byte of it becomes script.
func FuzzEscape(f *testing.F) {
	for _, text := range []string{
		"", "plain", nasty, "{\"a\":\r1}", "\r\n\u2028\u2029", "'); alert(1); ('", "\\", "\\\r", "\\u000d", "\\\\u000d", "\x00\x1f\x7f",
		"\xe2", "\xe2\x80", "\xe2\x80\xa7\xe2\x80\xaa", strings.Repeat("\u2028", 40), strings.Repeat("\\\n", 40), "x\xe2\x80\xa8",
		strings.Repeat("\x80", 40), "\x00\x80\x80\x80\x80\x80\x80",
		strings.Repeat("x", 31) + "'", strings.Repeat("x", 32) + "\n", strings.Repeat("é", 20) + "\\", "\xff'\xff", "€ – “quoted” ‘so’ …",
	} {
		for _, size := range []uint16{8, 13, 64} {
			f.Add([]byte(text), size)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, size uint16) {
		vm, err := quickjs.NewVM()
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = vm.Close() }()
		escaped := codec.AppendEscaped(nil, text)
		if bytes.ContainsAny(escaped, "\n\r\u2028\u2029") {
			t.Fatalf("%q has a line terminator", escaped)
		}
		script := "['" + string(escaped) + "',"
		for _, piece := range codec.Split(text, max(int(size), 8)) {
			script += "'" + string(piece) + "'+"
		}
		script += "'']"
		if !utf8.Valid(text) {
			// The engine reads invalid UTF-8 in its own way, but still as exactly two strings.
			script = string(bytes.ToValidUTF8([]byte(script), []byte("?")))
		}
		got, err := vm.Eval("JSON.stringify("+script+")", quickjs.EvalGlobal)
		if err != nil {
			t.Fatalf("%q does not parse: %v", text, err)
		}
		var read []string
		if err := stdjson.Unmarshal([]byte(got.(string)), &read); err != nil || len(read) != 2 {
			t.Fatalf("%q: %q, %v", text, got, err)
		}
		if utf8.Valid(text) && (read[0] != string(text) || read[1] != string(text)) {
			t.Fatalf("%q is read as %q", text, read)
		}
	})
}
