package everything

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"time"

	more "casement/internal/generate/testdata/everything/more/other"
	"casement/internal/generate/testdata/everything/other"
)

// Plain has the basic types.
type Plain struct {
	Bool    bool    `json:"bool"`
	Int     int     `json:"int"`
	Int8    int8    `json:"int8"`
	Int16   int16   `json:"int16"`
	Int32   int32   `json:"int32"`
	Int64   int64   `json:"int64"`
	Uint    uint    `json:"uint"`
	Uint8   uint8   `json:"uint8"`
	Uint16  uint16  `json:"uint16"`
	Uint32  uint32  `json:"uint32"`
	Uint64  uint64  `json:"uint64"`
	Float32 float32 `json:"float32"`
	Float64 float64 `json:"float64"`
	String  string  `json:"string"`
	Rune    rune
	Label   Label `json:"a name/with-signs"`

	hidden  int
	Skipped chan int `json:"-"`
	Dash    int      `json:"-,"`
}

// A Label is a string with a name.
type Label string

// Optional has fields that may be missing.
type Optional struct {
	Pointer      *int           `json:"pointer"`
	PointerEmpty *int           `json:"pointerEmpty,omitempty"`
	PointerZero  *Label         `json:"pointerZero,omitzero"`
	StructEmpty  Point          `json:"structEmpty,omitempty"`
	StructZero   Point          `json:"structZero,omitzero"`
	Slice        []string       `json:"slice"`
	SliceEmpty   []string       `json:"sliceEmpty,omitempty"`
	SliceZero    []string       `json:"sliceZero,omitzero"`
	Map          map[string]int `json:"map"`
	MapEmpty     map[string]int `json:"mapEmpty,omitempty"`
	StringEmpty  string         `json:"stringEmpty,omitempty"`
	IntZero      int            `json:"intZero,omitzero"`
	BoolEmpty    bool           `json:"boolEmpty,omitempty"`
	ArrayEmpty   [2]int         `json:"arrayEmpty,omitempty"`
	TimeEmpty    time.Time      `json:"timeEmpty,omitempty"`
	TimeZero     time.Time      `json:"timeZero,omitzero"`
	PointerSlice *[]string      `json:"pointerSlice,omitempty"`
	BytesEmpty   []byte         `json:"bytesEmpty,omitempty"`
}

// A Point is a place.
type Point struct{ X, Y float64 }

// Lists has collections.
type Lists struct {
	Strings  []string                 `json:"strings"`
	Pointers []*int                   `json:"pointers"`
	Nested   [][]Point                `json:"nested"`
	Pair     [2]Point                 `json:"pair"`
	Long     [9]int                   `json:"long"`
	Bytes    []byte                   `json:"bytes"`
	Named    Blob                     `json:"named"`
	Octets   [4]byte                  `json:"octets"`
	ByName   map[string]*Point        `json:"byName"`
	ByInt    map[int]string           `json:"byInt"`
	ByInt64  map[int64]string         `json:"byInt64"`
	ByLabel  map[Label][]int          `json:"byLabel"`
	BySuit   map[Suit]int             `json:"bySuit"`
	ByAddr   map[netip.Addr]bool      `json:"byAddr"`
	ByRank   map[Rank]Suit            `json:"byRank"`
	ByLevel  map[Level]Level          `json:"byLevel"`
	Deep     map[string]map[int][]Set `json:"deep"`
	Sets     Set                      `json:"sets"`
}

// A Blob is bytes with a name.
type Blob []byte

// A Set is a slice with a name.
type Set []Suit

// A Suit is one of four.
type Suit string

const (
	// SuitClubs are black.
	SuitClubs    Suit = "clubs"
	SuitDiamonds Suit = "diamonds" // red
	SuitHearts   Suit = "hearts"
	SuitSpades   Suit = "spades"
	// trumps has another type.
	trumps = "trumps"
)

// A Rank counts from one.
type Rank int

// The ranks.
const (
	_ Rank = iota
	First
	Second
	Third
)

// Mode has bits that combine.
type Mode uint8

// The bits.
const (
	ModeRead Mode = 1 << iota
	ModeWrite
	// ModeRun is for programs.
	ModeRun
)

// A Port has one constant, which is no enumeration.
type Port uint16

// DefaultPort is a port.
const DefaultPort Port = 80

// Enums has enumerations.
type Enums struct {
	Suit   Suit         `json:"suit"`
	Rank   Rank         `json:"rank"`
	Mode   Mode         `json:"mode"`
	Port   Port         `json:"port"`
	Month  time.Month   `json:"month"`
	Suits  []Suit       `json:"suits"`
	Maybe  *Rank        `json:"maybe"`
	Quoted Rank         `json:"quoted,string"`
	Other  other.Status `json:"other"`
}

// Quoted has the option string.
type Quoted struct {
	Int64   int64   `json:"int64,string"`
	Uint64  uint64  `json:"uint64,string"`
	Pointer *int64  `json:"pointer,string"`
	Float   float64 `json:"float,string"`
	Bool    bool    `json:"bool,string"`
	String  string  `json:"string,string"`
	Empty   int     `json:"empty,string,omitempty"`
	Slice   []int   `json:"slice,string"`
}

// Special has types that encode their own JSON.
type Special struct {
	Time  time.Time   `json:"time"`
	Times []time.Time `json:"times"`
	Maybe *time.Time  `json:"maybe"`
	// Big is known to be small.
	//
	//casement:ts number
	Big      *big.Int          `json:"big"`
	Duration time.Duration     `json:"duration"`
	Raw      json.RawMessage   `json:"raw"`
	Raws     []json.RawMessage `json:"raws"`
	Number   json.Number       `json:"number"`
	Any      any               `json:"any"`
	Anys     []any             `json:"anys"`
	AnyByKey map[string]any    `json:"anyByKey"`
	Addr     netip.Addr        `json:"addr"`
	Version  Version           `json:"version"`
	Color    Color             `json:"color"`
	Given    Celsius           `json:"given"`
	Colors   []*Color          `json:"colors"`
}

// A Version encodes itself as text.
type Version struct{ Major, Minor int }

// MarshalText implements encoding.TextMarshaler.
func (v Version) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%d.%d", v.Major, v.Minor), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (v *Version) UnmarshalText(text []byte) error {
	_, err := fmt.Sscanf(string(text), "%d.%d", &v.Major, &v.Minor)
	return err
}

// A Level is a number that encodes itself as text.
type Level int

// MarshalText implements encoding.TextMarshaler.
func (l Level) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "level %d", int(l)), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *Level) UnmarshalText(text []byte) error {
	_, err := fmt.Sscanf(string(text), "level %d", (*int)(l))
	return err
}

// A Color writes itself as JSON.
//
//casement:ts `#${string}`
type Color struct{ RGB uint32 }

// MarshalJSON implements json.Marshaler.
func (c Color) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, `"#%06x"`, c.RGB), nil }

// UnmarshalJSON implements json.Unmarshaler.
func (c *Color) UnmarshalJSON(text []byte) error {
	if len(text) != 9 {
		return errors.New("want a color")
	}
	_, err := fmt.Sscanf(string(text), `"#%06x"`, &c.RGB)
	return err
}

// Celsius writes itself as JSON.
//
//casement:ts { celsius: number }
type Celsius float64

// MarshalJSON implements json.Marshaler.
func (c Celsius) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]float64{"celsius": float64(c)})
}

// UnmarshalJSON implements json.Unmarshaler.
func (c *Celsius) UnmarshalJSON(text []byte) error {
	var v struct{ Celsius float64 }
	err := json.Unmarshal(text, &v)
	*c = Celsius(v.Celsius)
	return err
}

// Base is embedded.
type Base struct {
	ID    int    `json:"id"`
	Name  string `json:"name"` // hidden by the outer one
	Extra *Extra `json:"extra"`
}

// Extra is embedded by pointer.
type Extra struct {
	Note string `json:"note"`
	Pin  *int   `json:"pin"`
}

type inner struct {
	Inner int `json:"inner"`
	Twice int `json:"twice"`
}

// Twin has a field that another embedded struct has at the same depth: the tagged one wins.
type Twin struct {
	Twice2 string `json:"twice"`
	Solo   bool
}

// Embedded embeds in all ways.
type Embedded struct {
	Base
	*Extra
	inner
	Label
	Point `json:"point"`
	Name  []byte `json:"name"`
}

// Tagged has two embedded fields of the same name, one of which has a tag.
type Tagged struct {
	Left
	Right
}

// Left names its field.
type Left struct {
	Side int `json:"Side"`
}

// Right does not.
type Right struct{ Side string }

// A Page is some of many.
type Page[T any] struct {
	Items []T `json:"items"`
	// Next is nil on the last page.
	Next *T `json:"next,omitempty"`
}

// A Both has two.
type Both[A, B any] struct {
	A A `json:"a"`
	B B `json:"b"`
}

// Generics has instances.
type Generics struct {
	Points Page[Point]                  `json:"points"`
	Bytes  Page[byte]                   `json:"bytes"`
	Both   Both[string, Page[*Plain]]   `json:"both"`
	More   Both[map[Suit][]int, [2]any] `json:"more"`
}

// A Tree is recursive.
type Tree struct {
	Value int             `json:"value"`
	Left  *Tree           `json:"left,omitempty"`
	Kids  []Tree          `json:"kids"`
	Named map[string]Tree `json:"named,omitempty"`
}

// A Nest is recursive without a struct.
type Nest []Nest

// An Index is a recursive map.
type Index map[string]Index

// Settings has a namesake in another package.
type Settings struct {
	Dark  bool           `json:"dark"`
	Other other.Settings `json:"other"`
	More  more.Settings  `json:"more"`
	Chan  Channel        `json:"chan"`
}

// A Channel has the name of an import of the file.
type Channel int

// Commented ends comments with */ and begins them with /*.
//
// @param this is no tag, and neither is
//
//	@that
//
// Deprecated: use [Plain], which has */ nothing to say.
type Commented struct {
	// Old is old.
	//
	// Deprecated: use New.
	Old int `json:"old"`
	New int `json:"new"` /* New is
	new. */
	// It's "quoted" — and `ticked` ${x} \ too.
	Key int `json:"its $key"`
}

// Empty has no fields.
type Empty struct{}

// Holder holds nested structs.
type Holder struct {
	Empty Empty    `json:"empty"`
	None  struct{} `json:"none"`
	Anon  struct {
		A int `json:"a"`
		// B is inside.
		B *struct{ C []int }
	} `json:"anon"`
}

type unexported struct {
	Value int `json:"value"`
}
