package roundtrip_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"casement/events"
	"casement/internal/apptest"
	"casement/internal/generate/testdata/everything"
	"casement/internal/generate/testdata/everything/other"
	"casement/shell"
)

const suite = "../../../frontend/api/test/window/roundtrip.ts"

func TestMain(m *testing.M) { apptest.Main(m) }

func TestValuesComeBackEqual(t *testing.T) {
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		seed := rand.Uint64()
		t.Logf("the seed is %d", seed)
		b := &ball{rng: rand.New(rand.NewPCG(seed, 0)), last: map[reflect.Type]any{}}
		app := apptest.Start(t, apptest.Config{Portable: portable, Suite: suite, Setup: func(app *shell.App) {
			everything.Register(app.Commands(), &everything.Wire{Next: b.next, Took: b.took})
			plain, optional, _ := everything.Events()
			check := func(err error) {
				if err != nil {
					t.Error(err)
				}
			}
			_, err := plain.Listen(app, func(_ events.Event, v everything.Plain) { check(b.took(&v)) })
			check(err)
			_, err = optional.Listen(app, func(_ events.Event, v everything.Optional) { check(b.took(&v)) })
			check(err)
		}})
		app.Suite()
		if b.caught == 0 {
			t.Error("no value came back")
		}
	})
}

// A ball throws random values to the page and catches them.
type ball struct {
	mu     sync.Mutex
	rng    *rand.Rand
	last   map[reflect.Type]any
	caught int
}

func (b *ball) next(pointer any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	v := reflect.ValueOf(pointer).Elem()
	b.fill(v, 0, false)
	b.last[v.Type()] = v.Interface()
}

// took returns an error unless the value equals the last one of its type that was thrown, as
// encoding/json encodes it. A field that JSON omits, such as a hidden one, does not come back.
func (b *ball) took(pointer any) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.caught++
	got := reflect.ValueOf(pointer).Elem()
	thrown := b.last[got.Type()]
	if data, ok := thrown.([]byte); ok { // Bytes travel unencoded.
		if !bytes.Equal(data, got.Bytes()) {
			return fmt.Errorf("sent %x, got back %x", data, got.Bytes())
		}
		return nil
	}
	text, err := encode(thrown)
	if err != nil {
		return err
	}
	want := reflect.New(got.Type())
	if err := json.Unmarshal(text, want.Interface()); err != nil {
		return err
	}
	if !reflect.DeepEqual(want.Interface(), pointer) {
		back, _ := encode(pointer)
		return fmt.Errorf("%v: sent %s, got back %s", got.Type(), text, back)
	}
	return nil
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// fill sets v to a random value. Integers stay in JavaScript's range unless they travel as strings.
func (b *ball) fill(v reflect.Value, depth int, quoted bool) {
	if b.special(v, depth) {
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(b.rng.IntN(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n := int64(b.rng.Uint64()) >> b.rng.IntN(64)
		if bits := v.Type().Bits(); bits < 64 {
			n = n << (64 - bits) >> (64 - bits)
		} else if !quoted {
			n %= 1 << 53
		}
		v.SetInt(n)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n := b.rng.Uint64() >> b.rng.IntN(64)
		if bits := v.Type().Bits(); bits < 64 {
			n &= 1<<bits - 1
		} else if !quoted {
			n %= 1 << 53
		}
		v.SetUint(n)
	case reflect.Float32:
		v.SetFloat(float64(float32((b.rng.Float64() - 0.5) * math.Pow(10, b.rng.Float64()*60-30))))
	case reflect.Float64:
		v.SetFloat((b.rng.Float64() - 0.5) * math.Pow(10, b.rng.Float64()*600-300))
	case reflect.String:
		v.SetString(b.text())
	case reflect.Pointer:
		if b.rng.IntN(3) > 0 && depth < maxDepth {
			v.Set(reflect.New(v.Type().Elem()))
			b.fill(v.Elem(), depth+1, quoted)
		}
	case reflect.Slice:
		if n := b.length(depth); n >= 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				b.fill(v.Index(i), depth+1, false)
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			b.fill(v.Index(i), depth+1, false)
		}
	case reflect.Map:
		if n := b.length(depth); n >= 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for range n {
				key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
				b.fill(key, depth+1, true)
				b.fill(value, depth+1, false)
				v.SetMapIndex(key, value)
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if (f.IsExported() || f.Anonymous) && f.Tag.Get("json") != "-" {
				b.fill(v.Field(i), depth+1, strings.Contains(f.Tag.Get("json"), ",string"))
			}
		}
	default:
		panic("no random " + v.Type().String())
	}
}

const maxDepth = 7

// length returns a random length for a slice or a map, or -1 for nil.
func (b *ball) length(depth int) int {
	if depth >= maxDepth {
		return b.rng.IntN(2) - 1
	}
	return b.rng.IntN(5) - 1
}

// special sets values of types that do not accept every value.
func (b *ball) special(v reflect.Value, depth int) bool {
	if !v.CanInterface() {
		return false
	}
	switch p := v.Addr().Interface().(type) {
	case *time.Time:
		*p = time.Unix(b.rng.Int64N(4e9)-1e9, b.rng.Int64N(1e9)).UTC()
		if b.rng.IntN(4) == 0 {
			*p = time.Time{}
		}
	case *time.Month:
		*p = time.Month(b.rng.IntN(12) + 1)
	case *json.RawMessage:
		text, err := encode(b.anything(0))
		if err != nil {
			panic(err)
		}
		*p = bytes.TrimSpace(text)
	case *json.Number:
		*p = json.Number([]string{"0", "-1.5", "9007199254740991", "1e+30", "123.456"}[b.rng.IntN(5)])
	case *big.Int:
		p.SetInt64(b.rng.Int64N(1<<54) - 1<<53 + 1)
	case **big.Int:
		*p = big.NewInt(b.rng.Int64N(1<<53-1) - 1<<52)
	case *any:
		*p = b.anything(depth)
	case *netip.Addr:
		*p = netip.AddrFrom4([4]byte{byte(b.rng.Uint32()), byte(b.rng.Uint32()), 0, 1})
		if b.rng.IntN(2) == 0 {
			*p = netip.MustParseAddr("fe80::1%eth0")
		}
	case *everything.Version:
		*p = everything.Version{Major: b.rng.IntN(100), Minor: b.rng.IntN(100)}
	case *everything.Color:
		*p = everything.Color{RGB: b.rng.Uint32() & 0xffffff}
	case *everything.Suit:
		*p = []everything.Suit{everything.SuitClubs, everything.SuitDiamonds, everything.SuitHearts}[b.rng.IntN(3)]
	case *everything.Rank:
		*p = []everything.Rank{everything.First, everything.Second, everything.Third}[b.rng.IntN(3)]
	case *other.Status:
		*p = []other.Status{other.IsIdle, other.IsBusy}[b.rng.IntN(2)]
	default:
		return false
	}
	return true
}

// anything returns a value as JSON decodes it. Its encoding is unique, so that texts can be
// compared.
func (b *ball) anything(depth int) any {
	kinds := 6
	if depth >= maxDepth {
		kinds = 4
	}
	switch b.rng.IntN(kinds) {
	case 0:
		return nil
	case 1:
		return b.rng.IntN(2) == 0
	case 2:
		return float64(b.rng.IntN(1e9)) / 8
	case 3:
		return strings.Repeat("ab", b.rng.IntN(3))
	case 4:
		list := []any{}
		for range b.rng.IntN(3) {
			list = append(list, b.anything(depth+1))
		}
		return list
	}
	object := map[string]any{}
	for range b.rng.IntN(3) {
		object[string(rune('a'+b.rng.IntN(26)))] = b.anything(depth + 1)
	}
	return object
}

var pieces = []string{
	"a", "Z", "7", " ", `"`, `\`, "/", "'", "`", "${x}", "<!--", "</script>", "\x00", "\n", "\r", "\t", "\x1f", "\x7f", "\u0080",
	"\u2028", "\u2029", "\ufeff", "\ufffd", "\uffff", "é", "ß", "文", "\U0001f600", "\U0010ffff", "__proto__", "constructor", "__CHANNEL__:1",
}

func (b *ball) text() string {
	var text strings.Builder
	for range b.rng.IntN(6) {
		text.WriteString(pieces[b.rng.IntN(len(pieces))])
	}
	return text.String()
}

// TestValuesComeBackEqual relies on this: a value that changes on its way is noticed.
func TestADifferenceIsNoticed(t *testing.T) {
	t.Parallel()
	b := &ball{rng: rand.New(rand.NewPCG(1, 2)), last: map[reflect.Type]any{}}
	noticed := []bool{}
	for range 100 {
		var v everything.Lists
		b.next(&v)
		if err := b.took(&v); err != nil {
			t.Fatal(err)
		}
		v.Long[8]++
		noticed = append(noticed, b.took(&v) != nil)
	}
	if slices.Contains(noticed, false) {
		t.Error("took accepted a different value")
	}
}
