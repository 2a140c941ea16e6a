package generate

import (
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// A field is a field of a struct in JSON. Fields of embedded structs are included.
type field struct {
	name   string // in JSON
	v      *types.Var
	tagged bool
	index  []int // as reflect's
	// Options of the tag.
	omitEmpty, omitZero, quoted bool
	// loose marks a field of an embedded pointer: JSON omits it where the pointer is nil.
	loose bool
	// sealed marks a field of an embedded pointer to an unexported struct, which no decoder can
	// allocate.
	sealed bool
}

// optional reports whether a page may omit the field.
func (f field) optional() bool {
	_, pointer := f.v.Type().Underlying().(*types.Pointer)
	return pointer || f.omitEmpty || f.omitZero || f.loose
}

// omitted reports whether Go may omit the field.
func (f field) omitted() bool {
	return f.loose || f.omitZero || (f.omitEmpty && canBeEmpty(f.v.Type()))
}

// canBeEmpty reports whether omitempty can omit a value of this type.
func canBeEmpty(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Struct:
		return false
	case *types.Array:
		return t.Len() == 0
	}
	return true
}

// A badTag is a struct tag that Go's decoder and the validation of arguments interpret differently.
type badTag struct {
	pos    token.Pos
	name   string
	reason string
}

// fieldsOf returns the fields of a struct in JSON, in the order of their declaration. Among fields
// with the same name, the least deeply embedded one wins; at equal depth, the only tagged one wins.
// If neither rule decides, JSON omits them all and lost contains the name.
func fieldsOf(t *types.Struct) (fields []field, lost []string, bad []badTag) {
	type level struct {
		t             *types.Struct
		index         []int
		loose, sealed bool
	}
	next := []level{{t: t}}
	var count map[*types.Struct]int
	nextCount := map[*types.Struct]int{}
	visited := map[*types.Struct]bool{}
	var all []field
	for len(next) > 0 {
		current := next
		next, count, nextCount = nil, nextCount, map[*types.Struct]int{}
		for _, at := range current {
			if visited[at.t] {
				continue
			}
			visited[at.t] = true
			for i := range at.t.NumFields() {
				v := at.t.Field(i)
				inner, pointer := pointee(v.Type())
				embedded, isStruct := inner.Underlying().(*types.Struct)
				if !v.Exported() && !(v.Embedded() && isStruct) {
					continue
				}
				tag := reflect.StructTag(at.t.Tag(i)).Get("json")
				if tag == "-" {
					continue
				}
				name, options, _ := strings.Cut(tag, ",")
				if name != "" && !validTag(name) {
					bad = append(bad, badTag{v.Pos(), v.Name(), "json ignores the name in the tag because it contains " +
						"an invalid character; choose another name"})
					name = ""
				}
				f := field{
					name: name, v: v, tagged: name != "", index: append(slices.Clone(at.index), i),
					loose: at.loose, sealed: at.sealed,
				}
				if v.Embedded() && name == "" && isStruct {
					if nextCount[embedded]++; nextCount[embedded] == 1 {
						next = append(next, level{
							t: embedded, index: f.index, loose: at.loose || pointer,
							sealed: at.sealed || (pointer && !v.Exported()),
						})
					}
					continue
				}
				for option := range strings.SplitSeq(options, ",") {
					switch option {
					case "omitempty":
						f.omitEmpty = true
					case "omitzero":
						f.omitZero = true
					case "string":
						f.quoted = quotable(v.Type())
					}
				}
				if f.name == "" {
					f.name = v.Name()
				}
				all = append(all, f)
				if count[at.t] > 1 {
					all = append(all, f) // Embedded twice at this depth, each hides the other.
				}
			}
		}
	}
	byName := map[string][]field{}
	for _, f := range all {
		byName[f.name] = append(byName[f.name], f)
	}
	for name, same := range byName {
		if f, ok := dominant(same); ok {
			fields = append(fields, f)
		} else {
			lost = append(lost, name)
		}
	}
	slices.SortFunc(fields, func(a, b field) int { return slices.Compare(a.index, b.index) })
	slices.Sort(lost)
	return fields, lost, bad
}

// dominant returns the field that wins among fields with the same name.
func dominant(same []field) (field, bool) {
	depth := len(slices.MinFunc(same, func(a, b field) int { return len(a.index) - len(b.index) }).index)
	same = slices.DeleteFunc(slices.Clone(same), func(f field) bool { return len(f.index) != depth })
	if len(same) == 1 {
		return same[0], true
	}
	same = slices.DeleteFunc(same, func(f field) bool { return !f.tagged })
	if len(same) == 1 {
		return same[0], true
	}
	return field{}, false
}

// pointee returns the element type of an unnamed pointer type, and any other type unchanged.
func pointee(t types.Type) (elem types.Type, pointer bool) {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return p.Elem(), true
	}
	return t, false
}

// quotable reports whether the tag option string applies to a field of this type.
func quotable(t types.Type) bool {
	t, _ = pointee(t)
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&(types.IsBoolean|types.IsInteger|types.IsFloat|types.IsString) != 0
}

// validTag reports whether encoding/json accepts this name in a tag.
func validTag(name string) bool {
	for _, r := range name {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return true
}

// mute reports whether t is a struct whose fields JSON omits only because they are all unexported.
// The types of package sync are exempt: they hold no data.
func mute(t types.Type) bool {
	s, ok := t.Underlying().(*types.Struct)
	if named, isNamed := types.Unalias(t).(*types.Named); !ok || (isNamed && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "sync") {
		return false
	}
	for v := range s.Fields() {
		if v.Exported() || v.Embedded() || v.Name() == "_" {
			return false
		}
	}
	return s.NumFields() > 0
}
