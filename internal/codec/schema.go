package codec

import (
	"reflect"
	"slices"
	"sync"
)

// A schema describes the JSON that fits a Go type. It is stricter than a decoder, which ignores
// unknown fields and leaves missing ones zero, and its errors carry the path of the offending
// field.
type schema struct {
	kind     schemaKind
	bits     int               // of integers and floats
	elem     *schema           // of the elements of pointers, slices, arrays and maps, and of a quoted value
	length   int               // of arrays
	fields   map[string]*field // of objects, by name
	required []*field          // the required ones of fields, in the order of their declaration
	nullable bool
	lenient  bool    // objects may have unknown fields
	closed   *values // nil if the type is not closed
	key      *schema // of maps
	// leaf is the Go type of a value that is decoded as a whole, nil for others.
	leaf reflect.Type
}

type field struct {
	member
	schema   *schema
	optional bool
	ordinal  int // index among the required fields
}

type schemaKind uint8

const (
	anyKind schemaKind = iota // any valid JSON
	boolKind
	intKind
	uintKind
	floatKind
	numberKind // of any size
	stringKind
	quotedKind // a string that contains a value of the schema elem
	bytesKind  // base64
	arrayKind
	fixedKind
	mapKind
	objectKind
	pointerKind
)

var want = [...]string{
	anyKind: "a value", boolKind: "a boolean", intKind: "an integer", uintKind: "an integer",
	floatKind: "a number", numberKind: "a number", stringKind: "a string", quotedKind: "a string", bytesKind: "bytes",
	arrayKind: "an array", fixedKind: "an array", mapKind: "an object", objectKind: "an object",
}

var schemas, lenientSchemas sync.Map // reflect.Type to *schema

// schemaOf returns the schema of a type, which is lenient everywhere or nowhere. The schemas of
// recursive types are cyclic.
func schemaOf(t reflect.Type, lenient bool) *schema {
	all := &schemas
	if lenient {
		all = &lenientSchemas
	}
	if known, ok := all.Load(t); ok {
		return known.(*schema)
	}
	s := newSchema(t, Leniency{All: lenient})
	all.Store(t, s)
	return s
}

// newSchema makes the schema of a type.
func newSchema(t reflect.Type, l Leniency) *schema {
	b := schemaBuilder{leniency: l, built: map[schemaKey]*schema{}}
	return b.build(t, l.All)
}

// A schemaBuilder makes the schema of a type and of those in it.
type schemaBuilder struct {
	leniency Leniency
	built    map[schemaKey]*schema
}

type schemaKey struct {
	t       reflect.Type
	lenient bool
}

func (b *schemaBuilder) build(t reflect.Type, lenient bool) *schema {
	lenient = lenient || slices.Contains(b.leniency.Types, t)
	key := schemaKey{t, lenient}
	if s, ok := b.built[key]; ok {
		return s
	}
	s := &schema{lenient: lenient, nullable: lenient}
	b.built[key] = s
	switch {
	case t.Kind() == reflect.Pointer:
		s.kind, s.nullable, s.elem = pointerKind, true, b.build(t.Elem(), lenient)
		return s
	case implements(t, unmarshalerType), implements(t, unmarshalerContextType), streams(t, toGo) == stdStream:
		s.nullable, s.leaf = true, t
		return s
	case implements(t, textUnmarshalerType):
		s.kind, s.leaf = stringKind, t
		return s
	case isMessage(t):
		s.nullable, s.leaf = true, t
		return s
	case t == numberType:
		s.kind, s.leaf = numberKind, t
		return s
	}
	switch t.Kind() {
	case reflect.Bool:
		s.kind, s.leaf = boolKind, t
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		s.kind, s.bits, s.closed, s.leaf = intKind, t.Bits(), closedValues(t), t
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		s.kind, s.bits, s.closed, s.leaf = uintKind, t.Bits(), closedValues(t), t
	case reflect.Float32, reflect.Float64:
		s.kind, s.bits, s.leaf = floatKind, t.Bits(), t
	case reflect.String:
		s.kind, s.closed, s.leaf = stringKind, closedValues(t), t
	case reflect.Slice:
		s.nullable = true
		if t.Elem().Kind() == reflect.Uint8 && !speaks(t.Elem()) {
			s.kind, s.leaf = bytesKind, t
		} else {
			s.kind, s.elem = arrayKind, b.build(t.Elem(), lenient)
		}
	case reflect.Array:
		s.kind, s.length, s.elem = fixedKind, t.Len(), b.build(t.Elem(), lenient)
	case reflect.Map:
		s.kind, s.nullable, s.elem, s.key = mapKind, true, b.build(t.Elem(), lenient), b.build(t.Key(), false)
	case reflect.Struct:
		s.kind, s.fields = objectKind, map[string]*field{}
		b.addFields(s, t)
	default:
		s.nullable, s.leaf = true, t
	}
	return s
}

// addFields adds the members of a struct.
func (b *schemaBuilder) addFields(s *schema, t reflect.Type) {
	members, _ := membersOf(t)
	for _, m := range members {
		f := &field{member: m, schema: b.build(m.t, s.lenient)}
		f.optional = s.lenient || m.loose || m.omittable || m.t.Kind() == reflect.Pointer
		if m.quoted {
			f.schema = f.schema.quoted()
		}
		s.fields[f.name] = f
		if !f.optional {
			f.ordinal = len(s.required)
			s.required = append(s.required, f)
		}
	}
}

// quoted returns the schema of s under the tag option string. The option applies through one
// pointer.
func (s *schema) quoted() *schema {
	switch s.kind {
	case boolKind, intKind, uintKind, floatKind, numberKind:
		return &schema{kind: quotedKind, elem: s, nullable: s.lenient}
	case stringKind:
		if s.closed != nil {
			return &schema{kind: quotedKind, elem: s, nullable: s.lenient}
		}
	case pointerKind:
		if inner := s.elem.quoted(); inner != s.elem && s.elem.kind != pointerKind {
			return &schema{kind: pointerKind, nullable: true, elem: inner}
		}
	}
	return s
}
