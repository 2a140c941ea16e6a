package codec

import (
	"reflect"
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
}

type field struct {
	name     string
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

var schemas sync.Map // reflect.Type to *schema

// schemaOf returns the schema of a type. The schemas of recursive types are cyclic.
func schemaOf(t reflect.Type) *schema {
	if known, ok := schemas.Load(t); ok {
		return known.(*schema)
	}
	s := buildSchema(t, map[reflect.Type]*schema{})
	schemas.Store(t, s)
	return s
}

func buildSchema(t reflect.Type, building map[reflect.Type]*schema) *schema {
	if s, ok := building[t]; ok {
		return s
	}
	s := new(schema)
	building[t] = s
	switch {
	case t.Kind() == reflect.Pointer:
		s.kind, s.nullable, s.elem = pointerKind, true, buildSchema(t.Elem(), building)
		return s
	case implements(t, unmarshalerType), implements(t, unmarshalerContextType), streams(t, toGo) == stdStream:
		s.nullable = true
		return s
	case implements(t, textUnmarshalerType):
		s.kind = stringKind
		return s
	case t == numberType:
		s.kind = numberKind
		return s
	}
	switch t.Kind() {
	case reflect.Bool:
		s.kind = boolKind
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		s.kind, s.bits = intKind, t.Bits()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		s.kind, s.bits = uintKind, t.Bits()
	case reflect.Float32, reflect.Float64:
		s.kind, s.bits = floatKind, t.Bits()
	case reflect.String:
		s.kind = stringKind
	case reflect.Slice:
		s.nullable = true
		if t.Elem().Kind() == reflect.Uint8 && !speaks(t.Elem()) {
			s.kind = bytesKind
		} else {
			s.kind, s.elem = arrayKind, buildSchema(t.Elem(), building)
		}
	case reflect.Array:
		s.kind, s.length, s.elem = fixedKind, t.Len(), buildSchema(t.Elem(), building)
	case reflect.Map:
		s.kind, s.nullable, s.elem = mapKind, true, buildSchema(t.Elem(), building)
	case reflect.Struct:
		s.kind, s.fields = objectKind, map[string]*field{}
		s.addFields(t, building)
	default:
		s.nullable = true
	}
	return s
}

// addFields adds the members of a struct.
func (s *schema) addFields(t reflect.Type, building map[reflect.Type]*schema) {
	members, _ := membersOf(t)
	for _, m := range members {
		f := &field{name: m.name, schema: buildSchema(m.t, building)}
		f.optional = m.loose || m.omittable || m.t.Kind() == reflect.Pointer
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
		return &schema{kind: quotedKind, elem: s}
	case pointerKind:
		if inner := s.elem.quoted(); inner != s.elem && s.elem.kind != pointerKind {
			return &schema{kind: pointerKind, nullable: true, elem: inner}
		}
	}
	return s
}
