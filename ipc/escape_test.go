package ipc_test

import (
	"bytes"
	"context"
	stdjson "encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	json "github.com/goccy/go-json"
	"modernc.org/quickjs"

	"casement/internal/pagetest"
	"casement/ipc"
)

// FuzzEscape checks that whatever text holds is, in a script and in pieces of it, a string that the JavaScript engine
// reads as the same text: no byte of it is script.
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
		escaped := ipc.AppendEscaped(nil, text)
		if bytes.ContainsAny(escaped, "\n\r\u2028\u2029") {
			t.Fatalf("%q has a line terminator", escaped)
		}
		script := "['" + string(escaped) + "',"
		for _, piece := range ipc.Split(text, max(int(size), 8)) {
			script += "'" + string(piece) + "'+"
		}
		script += "'']"
		if !utf8.Valid(text) {
			// The engine reads it in its own way. It must be two strings all the same, and no more.
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

// odd is valid JSON that a page's runtime never sends: with white space that ends a line of script, and a byte that is no
// UTF-8.
const odd = "{\"a\":\r[1,\t2\r],\"b\" :\"\u2028\u2029\xff'\\\\\"}"

// TestWhatAPageSendsAsJSONIsNormalised has it come each way in which Go code may get it as it is, and hand it on.
func TestWhatAPageSendsAsJSONIsNormalised(t *testing.T) {
	t.Parallel()
	const want = "{\"a\":[1,2],\"b\":\"\u2028\u2029\ufffd'\\\\\"}"
	var r ipc.Router
	got := make(chan json.RawMessage, 3)
	ipc.Handle(&r, "take", func(_ context.Context, a struct {
		V json.RawMessage `json:"v"`
	}) (json.RawMessage, error) {
		got <- a.V
		return a.V, nil
	})
	w := pagetest.Open(t, &r, withUploads)
	head := w.Head()
	w.Receive(head + "\n{\"kind\":\"call\",\"id\":901,\"command\":\"take\"}\n{\"v\":" + odd + "}\n")
	if err := w.Endpoint.Upload(head+" 7", []byte("{\"v\":\n"+odd+"}")); err != nil {
		t.Fatal(err)
	}
	w.Receive(head + "\n{\"kind\":\"call\",\"id\":902,\"command\":\"take\",\"uploaded\":7}\n\n")
	for range 2 {
		if v := <-got; string(v) != want {
			t.Errorf("%q, want %q", v, want)
		}
	}
	// What goes back settles, and so does what follows it.
	if v := w.Must("return invoke('take', {v: 1})"); v != "1" {
		t.Error(v)
	}
	evaluated := make(chan string, 1)
	go func() {
		v, err := w.Endpoint.EvalResult(t.Context(), "new Promise(() => {})")
		if err != nil {
			t.Error(err)
		}
		evaluated <- string(v)
	}()
	pagetest.Until(t, "it is answered", func() bool {
		w.Receive(head + "\n{\"kind\":\"evaluated\",\"id\":1}\n" + odd + "\n")
		return len(evaluated) == 1
	})
	if v := <-evaluated; v != want {
		t.Errorf("%q, want %q", v, want)
	}
}

// TestRawMessagesOfAnAppAreNeverScript has an app send JSON that it did not write itself.
func TestRawMessagesOfAnAppAreNeverScript(t *testing.T) {
	t.Parallel()
	raw := "{\"a\":\r\n1,\"b\":\"\u2028\"\n}"
	var r ipc.Router
	ipc.Handle(&r, "raw", func(context.Context, none) (json.RawMessage, error) { return json.RawMessage(raw), nil })
	ipc.Handle(&r, "in", func(context.Context, none) (any, error) {
		return map[string]any{"v": json.RawMessage(raw), "s": stdjson.RawMessage(raw)}, nil
	})
	ipc.Handle(&r, "fails", func(context.Context, none) (none, error) {
		return none{}, &ipc.Error{Code: ipc.CodeFailed, Message: "a\r\n'\u2028\x00\\", Details: json.RawMessage(raw)}
	})
	w := pagetest.Open(t, &r)
	got := w.Must(`return [await invoke('raw'), await invoke('in'), await invoke('fails').catch((e) => [e.message, e.details])]`)
	const v = `{"a":1,"b":"` + "\u2028" + `"}`
	if want := `[` + v + `,{"s":` + v + `,"v":` + v + `},["a\r\n'` + "\u2028" + `\u0000\\",` + v + `]]`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if w.Log.Has("a script failed") {
		t.Error(w.Log.String())
	}
}

// TestASourceThatIsNoLabelIsNoScript: a Label is any string to Go.
func TestASourceThatIsNoLabelIsNoScript(t *testing.T) {
	t.Parallel()
	p := newPaper(t, new(ipc.Router))
	payload, err := ipc.NewPayload(1)
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range []ipc.Label{"main", "a\"b", "'];x(['", "\r\n\u2028", "\\", "\xff"} {
		if err := p.endpoint.Page().TrySend(ipc.NewEvent([]ipc.ListenerID{1}, payload, source)); err != nil {
			t.Fatal(err)
		}
		p.run()
		var got string
		if err := stdjson.Unmarshal(p.got[len(p.got)-1][3], &got); err != nil || got != strings.ToValidUTF8(string(source), "\ufffd") {
			t.Errorf("%q: %q, %v", source, got, err)
		}
	}
}
