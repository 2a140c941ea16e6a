package wire_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"casement/channels"
	"casement/events"
	"casement/internal/codec"
	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

// returned registers a command whose result has the type T, not any.
func returned[T any](r *ipc.Router, name string, v T) {
	ipc.Handle(r, name, func(context.Context, none) (T, error) { return v, nil })
}

func pointer[T any](v T) *T { return &v }

// For each of these values, go-json v0.12.0 alone writes wrong JSON or a piece of the heap, or
// crashes.
func TestResultsThatGoJSONWritesWrongly(t *testing.T) {
	t.Parallel()
	five := oddTP(5)
	kids := []node[big.Int]{{N: *big.NewInt(5)}}
	var r ipc.Router
	want := map[string]string{}
	add := func(name, json string, register func(name string)) {
		want[name] = json
		register(name)
	}
	add("pointer to a pointer, text", `{"A":"tp5"}`, func(name string) { returned(&r, id(name), struct{ A **oddTP }{pointer(&five)}) })
	add("pointer to a pointer, string", `{"A":"<x"}`, func(name string) {
		returned(&r, id(name), struct{ A **oddSTP }{pointer(pointer(oddSTP("x")))})
	})
	add("generic pointer", `{"Value":12}`, func(name string) { returned(&r, id(name), opt[*big.Int]{pointer(big.NewInt(12))}) })
	add("nil pointer to a pointer", `{"A":null}`, func(name string) { returned(&r, id(name), struct{ A **oddTP }{new(*oddTP)}) })
	add("pointer keys", `{"key1":1}`, func(name string) { returned(&r, id(name), map[*oddKey]int{{1}: 1}) })
	add("recursion by value", `{"kids":[{"kids":null,"n":5}],"n":{}}`, func(name string) { returned(&r, id(name), node[big.Int]{Kids: kids}) })
	add("recursion in a map", `{"a":{"kids":[{"kids":null,"n":5}],"n":{}}}`, func(name string) {
		returned(&r, id(name), &map[string]node[big.Int]{"a": {Kids: kids}})
	})
	add("array", `[5]`, func(name string) { returned(&r, id(name), [1]oddTP{5}) })
	add("array in a struct", `{"A":[5,6]}`, func(name string) { returned(&r, id(name), struct{ A [2]oddTP }{[2]oddTP{5, 6}}) })
	add("array in a map", `{"a":[5]}`, func(name string) { returned(&r, id(name), map[string][1]oddTP{"a": {5}}) })
	add("ambiguous methods", `{"A":1,"B":2,"C":3}`, func(name string) { returned(&r, id(name), Ambiguous{OddM1{1}, OddM2{2}, 3}) })
	add("ambiguous methods of nil", `{"C":3}`, func(name string) { returned(&r, id(name), ambiguousP{C: 3}) })
	add("embedded twice", `{"D":1}`, func(name string) { returned(&r, id(name), doubled{E7: E7{E3: E3{1}}}) })
	add("in any", `[{"A":"tp5"},{"kids":[{"kids":null,"n":5}],"n":{}}]`, func(name string) {
		returned(&r, id(name), any([]any{struct{ A **oddTP }{pointer(&five)}, node[big.Int]{Kids: kids}}))
	})
	add("in a field of a field", `{"a":{"x":{"A":"tp5"}},"b":1}`, func(name string) {
		returned(&r, id(name), pair[map[string]any, int]{map[string]any{"x": struct{ A **oddTP }{pointer(&five)}}, 1})
	})
	add("bytes with methods", `["L1","L2"]`, func(name string) { returned(&r, id(name), []level{1, 2}) })
	add("foreign jsontext", `{"A":{"X":"x"},"B":{"X":""},"C":null,"D":null}`, func(name string) { returned(&r, id(name), streamed{A: toS{"x"}}) })
	add("nil raw", `null`, func(name string) { returned(&r, id(name), json.RawMessage(nil)) })
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	w := pagetest.Open(t, &r)
	for name, want := range want {
		if got := w.Must(fmt.Sprintf(`return await invoke(%q)`, id(name))); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// id turns a name into a command name.
func id(name string) string { return strings.NewReplacer(" ", "_", ",", "").Replace(name) }

// A result that is invalid JSON would break its whole batch.
func TestAnUnwritableResultFailsAlone(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	returned(&r, "good", 1)
	returned(&r, "odd", map[*oddKey]int{{1}: 1})
	returned(&r, "bad", map[*oddKey]oddSV{{1}: `{{`})
	returned(&r, "worse", []any{oddSV(`1]`), json.RawMessage("[")})
	w := pagetest.Open(t, &r)
	const want = `[1,{"key1":1},"bad_result","bad_result",1]`
	if got := w.Must(`return await Promise.all(['good', 'odd', 'bad', 'worse', 'good'].map((name) => invoke(name).catch((e) => e.code)))`); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

type variantOf struct{ A **oddTP }

func (variantOf) Variant() string { return "odd" }

func TestOddValuesOverChannelsAndEvents(t *testing.T) {
	t.Parallel()
	v := variantOf{pointer(pointer(oddTP(5)))}
	var r ipc.Router
	ipc.Handle(&r, "watch", func(_ context.Context, a struct{ C channels.Channel[variantOf] }) (none, error) {
		defer a.C.Close()
		return none{}, a.C.Send(v)
	})
	bus, pages := events.New(nil)
	defined := events.Define[node[big.Int]]("odd")
	w := pagetest.Open(t, &r, func(o *wire.EndpointOptions) { o.Bus = pages })
	if got := w.Must(`const got = []; const c = channel((m) => { got.push(m) }); await invoke('watch', {C: c}); await c.closed; return got`); got != `[{"event":"odd","data":{"A":"tp5"}}]` {
		t.Error(got)
	}
	var heard string
	if _, err := bus.Listen("odd", func(e events.Event) { heard = string(e.Payload()) }); err != nil {
		t.Fatal(err)
	}
	if err := defined.Emit(bus, node[big.Int]{Kids: []node[big.Int]{{N: *big.NewInt(5)}}}); err != nil {
		t.Fatal(err)
	}
	if heard != `{"kids":[{"kids":null,"n":5}],"n":{}}` {
		t.Error(heard)
	}
}

func TestArgumentsAreReadAsByEncodingJSON(t *testing.T) {
	t.Parallel()
	const largest = "3.4028235e+38"
	for _, test := range []struct {
		text string
		into any
		want any    // the decoded value
		err  string // prefix of the error; empty if the text is accepted
	}{
		{largest, new(float32), float32(math.MaxFloat32), ""},
		{`{"A":[` + largest + `,-` + largest + `,1]}`, new(struct{ A []float32 }), struct{ A []float32 }{[]float32{math.MaxFloat32, -math.MaxFloat32, 1}}, ""},
		{`1.0000000596046447753906250000000001`, new(float32), float32(1.0000001), ""},
		{`3.4028236e+38`, new(float32), nil, "3.4028236e+38 does not fit a float32"},
		{`03.4028235e+38`, new(float32), nil, "invalid character"},

		{`{"F":"NaN"}`, new(quotedF), nil, `F: want a number in a string, got "NaN"`},
		{`{"F":"Inf"}`, new(quotedF), nil, `F: want a number in a string`},
		{`{"F":"+1"}`, new(quotedF), nil, `F: want a number in a string`},
		{`{"F":".5"}`, new(quotedF), nil, `F: want a number in a string`},
		{`{"F":"0x1p4"}`, new(quotedF), nil, `F: want a number in a string`},
		{`{"F":"null"}`, new(quotedF), nil, `F: want a number in a string`},
		{`{"F":""}`, new(quotedF), nil, `F: want a number in a string, got ""`},
		{`{"F":" 1"}`, new(quotedF), nil, `F: want a number in a string, got " 1"`},
		{`{"F":"1.5"}`, new(quotedF), quotedF{1.5}, ""},
		{`{"F":"\u0031"}`, new(quotedF), quotedF{1}, ""},
		{`{"N":"+1"}`, new(quotedN), nil, `N: want an integer in a string, got "+1"`},
		{`{"N":"01"}`, new(quotedN), nil, `N: want an integer in a string, got "01"`},
		{`{"N":"9223372036854775807"}`, new(quotedN), quotedN{math.MaxInt64}, ""},
		{`{"N":"9223372036854775808"}`, new(quotedN), nil, `N: want an integer in a string: 9223372036854775808 is not an integer that fits 64 bits`},
		{`{"L":"L1"}`, new(struct {
			L level `json:",string"`
		}), nil, "json: invalid use of ,string struct tag"},

		{`{"base":{"ID":5},"Z":1}`, new(taggedIn), taggedIn{oddBase{5}, 1}, ""},
		{`{"ID":5,"Z":1}`, new(taggedIn), nil, "ID: unknown field"},
		{`{"A":1,"B":2,"C":3}`, new(Ambiguous), Ambiguous{OddM1{1}, OddM2{2}, 3}, ""},
		{`{"OddM1":1,"OddM2":2,"C":3}`, new(Ambiguous), nil, "OddM1: unknown field"},
		{`{"X":1}`, new(sealedOut), nil, "X: unknown field"},
		{`{"ID":1}`, new(sealedOut), nil, "json: cannot set embedded pointer to unexported struct"},
		{`["L1","L2"]`, new([]level), []level{1, 2}, ""},
		{`"AQI="`, new([]level), nil, "want an array, got a string"},
		{`"AQI="`, new([]octet), []octet{1, 2}, ""},
		{`[{"A":1,"E":2}]`, new([]embedsM1), []embedsM1{{OddM1{1}, 2}}, ""},
		{`{"D":1}`, new(doubled), doubled{E7: E7{E3: E3{1}}}, ""},

		{`{"A":1,"B":2,"C":3,"D":4,"a b/c$":5,"-":6}`, new(oddNames), oddNames{A: 1, B: 2, C: 3, D: 4, E: 5, F: 6}, ""},
		{`{"😀":1}`, new(oddNames), nil, `["😀"]: unknown field`},
		{`{"a'b":1}`, new(oddNames), nil, `["a'b"]: unknown field`},

		{`1E400`, new(json.Number), json.Number("1E400"), ""},
		{`-123456789012345678901234567890`, new(json.Number), json.Number("-123456789012345678901234567890"), ""},
		{`1e`, new(json.Number), nil, "invalid"},
		{`{"A":{"X":"x"},"B":{"X":"y"},"C":[],"D":null}`, new(streamed), streamed{A: toS{"x"}, B: fromS{"y"}, C: []toS{}}, ""},

		{`{"1":{"A":1}}`, new(map[int8]E3x), map[int8]E3x{1: {1}}, ""},
		{`{"+1":{"A":1}}`, new(map[int8]E3x), map[int8]E3x{1: {1}}, ""},
		{`{"128":{"A":1}}`, new(map[int8]E3x), nil, "[\"128\"]: json: cannot unmarshal"},
		{`{"1":1}`, new(map[float64]int), nil, "json: cannot unmarshal"},
	} {
		err := codec.Decode(t.Context(), []byte(test.text), test.into)
		switch got := reflect.ValueOf(test.into).Elem().Interface(); {
		case test.err == "" && err != nil:
			t.Errorf("%s into a %T: %v", test.text, got, err)
		case test.err == "" && !reflect.DeepEqual(got, test.want):
			t.Errorf("%s into a %T: %+v, want %+v", test.text, got, got, test.want)
		case test.err != "" && (err == nil || !strings.HasPrefix(err.Error(), test.err)):
			t.Errorf("%s into a %T: %v, want %s", test.text, got, err, test.err)
		}
	}
}

type (
	quotedF struct {
		F float64 `json:",string"`
	}
	quotedN struct {
		N int64 `json:",string"`
	}
	E3x struct{ A int }
	// encoding/json uses pointer methods of a named type here.
	embedsM1 = struct {
		OddM1
		E int
	}
)

// A page can send back any value that it received.
func TestAPageCanEchoWhatItGets(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	bounced(t, &r, "float32", float32(math.MaxFloat32))
	bounced(t, &r, "levels", []level{1, 2})
	bounced(t, &r, "tagged", taggedIn{oddBase{5}, 1})
	bounced(t, &r, "ambiguous", Ambiguous{OddM1{1}, OddM2{2}, 3})
	ipc.Handle(&r, "mixed", func(_ context.Context, a struct {
		F []float32
		K map[int]channels.Channel[int]
	}) (string, error) {
		return fmt.Sprint(a.F, len(a.K)), nil
	})
	w := pagetest.Open(t, &r)
	for _, name := range []string{"float32", "levels", "tagged", "ambiguous"} {
		if got := w.Must(fmt.Sprintf(`await invoke('take_%s', {V: await invoke('give_%[1]s')}); return 1`, name)); got != "1" {
			t.Error(name, got)
		}
	}
	if got := w.Must(`return await invoke('mixed', {F: [3.4028234663852886e38, 1.5], K: {7: channel()}})`); got != `"[3.4028235e+38 1.5] 1"` {
		t.Error(got)
	}
}

// bounced registers a command that returns v and one that accepts only v.
func bounced[T any](t *testing.T, r *ipc.Router, name string, v T) {
	ipc.Handle(r, "give_"+name, func(context.Context, none) (T, error) { return v, nil })
	ipc.Handle(r, "take_"+name, func(_ context.Context, a struct{ V T }) (none, error) {
		if !reflect.DeepEqual(a.V, v) {
			t.Errorf("%s: %+v came back, want %+v", name, a.V, v)
		}
		return none{}, nil
	})
}

// A thief changes the value that is being written.
type thief struct{ from map[oddTV]any }

func (v thief) MarshalText() ([]byte, error) {
	clear(v.from)
	for range 3 {
		runtime.GC()
		var fresh []any
		for i := range 1000 {
			s := strings.Repeat("y", i%64)
			fresh = append(fresh, &s, &linked[string]{N: s})
		}
		runtime.KeepAlive(fresh)
	}
	return []byte("thief"), nil
}

// go-json holds the addresses of the value that it writes where the garbage collector does not see
// them. After a method changed the value, it would read and write reused memory, and the process
// would die.
func TestAMethodMayChangeWhatIsBeingWritten(t *testing.T) {
	t.Parallel()
	for range 20 {
		v := struct{ M map[oddTV]any }{map[oddTV]any{}}
		for i := range oddTV(20) {
			v.M[i] = &linked[string]{N: strings.Repeat("x", 40)}
		}
		v.M[0] = thief{v.M}
		text, err := codec.Marshal(v)
		if err != nil || !json.Valid(text) || strings.Contains(string(text), "yy") || strings.Count(string(text), strings.Repeat("x", 40)) != 19 {
			t.Fatalf("%s, %v", text, err)
		}
	}
}
