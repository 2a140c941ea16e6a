package wire_test

import (
	"context"
	stdjson "encoding/json"
	"strings"
	"testing"

	json "github.com/goccy/go-json"

	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

// odd is valid JSON that the page runtime never sends: its white space ends a line of script, and
// it has a byte that is invalid UTF-8.
const odd = "{\"a\":\r[1,\t2\r],\"b\" :\"\u2028\u2029\xff'\\\\\"}"

// TestJSONOfAPageIsNormalised sends it in every way in which Go code may get it unchanged and pass
// it on.
func TestJSONOfAPageIsNormalised(t *testing.T) {
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
	// The call settles although its result is sent back, and so do later calls.
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

// TestRawMessagesOfAnAppAreNeverScript sends JSON that the app did not write itself.
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

// TestASourceThatIsNoLabelIsNoScript: for Go, any string may be a Label.
func TestASourceThatIsNoLabelIsNoScript(t *testing.T) {
	t.Parallel()
	p := newPaper(t, new(ipc.Router))
	payload, err := wire.NewPayload(1)
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range []ipc.Label{"main", "a\"b", "'];x(['", "\r\n\u2028", "\\", "\xff"} {
		if err := p.Endpoint.Page().TrySend(wire.NewEvent([]wire.ListenerID{1}, payload, source)); err != nil {
			t.Fatal(err)
		}
		p.Run()
		var got string
		if err := stdjson.Unmarshal(p.Got[len(p.Got)-1][3], &got); err != nil || got != strings.ToValidUTF8(string(source), "\ufffd") {
			t.Errorf("%q: %q, %v", source, got, err)
		}
	}
}
