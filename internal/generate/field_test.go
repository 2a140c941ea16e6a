package generate_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"casement/internal/codec"
	"casement/internal/generate"
	"casement/internal/generate/testdata/fields"
	"casement/internal/pagetest"
	"casement/ipc"
)

// The generator derives the fields of a struct from the source; the encoder and the validation of
// arguments use reflection. This test asks all of them about the same structs.
func TestFieldsAreThoseOfTheEncoderAndOfTheCheck(t *testing.T) {
	t.Parallel()
	known, err := generate.FieldsOf(t.Context(), ".", "casement/internal/generate/testdata/fields")
	if err != nil {
		t.Fatal(err)
	}
	var router ipc.Router
	fields.Register(&router)
	page := pagetest.Open(t, &router)
	values := fields.Values()
	if len(values) != len(known) {
		t.Errorf("%d structs have values, want all %d", len(values), len(known))
	}
	for name, full := range values {
		var names, always []string
		for _, f := range known[name] {
			names = append(names, f.Name)
			if !f.Omitted {
				always = append(always, f.Name)
			}
		}
		zero := reflect.Zero(reflect.TypeOf(full)).Interface()
		for encoder, marshal := range map[string]func(any) ([]byte, error){"encoding/json": json.Marshal, "ipc": codec.Marshal} {
			if got := keys(t, marshal, full); !slices.Equal(got, sorted(names)) {
				t.Errorf("%s: %s writes %q, the generator says %q", name, encoder, got, names)
			}
			if got := keys(t, marshal, zero); !slices.Equal(got, sorted(always)) {
				t.Errorf("%s: %s always writes %q, the generator says %q", name, encoder, got, always)
			}
		}
		if fields.OutputOnly[name] {
			continue
		}
		text, err := codec.Marshal(full)
		if err != nil {
			t.Fatal(err)
		}
		call(t, page, name, text, "")
		for _, f := range known[name] {
			less := map[string]json.RawMessage{}
			if err := json.Unmarshal(text, &less); err != nil {
				t.Fatal(err)
			}
			delete(less, f.Name)
			without, err := json.Marshal(less)
			if err != nil {
				t.Fatal(err)
			}
			want := ""
			if !f.Optional {
				want = "bad_arguments"
			}
			call(t, page, name, without, want)
		}
	}
}

// call calls a command and checks the code of its rejection.
func call(t *testing.T, page *pagetest.Window, name string, args []byte, want string) {
	t.Helper()
	script, err := ipc.Scriptf("return __ipc.invoke(%v, %v).then(() => '', (error) => error.code)", name, json.RawMessage(args))
	if err != nil {
		t.Fatal(err)
	}
	var got string
	if err := json.Unmarshal([]byte(page.Must(string(script))), &got); err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("%s %s: code %q, the generator says %q", name, args, got, want)
	}
}

func keys(t *testing.T, marshal func(any) ([]byte, error), v any) []string {
	t.Helper()
	text, err := marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	var object map[string]json.RawMessage
	if err := decoder.Decode(&object); err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range object {
		names = append(names, name)
	}
	return sorted(names)
}

func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }
