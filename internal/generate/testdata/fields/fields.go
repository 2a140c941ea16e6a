// Package fields has structs whose JSON fields are not obvious.
package fields

import (
	"context"
	"errors"
	"time"

	"casement/ipc"
)

type (
	// Plain has fields with all kinds of tags.
	Plain struct {
		Untagged  int
		Tagged    int `json:"tagged"`
		Signs     int `json:"a b/c$"`
		Dash      int `json:"-,"`
		Skipped   int `json:"-"`
		hidden    int
		Options   int `json:",omitempty"`
		OtherTags int `xml:"x" json:"other"`
		Broken    int `json:"broken,unknown"`
	}
	// Empties omit empty values where a value can be empty.
	Empties struct {
		Bool      bool            `json:",omitempty"`
		Int       int             `json:",omitempty"`
		Float     float64         `json:",omitempty"`
		String    string          `json:",omitempty"`
		Slice     []int           `json:",omitempty"`
		Map       map[string]int  `json:",omitempty"`
		Pointer   *int            `json:",omitempty"`
		Any       any             `json:",omitempty"`
		Array     [1]int          `json:",omitempty"`
		Struct    struct{ A int } `json:",omitempty"`
		Time      time.Time       `json:",omitempty"`
		Quoted    int             `json:",omitempty,string"`
		NotQuoted []int           `json:",string"`
	}
	// Zeros omit zero values.
	Zeros struct {
		Int     int             `json:",omitzero"`
		Slice   []int           `json:",omitzero"`
		Pointer *int            `json:",omitzero"`
		Array   [1]int          `json:",omitzero"`
		Struct  struct{ A int } `json:",omitzero"`
		Time    time.Time       `json:",omitzero"`
		Both    []int           `json:",omitempty,omitzero"`
	}
	// Pointers are optional for the page only.
	Pointers struct {
		Pointer *int
		Twice   **int
		Named   pointer
		Slice   []int
		Map     map[string]int
		Any     any
	}
	pointer *int

	// A is embedded.
	A struct {
		X int
		Y int `json:"y"`
	}
	// B is embedded beside A.
	B struct {
		X string
		Z int
	}
	// C has one of B's names in a tag.
	C struct {
		Other string `json:"Z"`
	}
	d struct {
		A
		D int
	}
	text string

	// Shallow hides what is embedded.
	Shallow struct {
		A
		X string
	}
	// Clash has X twice, so JSON omits it.
	Clash struct {
		A
		B
	}
	// ByTag has Z twice, and one of them in a tag.
	ByTag struct {
		B
		C
	}
	// Deep has A's fields two levels down, and B's X above them.
	Deep struct {
		d
		B
	}
	// Diamond has A twice, at one depth.
	Diamond struct {
		e
		f
	}
	e struct{ A }
	f struct{ A }
	// Above has A twice, at two depths.
	Above struct {
		d
		A
	}
	// ByPointer has fields that exist if the pointer is not nil.
	ByPointer struct {
		*A
		Own int
	}
	// Named embeds under a name of its own.
	Named struct {
		A  `json:"a"`
		*B `json:"b"`
	}
	// Others embeds types that are not structs.
	Others struct {
		Text
		text
		*Number
		List
	}
	// Text is a string.
	Text string
	// Number is an int.
	Number int
	// List is a slice.
	List []int
	// Hidden embeds an unexported struct.
	Hidden struct {
		d
		Own int
	}
	// Sealed embeds a pointer to an unexported struct, which no decoder can set.
	Sealed struct {
		*d
		Own int
	}
	// Loop embeds itself.
	Loop struct {
		*Loop
		Own int
	}
	// Based embeds an unexported struct under a name.
	Based struct {
		d   `json:"base"`
		Own int
	}
	// Ambiguous embeds two types that encode their own JSON, so neither encodes the whole.
	Ambiguous struct {
		own1
		own2
		Own int
	}
	own1 struct{ V int }
	own2 struct{ W int }
	// Twice has the fields of A twice, once a level higher.
	Twice struct {
		g
		h
	}
	g struct {
		A
		D int
	}
	h struct{ A }
	// Generic embeds an instance of Instance.
	Generic struct {
		Instance[int]
		Own int
	}
	// Instance is a generic struct.
	Instance[T any] struct {
		Value T `json:"value"`
		List  []T
	}
)

// MarshalJSON writes V.
func (own1) MarshalJSON() ([]byte, error) { return []byte(`"own1"`), nil }

// UnmarshalJSON reads nothing.
func (*own1) UnmarshalJSON([]byte) error { return errors.New("not this") }

// MarshalJSON writes W.
func (own2) MarshalJSON() ([]byte, error) { return []byte(`"own2"`), nil }

// UnmarshalJSON reads nothing.
func (*own2) UnmarshalJSON([]byte) error { return errors.New("nor this") }

// OutputOnly lists the types that no page can send.
var OutputOnly = map[string]bool{"Sealed": true, "Instance": true}

// Values returns a value of each type, without any empty fields.
func Values() map[string]any {
	n := 1
	p := &n
	a, b, now := A{1, 2}, B{"x", 3}, time.Unix(1, 0).UTC()
	number := Number(1)
	return map[string]any{
		"Plain":     Plain{1, 1, 1, 1, 1, 1, 1, 1, 1},
		"Empties":   Empties{true, 1, 1, "x", []int{1}, map[string]int{"a": 1}, p, 1, [1]int{1}, struct{ A int }{1}, now, 1, []int{1}},
		"Zeros":     Zeros{1, []int{1}, p, [1]int{1}, struct{ A int }{1}, now, []int{1}},
		"Pointers":  Pointers{p, &p, p, []int{}, map[string]int{}, 1},
		"A":         a,
		"B":         b,
		"C":         C{"x"},
		"Shallow":   Shallow{a, "x"},
		"Clash":     Clash{a, b},
		"ByTag":     ByTag{b, C{"x"}},
		"Deep":      Deep{d{a, 1}, b},
		"Diamond":   Diamond{e{a}, f{a}},
		"Above":     Above{d{a, 1}, a},
		"ByPointer": ByPointer{&a, 1},
		"Named":     Named{a, &b},
		"Others":    Others{"x", "y", &number, List{1}},
		"Hidden":    Hidden{d{a, 1}, 1},
		"Sealed":    Sealed{&d{a, 1}, 1},
		"Loop":      Loop{&Loop{nil, 1}, 1},
		"Based":     Based{d{a, 1}, 1},
		"Ambiguous": Ambiguous{own1{1}, own2{2}, 3},
		"Twice":     Twice{g{a, 1}, h{a}},
		"Generic":   Generic{Instance[int]{1, []int{1}}, 1},
		"Instance":  Instance[int]{1, []int{1}},
	}
}

func take[T any](context.Context, T) (struct{}, error) { return struct{}{}, nil }

// Register registers a command for each type, under its name.
func Register(r *ipc.Router) {
	ipc.Handle(r, "Plain", take[Plain])
	ipc.Handle(r, "Empties", take[Empties])
	ipc.Handle(r, "Zeros", take[Zeros])
	ipc.Handle(r, "Pointers", take[Pointers])
	ipc.Handle(r, "A", take[A])
	ipc.Handle(r, "B", take[B])
	ipc.Handle(r, "C", take[C])
	ipc.Handle(r, "Shallow", take[Shallow])
	ipc.Handle(r, "Clash", take[Clash])
	ipc.Handle(r, "ByTag", take[ByTag])
	ipc.Handle(r, "Deep", take[Deep])
	ipc.Handle(r, "Diamond", take[Diamond])
	ipc.Handle(r, "Above", take[Above])
	ipc.Handle(r, "ByPointer", take[ByPointer])
	ipc.Handle(r, "Named", take[Named])
	ipc.Handle(r, "Others", take[Others])
	ipc.Handle(r, "Hidden", take[Hidden])
	ipc.Handle(r, "Loop", take[Loop])
	ipc.Handle(r, "Based", take[Based])
	ipc.Handle(r, "Ambiguous", take[Ambiguous])
	ipc.Handle(r, "Twice", take[Twice])
	ipc.Handle(r, "Generic", take[Generic])
}
