package codec

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// values are all the values of a closed type.
type values struct {
	known map[string]bool // in JSON, without quotes
	list  string          // for messages
}

// closedValues returns the values of a type with a method ClosedValues() []T, nil for others.
func closedValues(t reflect.Type) *values {
	m, ok := t.MethodByName("ClosedValues")
	if !ok || m.Type.NumIn() != 1 || m.Type.NumOut() != 1 || m.Type.Out(0) != reflect.SliceOf(t) {
		return nil
	}
	all := m.Func.Call([]reflect.Value{reflect.Zero(t)})[0]
	closed := &values{known: map[string]bool{}}
	var list []string
	for i := range all.Len() {
		text, shown := "", ""
		switch v := all.Index(i); {
		case v.Kind() == reflect.String:
			text, shown = v.String(), strconv.Quote(v.String())
		case v.CanInt():
			text = strconv.FormatInt(v.Int(), 10)
		default:
			text = strconv.FormatUint(v.Uint(), 10)
		}
		if shown == "" {
			shown = text
		}
		if !closed.known[text] {
			list = append(list, shown)
		}
		closed.known[text] = true
	}
	closed.list = strings.Join(list, ", ")
	return closed
}

// check returns an error if text is not one of the values.
func (v *values) check(text string) *FieldError {
	if v.known[text] || (text == "-0" && v.known["0"]) {
		return nil
	}
	return &FieldError{Reason: fmt.Sprintf("%q is none of %s", clip(text), v.list)}
}
