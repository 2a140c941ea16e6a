package codec

import (
	"errors"
	"reflect"
	"sync"

	json "github.com/goccy/go-json"
)

// maxValueDepth bounds the nesting of a value. go-json has the same bound. encoding/json has none,
// and a list of millions of elements would end the process with an unrecoverable stack overflow.
const maxValueDepth = 10_000

var errDepth = errors.New("the value is nested too deeply, or contains itself")

// An inspection looks at a value whose type leaves something open: the contents of its interfaces,
// and its depth.
type inspection struct {
	content    content
	contextual bool
	tooDeep    bool
	odd        *profile // of the first odd type
}

// open reports whether values of a type with this profile need an inspection.
func (c *profile) open() bool { return c.dynamic || c.recursive }

// inspect returns the inspection of a value, before it is written.
func inspect(v any) (i inspection) {
	i.any(v, 0)
	return i
}

// any looks at the contents of an interface. The common types need no reflection.
func (i *inspection) any(v any, depth int) {
	switch v := v.(type) {
	case nil, bool, string, int8, int16, int32, uint8, uint16, uint32:
	case float64, float32:
		i.content |= floats
	case int, int64, uint, uint64:
		i.content |= integers
	case map[string]any:
		if i.deeper(depth) {
			return
		}
		for _, e := range v {
			i.any(e, depth+1)
		}
	case []any:
		if i.deeper(depth) {
			return
		}
		for _, e := range v {
			i.any(e, depth+1)
		}
	case json.Number, json.RawMessage:
		i.content |= integers | floats | foreign
	default:
		i.held(reflect.ValueOf(v), depth)
	}
}

// deeper reports whether to stop descending.
func (i *inspection) deeper(depth int) bool {
	i.tooDeep = i.tooDeep || depth > maxValueDepth
	return i.tooDeep
}

// held looks at a value in an interface.
func (i *inspection) held(v reflect.Value, depth int) {
	c := profileOf(v.Type(), toPage)
	i.content |= c.content
	i.contextual = i.contextual || c.contextual
	if c.odd && i.odd == nil {
		i.odd = c
	}
	if c.dynamic || c.recursive && (c.odd || depth > 0) { // go-json checks the depth of a value itself.
		i.value(v, depth)
	}
}

// value looks at a value of a type whose profile is open.
func (i *inspection) value(v reflect.Value, depth int) {
	if i.deeper(depth) {
		return
	}
	switch v.Kind() {
	case reflect.Interface:
		switch {
		case v.IsNil():
		case v.CanInterface():
			i.any(v.Interface(), depth)
		default:
			i.held(v.Elem(), depth)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			i.value(v.Elem(), depth+1)
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			i.value(entries.Value(), depth+1)
		}
	case reflect.Slice, reflect.Array:
		for at := range v.Len() {
			i.value(v.Index(at), depth+1)
		}
	case reflect.Struct:
		for _, index := range openMembers(v.Type()) {
			if field, err := v.FieldByIndexErr(index); err == nil {
				i.value(field, depth+1)
			}
		}
	}
}

var openFields sync.Map // reflect.Type to [][]int

// openMembers returns the indices of a struct's members that need an inspection.
func openMembers(t reflect.Type) [][]int {
	if known, ok := openFields.Load(t); ok {
		return known.([][]int)
	}
	var open [][]int
	members, _ := membersOf(t)
	for _, m := range members {
		if profileOf(m.t, toPage).open() {
			open = append(open, m.index)
		}
	}
	openFields.Store(t, open)
	return open
}
