package codec

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// A member is a field that JSON has of a struct, those of embedded structs included.
type member struct {
	name   string // in JSON
	goName string
	t      reflect.Type
	index  []int // as reflect's FieldByIndex takes it
	tagged bool
	// loose says that the field is in an embedded pointer: where that is nil, it is not there.
	loose bool
	// sealed says that a decoder would have to set an embedded pointer to an unexported struct, and can't.
	sealed bool
	// barred says that the field itself is such a pointer, with a name of its own.
	barred bool
	// omittable says that the tag has omitempty or omitzero.
	omittable bool
	omitZero  bool
	// quoted says that the option string applies: the value is in a JSON string.
	quoted bool
}

// membersOf returns the members of a struct, in the order of their declaration, by the rules of encoding/json: of
// several with one name the one that is embedded the least deep counts, and of several such the only one whose tag
// names it. It reports whether the struct is plain, so that no rule had to decide anything.
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

// allMembers returns the members of a struct and of those embedded in it, level by level, whatever hides them.
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
						m.omittable = true
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

// dominant returns which of the members with one name counts, if one does.
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

// quotable reports whether the option string applies to a field of this type.
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

// validTag reports whether json takes a name out of a tag.
func validTag(name string) bool {
	for _, r := range name {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return true
}
