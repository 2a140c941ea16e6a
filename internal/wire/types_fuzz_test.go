package wire_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"casement/channels"
	"casement/events"
	"casement/internal/codec"
	"casement/internal/wire"
	"casement/ipc"
)

// FuzzTypes compares the JSON of random types with encoding/json: results, channel values, event
// payloads, arguments and the payloads that listeners decode. which selects the type, seed a value
// of it, and text is another text to decode.
func FuzzTypes(f *testing.F) {
	known := oddTypes()
	for i := 0; i < len(known); i += 16 {
		f.Add(uint16(i), uint64(i), []byte(`{"A":1,"a":"x","N":null}`))
	}
	for i := range uint16(16) {
		f.Add(maxTypes-1-i, uint64(i), []byte(`[null,{"A":[]}]`))
	}
	f.Fuzz(func(t *testing.T, which uint16, seed uint64, text []byte) {
		checkType(t, fuzzedType(known, which), seed, text)
	})
}

// maxTypes bounds the number of types: the Go runtime and both JSON packages cache type information
// for ever.
const maxTypes = 1 << 14

func fuzzedType(known []reflect.Type, which uint16) reflect.Type {
	which %= maxTypes
	if int(which) < len(known) {
		return known[which]
	}
	g := typeMaker{rand.New(rand.NewPCG(uint64(which), 1)), known}
	return g.make(3)
}

func checkType(t *testing.T, typ reflect.Type, seed uint64, text []byte) {
	rng := rand.New(rand.NewPCG(seed, 2))
	defer func() {
		if t.Failed() {
			t.Logf("the type is %v, the seed %d", typ, seed)
		}
	}()
	made := func() any {
		v := reflect.New(typ).Elem()
		(&valueMaker{rand.New(rand.NewPCG(seed, 3))}).fill(v, 0)
		return v.Interface()
	}
	if seed%8 == 0 {
		defer debug.SetGCPercent(debug.SetGCPercent(1))
	}
	want, err := reference(made())
	checkWritten(t, made, want, err)
	checkRead(t, typ, want, err == nil)
	checkRead(t, typ, text, false)
	if err == nil {
		checkRead(t, typ, mutate(rng, want), false)
	}
}

// reference returns the JSON of encoding/json, under Casement's own rules.
func reference(v any) (text []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	text = bytes.TrimSuffix(b.Bytes(), []byte{'\n'})
	if v == (struct{}{}) {
		text = []byte("null")
	}
	return bytes.ToValidUTF8(text, []byte("\ufffd")), nil
}

// checkWritten checks the JSON that the page gets of a value, by each way.
func checkWritten(t *testing.T, made func() any, want []byte, wantErr error) {
	got, err := codec.Marshal(made())
	var large bool
	if err != nil {
		large = strings.Contains(err.Error(), "is beyond 2^53-1") && wantErr == nil && hasLarge(want)
	}
	switch {
	case large:
	case (err == nil) != (wantErr == nil):
		t.Errorf("encode: %s, %v, want %s, %v", got, err, want, wantErr)
	case err == nil && !sameText(got, want):
		t.Errorf("encode: %s, want %s", got, want)
	case err == nil && !json.Valid(got):
		t.Errorf("encode: %q is not JSON", got)
	}
	if t.Failed() {
		return
	}
	fits := wantErr == nil && !large

	var r ipc.Router
	returnErrors := make(chan error, 1)
	ipc.Handle(&r, "get", func(context.Context, none) (any, error) { return made(), nil })
	ipc.Handle(&r, "send", func(_ context.Context, a struct{ C channels.Channel[any] }) (none, error) {
		returnErrors <- a.C.Send(made())
		return none{}, nil
	})
	bus, pages := events.New(nil)
	var heard []byte
	if _, err := bus.Listen("x", func(e events.Event) { heard = bytes.Clone(e.Payload()) }); err != nil {
		t.Fatal(err)
	}
	p := newPaper(t, &r, func(o *wire.EndpointOptions) { o.Bus = pages })
	p.Receive(`{"kind":"listen","id":1,"event":"x","listener":1}`, "")
	p.Receive(`{"kind":"call","id":2,"command":"get"}`, "{}")
	p.Receive(`{"kind":"call","id":3,"command":"send","channels":[1]}`, `{"C":"__CHANNEL__:1"}`)
	emitErr := bus.Emit("x", made())
	sendErr := <-returnErrors
	var result, value, event []byte
	isBytes := reflect.TypeOf(made()) == reflect.TypeFor[[]byte]()
	p.RunUntil("the calls are settled", func() bool {
		settled := 0
		for _, m := range p.Got {
			switch kind, id := string(m[0]), string(m[1]); {
			case kind == "3", kind == "4":
				value = m[2]
			case kind == "6":
				event = m[2]
			case id == "2":
				if settled++; kind == "0" {
					result = m[2]
				}
			case id == "3" && kind == "0":
				settled++
			}
		}
		return settled == 2
	})
	if (sendErr == nil) != fits && !isBytes || (emitErr == nil) != fits {
		t.Errorf("send: %v, emit: %v, want %v", sendErr, emitErr, wantErr)
	}
	if !fits {
		want = nil
	}
	for way, got := range map[string][]byte{"result": result, "value": value, "event": event, "payload": heard} {
		if !sameText(got, want) && !(isBytes && (way == "result" || way == "value")) {
			t.Errorf("%s: %s, want %s", way, got, want)
		}
	}
}

// sameText reports whether two texts are equal, except for the order of map entries whose keys have
// the same text: encoding/json writes those in the map's random order.
func sameText(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	a, b = bytes.Clone(a), bytes.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return bytes.Equal(a, b)
}

// hasLarge reports whether JSON contains an integer that JavaScript would round.
func hasLarge(text []byte) bool {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	for {
		token, err := d.Token()
		if err != nil {
			return false
		}
		n, ok := token.(json.Number)
		if !ok || strings.ContainsAny(string(n), ".eE") {
			continue
		}
		if i, err := strconv.ParseInt(string(n), 10, 64); err != nil || i > 1<<53-1 || i < -(1<<53-1) {
			return true
		}
	}
}

// checkRead checks the value decoded from a text. own is set if Go wrote the text, so that it must
// be accepted.
func checkRead(t *testing.T, typ reflect.Type, text []byte, own bool) {
	want := reflect.New(typ)
	wantErr := caught(func() error { return json.Unmarshal(text, want.Interface()) })

	// Events are decoded as encoding/json decodes them.
	got := reflect.New(typ)
	err := caught(func() error { return codec.Unmarshal(text, got.Interface()) })
	switch {
	case (err == nil) != (wantErr == nil):
		t.Errorf("event %q: %v, want %v", text, err, wantErr)
	case err == nil && !same(got, want):
		t.Errorf("event %q: %s, want %s", text, show(got), show(want))
	}

	// Arguments are validated more strictly.
	got = reflect.New(typ)
	err = caught(func() error { return codec.Decode(t.Context(), text, got.Interface()) })
	switch {
	case err == nil && wantErr != nil:
		t.Errorf("arguments %q are accepted, want %v", text, wantErr)
	case err == nil && !same(got, want):
		t.Errorf("arguments %q: %s, want %s", text, show(got), show(want))
	case err != nil && wantErr == nil && own && echoes(want, text) && !stricter(err):
		t.Errorf("arguments %q, which Go wrote: %v", text, err)
	}
}

// stricter reports whether Casement's stricter rules caused the error.
func stricter(err error) bool {
	return strings.Contains(err.Error(), "got null") || strings.Contains(err.Error(), "2^53-1") || strings.HasSuffix(err.Error(), ": missing")
}

// echoes reports whether the value is encoded as the text from which it was decoded.
func echoes(v reflect.Value, text []byte) bool {
	again, err := reference(v.Elem().Interface())
	return err == nil && bytes.Equal(again, text)
}

func caught(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return f()
}

// same reports whether two values are equal. NaN equals itself.
func same(a, b reflect.Value) bool {
	return reflect.DeepEqual(a.Interface(), b.Interface()) || show(a) == show(b)
}

func show(v reflect.Value) string { return fmt.Sprintf("%#v", v.Elem().Interface()) }

// A typeMaker makes types.
type typeMaker struct {
	rng   *rand.Rand
	known []reflect.Type
}

var basic = []reflect.Type{
	reflect.TypeFor[int](), reflect.TypeFor[string](), reflect.TypeFor[bool](), reflect.TypeFor[float64](), reflect.TypeFor[float32](),
	reflect.TypeFor[int8](), reflect.TypeFor[uint64](), reflect.TypeFor[any](), reflect.TypeFor[[]byte](), reflect.TypeFor[map[string]any](),
	reflect.TypeFor[time.Time](), reflect.TypeFor[[]string](), reflect.TypeFor[json.RawMessage](), reflect.TypeFor[base](), reflect.TypeFor[tree](),
}

var tags = []string{
	"", "", "", `json:"x"`, `json:"y,omitempty"`, `json:",omitzero"`, `json:",string"`, `json:"A"`, `json:"-"`, `json:"-,"`, `json:"a.b"`,
	`json:"😀"`, `json:"a'b"`, `json:"<&>"`, `json:",omitempty,string"`, `json:"é"`,
}

func (g *typeMaker) make(depth int) reflect.Type {
	if depth == 0 || g.rng.IntN(6) == 0 {
		if g.rng.IntN(2) == 0 {
			return basic[g.rng.IntN(len(basic))]
		}
		return g.known[g.rng.IntN(len(g.known))]
	}
	switch g.rng.IntN(12) {
	case 0, 1:
		return reflect.PointerTo(g.make(depth - 1))
	case 2:
		return reflect.SliceOf(g.make(depth - 1))
	case 3:
		return reflect.ArrayOf(g.rng.IntN(4), g.make(depth-1))
	case 4:
		return reflect.MapOf(reflect.TypeFor[string](), g.make(depth-1))
	case 5:
		for {
			if key := g.make(1); key.Comparable() && key.Kind() != reflect.Interface && key.Kind() != reflect.Array {
				return reflect.MapOf(key, g.make(depth-1))
			}
		}
	}
	var fields []reflect.StructField
	for i := range 1 + g.rng.IntN(5) {
		fields = append(fields, reflect.StructField{
			Name: string(rune('A' + i)), Type: g.make(depth - 1), Tag: reflect.StructTag(tags[g.rng.IntN(len(tags))]),
		})
	}
	if g.rng.IntN(3) == 0 {
		// reflect makes structs that embed, but not with all their methods.
		if t := g.known[g.rng.IntN(len(g.known))]; t.Kind() == reflect.Struct && t.Name() != "" && t.PkgPath() != "" && !strings.Contains(t.Name(), "[") {
			first := t.Name()[0]
			if embedded := (reflect.StructField{Name: t.Name(), Type: t, Anonymous: true}); first >= 'A' && first <= 'Z' {
				if made := structOf(append(fields, embedded)); made != nil {
					return made
				}
			}
		}
	}
	return structOf(fields)
}

func structOf(fields []reflect.StructField) (t reflect.Type) {
	defer func() { _ = recover() }()
	return reflect.StructOf(fields)
}

// A valueMaker makes values.
type valueMaker struct{ rng *rand.Rand }

var (
	texts = []string{
		"", "a", "x<y>&", "\u2028", "\x00", "\xff", "é\"\\", "null", "1", "-", "{\"a\":1}", "{\"a\":", "[1 , 2]", "1]", "\"a\nb\"", "9007199254740993",
		"tv1", "L3", strings.Repeat("z", 70), "NaN", " 1", "\"\xfe\"", "1e5",
	}
	whole   = []int64{0, 1, -1, 3, 5, 127, 128, 255, 1<<53 - 1, 1 << 53, math.MaxInt64, math.MinInt64}
	decimal = []float64{0, 1, -0.5, 1e21, 1e-7, math.MaxFloat32, math.MaxFloat64, math.SmallestNonzeroFloat32, 1.0000001, 3.3, math.Copysign(0, -1), 1e20, math.NaN()}
)

func (m *valueMaker) fill(v reflect.Value, depth int) {
	if !v.CanSet() {
		return
	}
	if depth > 8 || m.rng.IntN(12) == 0 {
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(m.rng.IntN(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(whole[m.rng.IntN(len(whole)-m.rng.IntN(8))])
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		v.SetUint(uint64(whole[m.rng.IntN(len(whole)-m.rng.IntN(8))]))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(decimal[m.rng.IntN(len(decimal)-m.rng.IntN(2))])
	case reflect.String:
		if v.Type() == reflect.TypeFor[json.Number]() {
			v.SetString([]string{"1", "1e400", "-0.5", "", "9007199254740993", "x"}[m.rng.IntN(6)])
			return
		}
		v.SetString(texts[m.rng.IntN(len(texts))])
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		m.fill(p.Elem(), depth+1)
		v.Set(p)
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			v.SetBytes([]byte(texts[m.rng.IntN(len(texts))]))
			return
		}
		n := m.rng.IntN(4)
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			m.fill(v.Index(i), depth+1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range m.rng.IntN(4) {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			m.fill(key, depth+1)
			m.fill(value, depth+1)
			if key.Comparable() {
				v.SetMapIndex(key, value)
			}
		}
		if loot, ok := v.Interface().(map[string]*vandal); ok {
			for _, thief := range loot {
				if thief != nil {
					thief.From = loot
				}
			}
		}
	case reflect.Struct:
		switch p := v.Addr().Interface().(type) {
		case *time.Time:
			*p = time.Unix(m.rng.Int64N(4e9), 0).UTC()
			return
		case *vandal:
			return
		}
		for i := range v.NumField() {
			m.fill(v.Field(i), depth+1)
		}
	case reflect.Interface:
		if held := m.held(v.Type(), depth); held.IsValid() {
			v.Set(held)
		}
	}
}

// held returns a value for an interface.
func (m *valueMaker) held(contract reflect.Type, depth int) reflect.Value {
	for range 8 {
		known := dynamic
		if m.rng.IntN(2) == 0 {
			known = basic
		}
		if t := known[m.rng.IntN(len(known))]; t.Implements(contract) {
			v := reflect.New(t).Elem()
			m.fill(v, depth+2)
			return v
		}
	}
	return reflect.Value{}
}

var dynamic = oddTypes()

// mutate changes JSON at a random place.
func mutate(rng *rand.Rand, text []byte) []byte {
	text = bytes.Clone(text)
	for range 1 + rng.IntN(2) {
		from := rng.IntN(len(text) + 1)
		to := min(len(text), from+rng.IntN(3))
		with := []string{"", "null", "1", `"`, "1.5", "{}", "[]", "-", "+1", `"1"`, `"NaN"`, " ", ",", "e400", "3.4028235e+38", "0", `\u0041`, `"+1"`}[rng.IntN(18)]
		text = bytes.Join([][]byte{text[:from], text[to:]}, []byte(with))
	}
	return text
}

// TestTypesAreWrittenAndReadAsByEncodingJSON is a short FuzzTypes with all known types.
func TestTypesAreWrittenAndReadAsByEncodingJSON(t *testing.T) {
	t.Parallel()
	known := oddTypes()
	for i, typ := range known {
		for seed := range uint64(3) {
			checkType(t, typ, uint64(i)<<8|seed, []byte(`{"A":"1"}`))
		}
	}
}
