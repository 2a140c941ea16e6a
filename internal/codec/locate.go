package codec

import (
	"context"
	stdjson "encoding/json"
	"fmt"
	"reflect"
	"strconv"

	json "github.com/goccy/go-json"
)

// locate returns the error of the part of text that cannot be decoded, with its path, or nil if it
// finds none. The text fits the schema, so the fault is in a type that decodes itself and does not
// know its path. locate decodes each part again until one fails.
func locate(ctx context.Context, s *schema, text []byte) *FieldError {
	l := locator{ctx, checker{text: text}}
	return l.value(s)
}

type locator struct {
	ctx context.Context
	checker
}

func (l *locator) value(s *schema) *FieldError {
	first := l.next()
	for s.kind == pointerKind && first != 'n' {
		s = s.elem
	}
	switch {
	case first == '{' && (s.kind == objectKind || s.kind == mapKind):
		return l.object(s)
	case first == '[' && s.elem != nil:
		return l.array(s)
	}
	from := l.at
	if err := l.skip(0); err != nil {
		return err
	}
	if s.leaf == nil || (first == 'n' && s.kind != anyKind) {
		return nil
	}
	return l.try(s.leaf, l.text[from:l.at])
}

func (l *locator) array(s *schema) *FieldError {
	l.at++ // [
	for count := 0; l.next() != ']'; count++ {
		if count > 0 && !l.literal(",") {
			return l.malformed()
		}
		if err := l.value(s.elem); err != nil {
			return err.in("[" + strconv.Itoa(count) + "]")
		}
	}
	l.at++ // ]
	return nil
}

func (l *locator) object(s *schema) *FieldError {
	l.at++ // {
	for count := 0; l.next() != '}'; count++ {
		if count > 0 && !l.literal(",") {
			return l.malformed()
		}
		name, ok := l.key()
		if !ok {
			return l.malformed()
		}
		elem := s.elem
		if s.kind == objectKind {
			elem = &schema{} // an ignored field
			if f := s.fields[string(name)]; f != nil {
				elem = f.schema
			}
		} else if err := l.tryKey(s.key, string(name)); err != nil {
			return err.in(step(string(name)))
		}
		if err := l.value(elem); err != nil {
			return err.in(step(string(name)))
		}
	}
	l.at++ // }
	return nil
}

// tryKey decodes the key of a map.
func (l *locator) tryKey(s *schema, name string) *FieldError {
	if s.kind != stringKind && s.kind != intKind && s.kind != uintKind && (s.leaf == nil || !implements(s.leaf, textUnmarshalerType)) {
		return nil // The type has no keys in JSON at all.
	}
	text, err := stdjson.Marshal(map[string]int{name: 0})
	if err != nil {
		return nil
	}
	return l.try(reflect.MapOf(s.leaf, reflect.TypeFor[int]()), text)
}

// try decodes a part into a value of its type. It never decodes a channel or a sink again: that would
// attach it a second time.
func (l *locator) try(t reflect.Type, text []byte) (failed *FieldError) {
	if reflect.PointerTo(t).Implements(carrierType) {
		return nil
	}
	defer func() {
		if p := recover(); p != nil {
			failed = &FieldError{Reason: fmt.Sprintf("decoding a %s: panic: %v", t, p)}
		}
	}()
	v := reflect.New(t).Interface()
	var err error
	if profileOf(t, toGo).contextual {
		err = json.UnmarshalContext(l.ctx, text, v)
	} else {
		err = stdjson.Unmarshal(text, v)
	}
	if err != nil {
		return &FieldError{Reason: err.Error(), Err: err}
	}
	return nil
}
