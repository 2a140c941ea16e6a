package codec

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	json "github.com/goccy/go-json"
)

var (
	marshalerType          = reflect.TypeFor[json.Marshaler]()
	marshalerContextType   = reflect.TypeFor[json.MarshalerContext]()
	textMarshalerType      = reflect.TypeFor[encoding.TextMarshaler]()
	unmarshalerType        = reflect.TypeFor[json.Unmarshaler]()
	unmarshalerContextType = reflect.TypeFor[json.UnmarshalerContext]()
	textUnmarshalerType    = reflect.TypeFor[encoding.TextUnmarshaler]()
	numberType             = reflect.TypeFor[json.Number]()
)

func implements(t, contract reflect.Type) bool {
	return t.Implements(contract) || reflect.PointerTo(t).Implements(contract)
}

// speaks reports whether values of t, or pointers to them, have a say in their JSON in any way.
func speaks(t reflect.Type) bool {
	return implements(t, marshalerType) || implements(t, marshalerContextType) || implements(t, textMarshalerType) ||
		implements(t, unmarshalerType) || implements(t, unmarshalerContextType) || implements(t, textUnmarshalerType) ||
		streams(t, toPage) != "" || streams(t, toGo) != ""
}

// streams returns the package of the encoder or decoder that the methods of encoding/json/v2 take, empty if t has none.
// go-json calls them for its own jsontext; encoding/json for the standard one, in programs that are built with that.
func streams(t reflect.Type, way direction) string {
	if t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface {
		t = reflect.PointerTo(t)
	}
	m, ok := t.MethodByName("MarshalJSONTo")
	if way == toGo {
		m, ok = t.MethodByName("UnmarshalJSONFrom")
	}
	if !ok || m.Type.NumIn() == 0 {
		return ""
	}
	last := m.Type.In(m.Type.NumIn() - 1)
	if last.Kind() != reflect.Pointer || !strings.HasSuffix(last.Elem().PkgPath(), "jsontext") {
		return ""
	}
	return last.Elem().PkgPath()
}

// stdStream is the package whose encoder and decoder encoding/json itself hands to methods.
const stdStream = "encoding/json/jsontext"

// A direction is the way that a value goes.
type direction uint8

const (
	toPage direction = iota
	toGo
)

// A content says what the JSON of a type may hold, so that most messages need no second look.
type content uint8

const (
	integers content = 1 << iota // that may be beyond 2^53
	floats
	foreign // JSON that the type itself writes
	unknown // that does so by methods which are not the standard library's
)

// A profile says which package turns values of a type into JSON, or JSON into them, and what to look at besides.
//
// go-json is several times as fast as encoding/json, but not always right. It handles the types for which both are known
// to agree: basic types, slices, maps with string keys, pointers, structs without conflicts between embedded fields, and
// types whose own methods cannot change the value that is being written. All other types are odd, and encoding/json
// handles them. go-json fails in three ways: its JSON differs from that of encoding/json; it reads memory outside the
// value (a field **T where T has methods); and it runs methods while it holds addresses that the garbage collector does
// not know, so that a method that changes the value makes it read and write freed memory.
type profile struct {
	content content
	// odd says that go-json is not to be trusted with values of the type, and oddAt and why where and why not.
	odd        bool
	oddAt, why string
	// loose says that go-json decodes more into the type than encoding/json would: the option string, and keys that are
	// integers. What such a type takes has to be checked before.
	loose bool
	// float32s says that go-json may read a number that is written with many digits wrongly.
	float32s bool
	// contextual says that methods of the type take a context, which only go-json passes to them.
	contextual bool
	// dynamic says that there are interfaces in the type, so that a value decides, and recursive that it holds itself.
	dynamic, recursive bool
}

// mixed returns the error for a type that neither package is right for.
func (c *profile) mixed() error {
	at := ""
	if c.oddAt != "" {
		at = c.oddAt + ": "
	}
	return fmt.Errorf("%sgo-json has to handle a type whose methods take a context, and can't be trusted with %s; "+
		"keep them in types of their own", at, c.why)
}

var profiles [2]sync.Map // by direction: reflect.Type to *profile

// profileOf returns the profile of a type.
func profileOf(t reflect.Type, way direction) *profile {
	if known, ok := profiles[way].Load(t); ok {
		return known.(*profile)
	}
	f := profiler{way: way, seen: map[reflect.Type]uint8{}}
	f.find(t, false)
	c, _ := profiles[way].LoadOrStore(t, &f.profile)
	return c.(*profile)
}

// A profiler walks over a type, once over each type in it.
type profiler struct {
	profile
	way  direction
	path []string
	seen map[reflect.Type]uint8 // bits: visited as it stands, visited behind a pointer, being visited
}

const (
	seenPlain uint8 = 1 << iota
	seenPointed
	seenNow
)

func (f *profiler) mark(why string) {
	if !f.odd {
		f.odd, f.why, f.oddAt = true, why, strings.Join(f.path, ".")
	}
}

// find visits a type. Pointed says that its values are reached through a pointer, so that encoding/json and go-json
// agree on which methods of pointers are called.
func (f *profiler) find(t reflect.Type, pointed bool) {
	bit := seenPlain
	if pointed {
		bit = seenPointed
	}
	was := f.seen[t]
	if was&seenNow != 0 {
		f.recursive = true
	}
	if was&bit != 0 {
		return
	}
	f.seen[t] = was | bit | seenNow
	defer func() { f.seen[t] = f.seen[t]&^seenNow | was&seenNow }()
	if t.Kind() == reflect.Pointer {
		switch {
		case t.Name() != "":
			f.mark("a pointer type with a name")
		case t.Elem().Kind() == reflect.Pointer:
			f.mark("a pointer to a pointer")
		}
		f.find(t.Elem(), true)
		return
	}
	if t.Kind() == reflect.Interface {
		f.dynamic = true
		if speaks(t) || (f.way == toGo && t.NumMethod() > 0) {
			f.mark("an interface with methods")
			f.content |= integers | floats | foreign
		}
		return
	}
	if streams(t, toPage) != "" || streams(t, toGo) != "" {
		f.mark("methods of encoding/json/v2")
		f.content |= integers | floats | foreign
	}
	if f.own(t, pointed) {
		return
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int64, reflect.Uint, reflect.Uint64, reflect.Uintptr:
		f.content |= integers
	case reflect.Float32:
		f.content |= floats
		f.float32s = true
	case reflect.Float64:
		f.content |= floats
	case reflect.String:
		if t == numberType {
			f.content |= integers | floats | foreign
		}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 && speaks(t.Elem()) {
			f.mark("bytes with methods for JSON")
		}
		f.find(t.Elem(), false)
	case reflect.Array:
		f.find(t.Elem(), false)
	case reflect.Map:
		f.key(t.Key())
		f.find(t.Elem(), false)
	case reflect.Struct:
		f.members(t)
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		f.mark("a type without JSON")
	}
}

// members visits the members of a struct.
func (f *profiler) members(t reflect.Type) {
	members, plain := membersOf(t)
	if !plain {
		f.mark("embedded fields that encoding/json has rules for")
	}
	for _, m := range members {
		f.path = append(f.path, m.goName)
		if m.quoted {
			f.loose = true
			inner := m.t
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			if speaks(inner) || inner == numberType {
				f.mark("the option string on a type with methods")
			}
		}
		f.find(m.t, false)
		f.path = f.path[:len(f.path)-1]
	}
}

// key checks the type of a map's keys. encoding/json writes keys that are not strings: go-json was seen to crash there.
func (f *profiler) key(t reflect.Type) {
	switch {
	case t.Kind() == reflect.String && !speaks(t) && t != numberType:
	case f.way == toGo && t.Kind() >= reflect.Int && t.Kind() <= reflect.Uintptr && !speaks(t):
		f.loose = true
	default:
		f.mark("keys that are no strings")
	}
	if t.Kind() == reflect.Interface && f.way == toPage {
		f.mark("keys that are no strings")
	}
}

// own checks a type whose own methods write or read its JSON, and reports whether they do.
func (f *profiler) own(t reflect.Type, pointed bool) bool {
	contracts := []reflect.Type{marshalerType, textMarshalerType}
	context := marshalerContextType
	if f.way == toGo {
		contracts, context = []reflect.Type{unmarshalerType, textUnmarshalerType}, unmarshalerContextType
	}
	if implements(t, context) {
		f.contextual = true
		f.content |= integers | floats | foreign
		return true
	}
	var value, pointer bool // some method is the value's, or the pointer's only
	for _, contract := range contracts {
		value = value || t.Implements(contract)
		pointer = pointer || (!t.Implements(contract) && reflect.PointerTo(t).Implements(contract))
	}
	switch {
	case !value && !pointer:
		return false
	case implements(t, contracts[0]):
		f.content |= integers | floats | foreign
		if !standard(t) {
			f.content |= unknown
		}
	}
	switch {
	case promotes(t, contracts):
		f.mark("methods for JSON that an embedded field has")
	case f.way == toGo && (value || !pointer):
		f.mark("UnmarshalJSON or UnmarshalText without a pointer")
	case f.way == toGo:
	case value && pointer, pointer && !pointed:
		f.mark("MarshalJSON or MarshalText of a pointer")
	case !tame(t):
		f.mark("MarshalJSON or MarshalText of a type that holds pointers")
	}
	if f.way == toPage && pointer && !value && !pointed {
		// Where the value can't be addressed, its methods are not called: what it holds counts as well.
		return false
	}
	return true
}

// promotes reports whether a struct may have its methods from a field that is embedded in it.
func promotes(t reflect.Type, contracts []reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	for f := range t.Fields() {
		if f.Anonymous && slices.ContainsFunc(contracts, func(c reflect.Type) bool { return implements(f.Type, c) }) {
			return true
		}
	}
	return false
}

// tame reports whether methods of t can run while go-json writes the value that t is part of: go-json then holds
// addresses that the garbage collector does not know of, and a method that changes the value would make them stale.
// Methods of values without pointers are handed a copy from which nothing else can be reached.
func tame(t reflect.Type) bool { return standard(t) || !pointers(t) }

// standard reports whether t is one of those types of the standard library that are known to write valid JSON, and
// nothing else.
func standard(t reflect.Type) bool {
	switch t.PkgPath() {
	case "encoding/json", "log/slog", "math/big", "net", "net/netip", "time":
		return t.Kind() != reflect.Map
	}
	return false
}

// pointers reports whether values of t hold pointers to what can be changed.
func pointers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.UnsafePointer, reflect.Map, reflect.Slice, reflect.Chan, reflect.Func, reflect.Interface:
		return true
	case reflect.Array:
		return pointers(t.Elem())
	case reflect.Struct:
		for f := range t.Fields() {
			if pointers(f.Type) {
				return true
			}
		}
	}
	return false
}
