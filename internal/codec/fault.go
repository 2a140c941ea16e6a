package codec

import (
	stdjson "encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// A faultKind is a reason why a value can't be written.
type faultKind uint8

const (
	// unsupported is a value that JSON does not have: a cycle, NaN, a func in an interface.
	unsupported faultKind = iota
	// tooLarge is an integer that JavaScript would round.
	tooLarge
)

// The search for a fault visits at most maxFaultSearch values, at most maxFaultDepth deep.
const (
	maxFaultSearch = 1 << 20
	maxFaultDepth  = 2 * maxValueDepth
)

// located returns err with the path of the fault in v, if the search finds it.
func located(v any, kind faultKind, err error) error {
	s := faultSearch{kind: kind, active: map[visit]bool{}, left: maxFaultSearch}
	if !s.in(reflect.ValueOf(v), false) {
		return err
	}
	switch path := s.path(); {
	case path == "":
		return err
	case s.reason == "":
		return fmt.Errorf("%s: %w", path, err)
	default:
		return fmt.Errorf("%s: %s (%w)", path, s.reason, err)
	}
}

// A visit is a pointer, map or slice that the search is inside of.
type visit struct {
	at  uintptr
	len int
	t   reflect.Type
}

// A faultSearch walks a value as an encoder would, until it finds the fault.
type faultSearch struct {
	kind   faultKind
	active map[visit]bool
	steps  []string // from the innermost outwards
	reason string   // empty if the encoder's own error is enough
	left   int
}

// path returns the path of the fault, such as "files[2].name".
func (s *faultSearch) path() string {
	var path strings.Builder
	for i := len(s.steps) - 1; i >= 0; i-- {
		if path.Len() > 0 && s.steps[i][0] != '[' {
			path.WriteByte('.')
		}
		path.WriteString(s.steps[i])
		if path.Len() > 200 {
			return path.String()[:200] + "…"
		}
	}
	return path.String()
}

// in reports whether the fault is in v. quoted is set if integers in v are written as strings.
func (s *faultSearch) in(v reflect.Value, quoted bool) bool {
	if s.left--; s.left < 0 || len(s.active) > maxFaultDepth || !v.IsValid() {
		return false
	}
	t := v.Type()
	if t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface &&
		(implements(t, marshalerType) || implements(t, textMarshalerType) || implements(t, marshalerContextType)) {
		return s.kind == tooLarge && s.own(v) // The encoder itself names methods that fail.
	}
	switch v.Kind() {
	case reflect.Interface:
		return s.in(v.Elem(), false)
	case reflect.Pointer, reflect.Map, reflect.Slice:
		if v.IsNil() {
			return false
		}
		at := visit{at: v.Pointer(), t: t}
		if v.Kind() == reflect.Slice {
			if at.len = v.Len(); at.len == 0 {
				return false
			}
		}
		if s.active[at] {
			s.reason = "the value contains itself"
			return s.kind == unsupported
		}
		s.active[at] = true
		defer delete(s.active, at)
	}
	switch v.Kind() {
	case reflect.Pointer:
		return s.in(v.Elem(), quoted)
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			if s.in(entries.Value(), false) {
				key := entries.Key()
				switch {
				case key.Kind() == reflect.String:
					s.steps = append(s.steps, step(key.String()))
				default:
					s.steps = append(s.steps, "["+clip(fmt.Sprint(key))+"]")
				}
				return true
			}
		}
	case reflect.Slice, reflect.Array:
		if plainElement(t.Elem()) {
			return false
		}
		for at := range v.Len() {
			if s.in(v.Index(at), false) {
				s.steps = append(s.steps, "["+strconv.Itoa(at)+"]")
				return true
			}
		}
	case reflect.Struct:
		members, _ := membersOf(t)
		for _, m := range members {
			field, err := v.FieldByIndexErr(m.index)
			if err != nil || (m.omitZero && field.IsZero()) {
				continue
			}
			if s.in(field, m.quoted) {
				s.steps = append(s.steps, step(m.name))
				return true
			}
		}
	case reflect.Int, reflect.Int64:
		return s.kind == tooLarge && !quoted && (v.Int() > MaxSafeInteger || v.Int() < -MaxSafeInteger)
	case reflect.Uint, reflect.Uint64, reflect.Uintptr:
		return s.kind == tooLarge && !quoted && v.Uint() > MaxSafeInteger
	case reflect.String:
		return s.kind == tooLarge && !quoted && t == numberType && checkIntegers([]byte(v.String()), true) != nil
	case reflect.Float32, reflect.Float64:
		return s.kind == unsupported && (math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0))
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return s.kind == unsupported
	}
	return false
}

// own reports whether a value that encodes itself writes an integer that is too large.
func (s *faultSearch) own(v reflect.Value) bool {
	if v.CanAddr() {
		v = v.Addr()
	}
	if !v.CanInterface() {
		return false
	}
	text, err := stdjson.Marshal(v.Interface())
	if err != nil || checkIntegers(text, true) == nil {
		return false
	}
	t := v.Type()
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	s.reason = fmt.Sprintf("a %s writes its own JSON, so a tag does not help; send its text in a string", t)
	return true
}

// plainElement reports whether slices of this type hold bytes, strings or booleans, which can
// always be written.
func plainElement(t reflect.Type) bool {
	return t.Kind() == reflect.Uint8 || t.Kind() == reflect.String || t.Kind() == reflect.Bool
}

// clip shortens text from outside for an error message.
func clip(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
