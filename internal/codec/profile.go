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

// speaks reports whether t, or a pointer to it, has any method that writes or reads its JSON.
func speaks(t reflect.Type) bool {
	return implements(t, marshalerType) || implements(t, marshalerContextType) || implements(t, textMarshalerType) ||
		implements(t, unmarshalerType) || implements(t, unmarshalerContextType) || implements(t, textUnmarshalerType) ||
		streams(t, toPage) != "" || streams(t, toGo) != ""
}

// streams returns the package of the encoder or decoder that t's methods for encoding/json/v2 take,
// or "" if t has no such methods. go-json calls those that take its own jsontext. encoding/json
// calls those that take the standard one, in programs that are built with it.
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

// stdStream is the package of the encoder and decoder that encoding/json passes to methods.
const stdStream = "encoding/json/jsontext"

// A direction is the direction of a value: to the page or to Go.
type direction uint8

const (
	toPage direction = iota
	toGo
)

// A content lists what the JSON of a type may contain, so that most messages need no second pass.
type content uint8

const (
	integers content = 1 << iota // may be beyond 2^53
	floats
	foreign  // JSON that the type's own methods write
	protobuf // messages
	unknown  // such methods that are not the standard library's
)

// A profile says which package encodes values of a type, or decodes them, and which additional
// checks they need.
//
// go-json is several times as fast as encoding/json, but not always right. It handles the types for
// which both are known to agree: basic types, slices, maps with string keys, pointers, structs
// without conflicts between embedded fields, and types whose own methods cannot change the value
// that is being written. All other types are odd, and encoding/json handles them. go-json fails in
// three ways: its JSON differs from that of encoding/json; it reads memory outside the value (a
// field **T where T has methods); and it calls methods while it holds addresses that the garbage
// collector does not know, so that a method that changes the value makes it read and write freed
// memory.
type profile struct {
	content content
	// odd is set if go-json is not safe for values of the type; oddAt and why say where and
	// why.
	odd        bool
	oddAt, why string
	// loose is set if go-json accepts more JSON for the type than encoding/json does: the tag
	// option string, and integer keys. Its JSON has to be validated first.
	loose bool
	// float32s is set if go-json may misread a number with many digits.
	float32s bool
	// contextual is set if methods of the type take a context, which only go-json passes to
	// them.
	contextual bool
	// dynamic is set if the type contains interfaces, so that the check depends on the value.
	// recursive is set if it contains itself.
	dynamic, recursive bool
}

// mixed returns the error for a type that neither package handles.
func (c *profile) mixed() error {
	at := ""
	if c.oddAt != "" {
		at = c.oddAt + ": "
	}
	return fmt.Errorf("%sonly go-json passes a context to methods, and it is not safe for %s; "+
		"use separate types", at, c.why)
}

var profiles [2]sync.Map // by direction, from reflect.Type to *profile

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

// A profiler walks a type and visits each type in it once.
type profiler struct {
	profile
	way  direction
	path []string
	seen map[reflect.Type]uint8 // bits: visited as a plain value, visited behind a pointer, being visited
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

// find visits a type. pointed is set if its values are reached through a pointer, where
// encoding/json and go-json agree on which pointer methods they call.
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
	if isMessage(t) {
		f.content |= protobuf | integers | floats | foreign
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

// key checks the type of a map's keys. encoding/json handles keys that are not strings, because
// go-json was seen to crash on them.
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

// own checks a type whose own methods write or read its JSON. It reports whether the type has such
// methods.
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
	var value, pointer bool // whether the value has such a method, and whether only the pointer has
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
		// encoding/json does not call pointer methods on a value that is not addressable,
		// so the value's fields count too.
		return false
	}
	return true
}

// promotes reports whether a struct may get its methods from an embedded field.
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

// tame reports whether methods of t may run while go-json writes the value that contains t. go-json
// then holds addresses that the garbage collector does not know, and a method that changes the
// value would make them stale. A method of a value without pointers gets a copy, and cannot change
// anything else.
func tame(t reflect.Type) bool { return standard(t) || !pointers(t) }

// standard reports whether t is a type of the standard library that is known to write only valid
// JSON.
func standard(t reflect.Type) bool {
	switch t.PkgPath() {
	case "encoding/json", "log/slog", "math/big", "net", "net/netip", "time":
		return t.Kind() != reflect.Map
	}
	return false
}

// pointers reports whether values of t contain pointers to mutable memory.
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
