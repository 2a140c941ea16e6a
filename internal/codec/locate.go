package codec

import (
	"context"
	stdjson "encoding/json"
	"fmt"
	"reflect"

	json "github.com/goccy/go-json"
)

// locate returns the error of the part of text that cannot be decoded, with its path, or nil if it
// finds none. The text fits the schema, so the fault is in a type that decodes itself and does not
// know its path. locate decodes each part again until one fails.
func locate(ctx context.Context, s *schema, text []byte) *FieldError {
	l := locator{ctx, scanner{text: text}}
	return l.value(s)
}

type locator struct {
	ctx context.Context
	scanner
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
	_, err := l.elements(func(int) *FieldError { return l.value(s.elem) })
	return err
}

func (l *locator) object(s *schema) *FieldError {
	return l.entries(func(name []byte) *FieldError {
		if s.kind == mapKind {
			if err := l.tryKey(s.key, string(name)); err != nil {
				return err
			}
			return l.value(s.elem)
		}
		if f := s.fields[string(name)]; f != nil {
			return l.value(f.schema)
		}
		return l.skip(0) // an ignored field
	})
}

// tryKey decodes the key of a map.
func (l *locator) tryKey(s *schema, name string) *FieldError {
	if s.kind != stringKind && s.kind != intKind && s.kind != uintKind && (s.leaf == nil || !implements(s.leaf, textUnmarshalerType)) {
		return nil // The type has no keys in JSON at all.
	}
	return recovered(s.leaf, func() error {
		_, err := readKey(s.leaf, name)
		return err
	})
}

// try decodes a part into a value of its type. It never decodes a channel or a sink again: that would
// attach it a second time.
func (l *locator) try(t reflect.Type, text []byte) *FieldError {
	if reflect.PointerTo(t).Implements(carrierType) {
		return nil
	}
	return recovered(t, func() error {
		v := reflect.New(t).Interface()
		if profileOf(t, toGo).contextual {
			return json.UnmarshalContext(l.ctx, text, v)
		}
		return stdjson.Unmarshal(text, v)
	})
}

// recovered calls decode, which decodes a value of type t, and returns its error or its panic.
func recovered(t reflect.Type, decode func() error) (failed *FieldError) {
	defer func() {
		if p := recover(); p != nil {
			failed = &FieldError{Reason: fmt.Sprintf("decoding a %s: panic: %v", t, p)}
		}
	}()
	if err := decode(); err != nil {
		return &FieldError{Reason: err.Error(), Err: err}
	}
	return nil
}
