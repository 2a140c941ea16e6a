package codec

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// A member is a field of a struct in JSON. Fields of embedded structs count.
type member struct {
	name   string // in JSON
	goName string
	t      reflect.Type
	index  []int // for reflect's FieldByIndex
	tagged bool
	// loose is set if the field is in an embedded pointer, so that it is missing where the
	// pointer is nil.
	loose bool
	// sealed is set if a decoder would have to set an embedded pointer to an unexported struct,
	// which it can't.
	sealed bool
	// barred is set if the field itself is such a pointer, and has a name of its own.
	barred bool
	// omittable is set if the tag has omitempty or omitzero.
	omittable bool
	omitEmpty bool
	omitZero  bool
	// quoted is set if the tag option string applies: the value is in a JSON string.
	quoted bool
}

// membersOf returns the members of a struct in the order of their declaration, by the rules of
// encoding/json: of several members with one name, the least deeply embedded wins; among those of
// equal depth, the only tagged one wins. plain is set if no rule had to choose.
func membersOf(t reflect.Type) (members []member, plain bool) {
	if known, ok := structs.Load(t); ok {
		return known.(*structMembers).members, known.(*structMembers).plain
	}
	members, plain = findMembers(t)
	structs.Store(t, &structMembers{members, plain})
	return members, plain
}

type structMembers struct {
	members []member
	plain   bool
}

var structs sync.Map // reflect.Type to *structMembers

func findMembers(t reflect.Type) (members []member, plain bool) {
	all, plain := allMembers(t)
	byName := map[string][]member{}
	for _, m := range all {
		byName[m.name] = append(byName[m.name], m)
	}
	for _, same := range byName {
		if m, ok := dominant(same); ok {
			members = append(members, m)
		}
		plain = plain && len(same) == 1
	}
	slices.SortFunc(members, func(a, b member) int { return slices.Compare(a.index, b.index) })
	return members, plain
}

// allMembers returns the members of a struct and of the structs embedded in it, level by level,
// including hidden ones.
func allMembers(t reflect.Type) (all []member, plain bool) {
	type level struct {
		t             reflect.Type
		index         []int
		loose, sealed bool
	}
	plain = true
	visited := map[reflect.Type]bool{}
	var count, nextCount map[reflect.Type]int
	for next := []level{{t: t}}; len(next) > 0; {
		current := next
		next, count, nextCount = nil, nextCount, map[reflect.Type]int{}
		for _, at := range current {
			if visited[at.t] {
				plain = false
				continue
			}
			visited[at.t] = true
			for f := range at.t.Fields() {
				inner := f.Type
				pointer := inner.Kind() == reflect.Pointer
				if pointer {
					inner = inner.Elem()
				}
				isStruct := inner.Kind() == reflect.Struct
				if !f.IsExported() && !(f.Anonymous && isStruct) {
					plain = plain && !f.Anonymous
					continue
				}
				tag := f.Tag.Get("json")
				if tag == "-" {
					continue
				}
				name, options, _ := strings.Cut(tag, ",")
				if name != "" && !validTag(name) {
					name, plain = "", false
				}
				m := member{
					name: name, goName: f.Name, t: f.Type, tagged: name != "", index: append(slices.Clone(at.index), f.Index...),
					loose: at.loose, sealed: at.sealed || (f.Anonymous && pointer && !f.IsExported()),
				}
				if f.Anonymous && (m.sealed || speaks(inner) || (m.tagged && !f.IsExported())) {
					plain = false
				}
				m.barred = f.Anonymous && pointer && !f.IsExported() && m.tagged
				if f.Anonymous && name == "" && isStruct {
					if nextCount[inner]++; nextCount[inner] == 1 {
						next = append(next, level{inner, m.index, at.loose || pointer, m.sealed})
					} else {
						plain = false
					}
					continue
				}
				for option := range strings.SplitSeq(options, ",") {
					switch option {
					case "omitempty":
						m.omittable, m.omitEmpty = true, true
					case "omitzero":
						m.omittable, m.omitZero = true, true
					case "string":
						m.quoted = quotable(f.Type)
					}
				}
				if m.name == "" {
					m.name = f.Name
				}
				all = append(all, m)
				if count[at.t] > 1 {
					all = append(all, m) // Embedded twice at this depth: each hides the other.
				}
			}
		}
	}
	return all, plain
}

// dominant returns the member that wins among those with one name, if one does.
func dominant(same []member) (member, bool) {
	depth := len(slices.MinFunc(same, func(a, b member) int { return len(a.index) - len(b.index) }).index)
	same = slices.DeleteFunc(slices.Clone(same), func(m member) bool { return len(m.index) > depth })
	if len(same) > 1 {
		same = slices.DeleteFunc(same, func(m member) bool { return !m.tagged })
	}
	if len(same) != 1 {
		return member{}, false
	}
	return same[0], true
}

// quotable reports whether the tag option string applies to a field of this type.
func quotable(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Bool, reflect.String,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64:
		return true
	}
	return false
}

// validTag reports whether encoding/json accepts a name in a tag.
func validTag(name string) bool {
	for _, r := range name {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return true
}
