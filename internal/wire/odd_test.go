package wire_test

//lint:file-ignore SA5008 the tests are about the JSON of such tags
//lint:file-ignore U1000 the tests are about unused fields too

import (
	"bytes"
	"encoding"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"strconv"
	"sync"
	"time"

	"github.com/goccy/go-json/jsontext"
)

// Plain types: some that a command might take, and two recursive ones.
type (
	base struct {
		ID   int  `json:"id"`
		Note *int `json:"note"`
	}
	item struct {
		Name string `json:"name"`
		Size uint16 `json:"size,omitempty"`
	}
	tree struct {
		Value    int     `json:"value"`
		Children []*tree `json:"children,omitempty"`
	}
	optional struct {
		Extra string `json:"extra"`
	}
	everything struct {
		base
		*optional
		Text   string            `json:"text,omitempty"`
		I8     int8              `json:"i8,omitempty"`
		I64    int64             `json:"i64,omitzero"`
		U64    uint64            `json:"u64,omitempty"`
		F32    float32           `json:"f32,omitempty"`
		Quoted int64             `json:"quoted,string,omitempty"`
		List   []item            `json:"list,omitempty"`
		Pair   [2]int            `json:"pair,omitempty"`
		Map    map[string]item   `json:"map,omitempty"`
		Keys   map[int]bool      `json:"keys,omitempty"`
		Tree   *tree             `json:"tree"`
		When   *time.Time        `json:"when"`
		Data   []byte            `json:"data,omitempty"`
		Any    any               `json:"any,omitempty"`
		Raw    json.RawMessage   `json:"raw,omitempty"`
		Number json.Number       `json:"number,omitempty"`
		Odd    map[string]string `json:"odd name,omitempty"`
	}
	loopA struct {
		A int
		*loopA
	}
)

// Types with unusual JSON. The tests compare all of them with encoding/json.

// The names list their methods: J for JSON, T for text, V for a value's and P for a pointer's.
type (
	oddTV   int
	oddTP   int
	oddJV   struct{ N int }
	oddJP   struct{ N int }
	oddSV   string // is its own JSON
	oddSTV  string
	oddSTP  string
	oddJVTP struct{ N int }
	oddTVJP struct{ N int }
	oddKey  struct{ N int }
	oddAT   int
	oddMapJ map[string]int
	oddMapT map[string]int
	oddList []int
	oddFunc func()
	oddPtrJ struct{ P *int }
	oddBool bool
	oddF32  float32
	oddNone struct{}
	level   uint8
	levelP  uint8
	levelJ  uint8
	octet   byte
	word    string
	count   int
	toS     struct{ X string }
	fromS   struct{ X string }
	zeroish struct{ N int }
	oddNil  struct{ N *int }
)

func text(prefix string, n int) ([]byte, error) { return []byte(prefix + strconv.Itoa(n)), nil }

func number(data []byte, prefix string) (int, error) {
	after, ok := bytes.CutPrefix(data, []byte(prefix))
	if !ok {
		return 0, fmt.Errorf("want %s, got %q", prefix, data)
	}
	return strconv.Atoi(string(after))
}

func inQuotes(text []byte, err error) ([]byte, error) {
	return []byte(strconv.Quote(string(text))), err
}

func unquote(data []byte) []byte { return bytes.Trim(data, `"`) }

func (v oddTV) MarshalText() ([]byte, error) { return text("tv", int(v)) }
func (v *oddTV) UnmarshalText(data []byte) error {
	n, err := number(data, "tv")
	*v = oddTV(n)
	return err
}

func (v *oddTP) MarshalText() ([]byte, error) { return text("tp", int(*v)) }
func (v *oddTP) UnmarshalText(data []byte) error {
	n, err := number(data, "tp")
	*v = oddTP(n)
	return err
}

func (v oddJV) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, `{"jv": %d, "<":"\u2028"}`, v.N), nil
}
func (v *oddJV) UnmarshalJSON(data []byte) error {
	var in struct{ JV int }
	err := json.Unmarshal(data, &in)
	v.N = in.JV
	return err
}

func (v *oddJP) MarshalJSON() ([]byte, error) {
	if v.N%7 == 3 {
		return nil, errors.New("three of seven")
	}
	return inQuotes(text("jp", v.N))
}

func (v *oddJP) UnmarshalJSON(data []byte) (err error) {
	v.N, err = number(unquote(data), "jp")
	return err
}

func (v oddSV) MarshalJSON() ([]byte, error)     { return []byte(v), nil }
func (v *oddSV) UnmarshalJSON(data []byte) error { *v = oddSV(data); return nil }

func (v oddSTV) MarshalText() ([]byte, error) { return []byte("<" + v), nil }
func (v *oddSTV) UnmarshalText(data []byte) error {
	*v = oddSTV(bytes.TrimPrefix(data, []byte("<")))
	return nil
}

func (v *oddSTP) MarshalText() ([]byte, error) { return []byte("<" + *v), nil }
func (v *oddSTP) UnmarshalText(data []byte) error {
	*v = oddSTP(bytes.TrimPrefix(data, []byte("<")))
	return nil
}

func (v oddJVTP) MarshalJSON() ([]byte, error)  { return inQuotes(text("jv", v.N)) }
func (v *oddJVTP) MarshalText() ([]byte, error) { return text("tp", v.N) }

func (v oddTVJP) MarshalText() ([]byte, error)  { return text("tv", v.N) }
func (v *oddTVJP) MarshalJSON() ([]byte, error) { return inQuotes(text("jp", v.N)) }

func (v oddKey) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, `{"json":%d}`, v.N), nil }
func (v oddKey) MarshalText() ([]byte, error) { return text("key", v.N) }
func (v *oddKey) UnmarshalText(data []byte) (err error) {
	v.N, err = number(data, "key")
	return err
}

func (v oddAT) AppendText(dst []byte) ([]byte, error) { return fmt.Appendf(dst, "at%d", v), nil }

func (v oddMapJ) MarshalJSON() ([]byte, error)    { return json.Marshal(len(v)) }
func (v oddMapJ) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, new(any)) }
func (v oddMapT) MarshalText() ([]byte, error)    { return text("len", len(v)) }

func (v oddList) MarshalJSON() ([]byte, error) { return json.Marshal(len(v)) }
func (v *oddList) UnmarshalJSON(data []byte) error {
	var n uint8
	err := json.Unmarshal(data, &n)
	*v = make(oddList, n)
	return err
}

func (v oddFunc) MarshalText() ([]byte, error) { return []byte("func"), nil }

func (v oddPtrJ) MarshalJSON() ([]byte, error) { return json.Marshal(v.P) }
func (v *oddPtrJ) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, &v.P)
}

func (v oddBool) MarshalText() ([]byte, error) { return strconv.AppendBool(nil, bool(v)), nil }
func (v *oddBool) UnmarshalText(data []byte) error {
	*v = string(data) == "true"
	return nil
}

func (v oddF32) MarshalJSON() ([]byte, error) { return json.Marshal(float32(v)) }

func (oddNone) MarshalJSON() ([]byte, error) { return []byte(`"none"`), nil }
func (*oddNone) UnmarshalJSON([]byte) error  { return nil }

func (v level) MarshalText() ([]byte, error) { return text("L", int(v)) }
func (v *level) UnmarshalText(data []byte) error {
	n, err := number(data, "L")
	*v = level(n)
	return err
}

func (v *levelP) MarshalText() ([]byte, error) { return text("L", int(*v)) }
func (v levelJ) MarshalJSON() ([]byte, error)  { return inQuotes(text("L", int(v))) }
func (v *levelJ) UnmarshalJSON(data []byte) error {
	n, err := number(unquote(data), "L")
	*v = levelJ(n)
	return err
}

func (v toS) MarshalJSONTo(enc *jsontext.Encoder) error {
	return enc.WriteValue(jsontext.Value(`9007199254740993`))
}

func (v *fromS) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	text, err := dec.ReadValue()
	v.X = string(text)
	return err
}

func (v zeroish) IsZero() bool { return v.N == 3 }

// MarshalJSON panics for some values.
func (v oddNil) MarshalJSON() ([]byte, error) { return strconv.AppendInt(nil, int64(*v.N), 10), nil }

// A vandal clears its own map while the map is written.
type vandal struct{ From map[string]*vandal }

func (v *vandal) MarshalJSON() ([]byte, error) {
	clear(v.From)
	return []byte("1"), nil
}

// Generic types.
type (
	opt[T any]  struct{ Value *T }
	node[T any] struct {
		Kids []node[T] `json:"kids"`
		N    T         `json:"n"`
	}
	linked[T any] struct {
		Next *linked[T] `json:",omitempty"`
		N    T
	}
	byName[T any] struct {
		Of map[string]byName[T]
		N  T `json:",omitempty"`
	}
	pair[A, B any] struct {
		A A `json:"a"`
		B B `json:"b,omitempty"`
	}
	maybe[T any] struct {
		A any `json:",omitempty"`
		N T   `json:",omitzero"`
	}
	named2[T any] T2[T]
	T2[T any]     struct{ V []T }
)

// around returns types that contain T, whose methods may or may not be found there.
func around[T any]() []reflect.Type {
	return []reflect.Type{
		reflect.TypeFor[T](), reflect.TypeFor[*T](), reflect.TypeFor[struct{ A **T }](), reflect.TypeFor[opt[T]](), reflect.TypeFor[opt[*T]](),
		reflect.TypeFor[node[T]](), reflect.TypeFor[*node[T]](), reflect.TypeFor[map[string]node[T]](), reflect.TypeFor[linked[T]](),
		reflect.TypeFor[*linked[*T]](), reflect.TypeFor[byName[T]](), reflect.TypeFor[[1]T](), reflect.TypeFor[struct{ A [2]T }](),
		reflect.TypeFor[map[string][1]T](), reflect.TypeFor[[]T](), reflect.TypeFor[[]*T](), reflect.TypeFor[[]**T](), reflect.TypeFor[map[string]T](),
		reflect.TypeFor[map[string]*T](), reflect.TypeFor[pair[T, T]](), reflect.TypeFor[pair[*T, any]](), reflect.TypeFor[maybe[T]](),
		reflect.TypeFor[maybe[[1]T]](), reflect.TypeFor[named2[T]](), reflect.TypeFor[***T](), reflect.TypeFor[struct{ A, B **T }](),
		reflect.TypeFor[struct {
			A *T `json:",omitempty"`
			B T  `json:"b,string,omitzero"`
		}](),
	}
}

// keyed returns maps with keys of type K.
func keyed[K comparable]() []reflect.Type {
	return []reflect.Type{
		reflect.TypeFor[map[K]int](), reflect.TypeFor[map[*K]int](), reflect.TypeFor[struct{ A map[K]any }](), reflect.TypeFor[map[string]map[K]string](),
		reflect.TypeFor[maybe[map[K]int]](),
	}
}

// Embedded types.
type (
	oddM1   struct{ A int }
	oddM2   struct{ B int }
	oddBase struct{ ID int }
	E3      struct{ D int }
	E4      struct{ X int }
	E7      struct {
		E4
		E3
	}
	E9        struct{ E4 }
	ambiguous struct {
		oddM1
		oddM2
		C int
	}
	OddM1     struct{ A int }
	OddM2     struct{ B int }
	Ambiguous struct {
		OddM1
		OddM2
		C int
	}
	ambiguousP struct {
		*OddM1
		*OddM2
		C int
	}
	addresses struct {
		UUID
		netip.Addr
		Name string
	}
	UUID     [16]byte
	taggedIn struct {
		oddBase `json:"base"`
		Z       int
	}
	taggedPtr struct {
		*OddBase `json:"base"`
		oddBase
	}
	OddBase   struct{ ID int }
	sealedMid struct{ *oddBase }
	sealedOut struct{ *SealedMid }
	SealedMid struct{ *oddBase }
	doubled   struct {
		E7
		E9
	}
	promoted struct {
		OddM1
		X int
	}
	promotedP struct {
		*oddJP
		E int
	}
	dated struct {
		time.Time
		X int
	}
	oddNames struct {
		A int `json:"😀"`
		B int `json:"x\\y"`
		C int `json:"a'b"`
		D int `json:"\u2028"`
		E int `json:"a b/c$"`
		F int `json:"-,"`
		G int `json:",omitempty"`
		h int
	}
	quotedAll struct {
		A int             `json:",string"`
		B *int64          `json:",string"`
		C float64         `json:",string"`
		D float32         `json:",string,omitempty"`
		E bool            `json:",string"`
		F string          `json:",string"`
		G uint8           `json:",string"`
		H []int           `json:",string"`
		I any             `json:",string"`
		J map[string]uint `json:",string"`
		K uintptr         `json:",string"`
		L word            `json:",string"`
		M *bool           `json:",string"`
	}
	quotedOwn struct {
		A oddTV       `json:",string"`
		B oddBool     `json:",string"`
		C json.Number `json:",string"`
		D *level      `json:",string"`
	}
	faces struct {
		A fmt.Stringer
		B json.Marshaler
		C encoding.TextMarshaler
		D error
		E any
		F []any
		G map[string]any
	}
	loop1 struct {
		*loop1
		N int
	}
	loopA1 struct {
		B *loopB1
		M map[string]loopA1
		S []*loopA1
	}
	loopB1 struct {
		A loopA1x
		V any
	}
	loopA1x  []loopB1
	selfMap  map[string]selfMap
	selfList []selfList
	pointerT *int
	PIP      *oddTP
	lists    struct {
		A []level
		B []levelP
		C []levelJ
		D []octet
		E [3]byte
		F []byte
		G [2]level
		H [][]byte
		I json.RawMessage
		J []json.RawMessage
		K *json.RawMessage
		L json.Number
	}
	streamed struct {
		A toS
		B fromS
		C []toS
		D *fromS
	}
	guarded struct {
		sync.Mutex
		N int
	}
	zeros struct {
		A zeroish   `json:",omitzero"`
		B *zeroish  `json:",omitzero"`
		C time.Time `json:",omitzero"`
		D [2]int    `json:",omitzero"`
		E struct{}  `json:",omitempty"`
		F oddTV     `json:",omitzero,omitempty"`
		G oddMapJ   `json:",omitempty"`
		H *oddJP    `json:",omitempty"`
		I oddNone   `json:",omitempty"`
	}
	embeddedText struct {
		word
		Text
		*Count
		List
		OddFace
	}
	Text    string
	Count   int
	List    []int
	OddFace interface{ Face() }
)

func (v oddM1) MarshalJSON() ([]byte, error) { return []byte(`"m1"`), nil }
func (v oddM2) MarshalJSON() ([]byte, error) { return []byte(`"m2"`), nil }
func (v OddM1) MarshalJSON() ([]byte, error) { return []byte(`"m1"`), nil }
func (v OddM2) MarshalJSON() ([]byte, error) { return []byte(`"m2"`), nil }
func (v *OddM1) UnmarshalJSON([]byte) error  { v.A = 7; return nil }
func (v *OddM2) UnmarshalJSON([]byte) error  { v.B = 8; return nil }

func (u UUID) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%x", u[:]), nil }
func (u *UUID) UnmarshalText(data []byte) error {
	if len(data) != 2*len(u) {
		return errors.New("want 32 digits")
	}
	_, err := hex.Decode(u[:], data)
	return err
}

// oddTypes returns all types of this file.
func oddTypes() []reflect.Type {
	var all []reflect.Type
	for _, types := range [][]reflect.Type{
		around[int](), around[string](), around[float32](), around[oddTV](), around[oddTP](), around[oddJV](), around[oddJP](), around[oddSV](),
		around[oddSTV](), around[oddSTP](), around[oddJVTP](), around[oddTVJP](), around[oddKey](), around[oddAT](), around[oddMapJ](),
		around[oddMapT](), around[oddList](), around[oddPtrJ](), around[oddBool](), around[oddNone](), around[level](), around[levelP](),
		around[big.Int](), around[time.Time](), around[netip.Addr](), around[json.RawMessage](), around[json.Number](), around[any](),
		around[toS](), around[fromS](), around[UUID](), around[Ambiguous](), around[oddNil](), around[oddF32](),
		keyed[string](), keyed[int](), keyed[int8](), keyed[uint64](), keyed[word](), keyed[count](), keyed[oddTV](), keyed[oddTP](), keyed[oddSTV](),
		keyed[oddSTP](), keyed[oddKey](), keyed[oddAT](), keyed[level](), keyed[oddSV](), keyed[netip.Addr](), keyed[UUID](), keyed[float64](),
		keyed[bool](), keyed[encoding.TextMarshaler](), keyed[any](), keyed[pointerT](), keyed[PIP](), keyed[time.Time](), keyed[json.Number](),
		{
			reflect.TypeFor[ambiguous](), reflect.TypeFor[Ambiguous](), reflect.TypeFor[ambiguousP](), reflect.TypeFor[addresses](), reflect.TypeFor[taggedIn](),
			reflect.TypeFor[taggedPtr](), reflect.TypeFor[sealedMid](), reflect.TypeFor[sealedOut](), reflect.TypeFor[doubled](), reflect.TypeFor[promoted](),
			reflect.TypeFor[promotedP](), reflect.TypeFor[[]promotedP](), reflect.TypeFor[dated](), reflect.TypeFor[oddNames](), reflect.StructOf([]reflect.StructField{ // go vet rejects such a literal type.
				{Name: "A", Type: reflect.TypeFor[int](), Tag: `json:"x"`}, {Name: "B", Type: reflect.TypeFor[int](), Tag: `json:"x"`},
				{Name: "C", Type: reflect.TypeFor[int]()}}), reflect.TypeFor[quotedAll](),
			reflect.TypeFor[quotedOwn](), reflect.TypeFor[faces](), reflect.TypeFor[loop1](), reflect.TypeFor[loopA1](), reflect.TypeFor[loopB1](),
			reflect.TypeFor[selfMap](), reflect.TypeFor[selfList](), reflect.TypeFor[lists](), reflect.TypeFor[streamed](), reflect.TypeFor[*guarded](),
			reflect.TypeFor[zeros](), reflect.TypeFor[*zeros](), reflect.TypeFor[embeddedText](), reflect.TypeFor[everything](), reflect.TypeFor[url.URL](),
			reflect.TypeFor[net.IP](), reflect.TypeFor[slog.Level](), reflect.TypeFor[oddFunc](), reflect.TypeFor[map[string]*vandal](), reflect.TypeFor[[]vandal](),
			reflect.TypeFor[[]struct {
				oddM1
				E int
			}](), reflect.TypeFor[[]embedsM1](), reflect.TypeFor[loopA](), reflect.TypeFor[tree](), reflect.TypeFor[chan int](), reflect.TypeFor[complex64](),
		},
	} {
		all = append(all, types...)
	}
	return all
}
