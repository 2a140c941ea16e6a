package ipc

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"sync"

	json "github.com/goccy/go-json"
)

// maxSafeInteger is the largest integer up to which JavaScript tells all integers apart.
const maxSafeInteger = 1<<53 - 1

// A scratch is an encoder with the buffer it writes to.
type scratch struct {
	buf bytes.Buffer
	enc *json.Encoder
}

var scratches = sync.Pool{New: func() any {
	s := new(scratch)
	s.enc = json.NewEncoder(&s.buf)
	s.enc.SetEscapeHTML(false)
	return s
}}

// maxPooled is the size up to which a buffer is kept for the next message. One large message must not
// pin its memory for good.
const maxPooled = 256 << 10

func (s *scratch) free() {
	if s.buf.Cap() > maxPooled {
		return
	}
	s.buf.Reset()
	scratches.Put(s)
}

// encode writes v as JSON into the scratch and returns it; the slice is valid until free.
//
// What JavaScript would silently change is an error: an integer beyond 2^53, and what JSON can't hold.
// A panic in a value's own MarshalJSON is an error too.
func (s *scratch) encode(v any) (text []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("ipc: marshalling a %T: panic: %v", v, p)
		}
	}()
	s.buf.Reset()
	switch v := v.(type) {
	case nil, struct{}:
		return append(s.buf.AvailableBuffer(), "null"...), nil
	case json.RawMessage:
		if !json.Valid(v) {
			return nil, errors.New("ipc: the raw message is not valid JSON")
		}
	}
	if err := s.enc.Encode(v); err != nil {
		return nil, fmt.Errorf("ipc: marshalling a %T: %w", v, err)
	}
	text = bytes.TrimSuffix(s.buf.Bytes(), []byte{'\n'})
	if v != nil && mayHoldLargeIntegers(reflect.TypeOf(v)) {
		if err := checkIntegers(text); err != nil {
			return nil, fmt.Errorf("ipc: marshalling a %T: %w", v, err)
		}
	}
	return text, nil
}

// checkIntegers returns an error if text, which is JSON, holds an integer that JavaScript would round.
func checkIntegers(text []byte) error {
	for at := 0; at < len(text); {
		switch c := text[at]; {
		case c == '"':
			at = skipString(text, at)
		case c >= '0' && c <= '9':
			from := at
			for at < len(text) && text[at] >= '0' && text[at] <= '9' {
				at++
			}
			// 2^53-1 has 16 digits. A fraction or an exponent makes it a float, which is what it was in Go.
			float := at < len(text) && (text[at] == '.' || text[at] == 'e' || text[at] == 'E')
			if at-from >= 16 && !float {
				if n, err := strconv.ParseUint(string(text[from:at]), 10, 64); err != nil || n > maxSafeInteger {
					return fmt.Errorf("the integer %s is beyond 2^53-1 and JavaScript would round it; "+
						"tag the field `json:\",string\"`", text[from:at])
				}
			}
			for at < len(text) && (text[at] == '.' || text[at]|0x20 == 'e' || text[at] == '+' || text[at] == '-' ||
				(text[at] >= '0' && text[at] <= '9')) {
				at++
			}
		default:
			at++
		}
	}
	return nil
}

// skipString returns the index behind the JSON string that begins at from.
func skipString(text []byte, from int) int {
	at := from + 1
	for at < len(text) {
		quote := bytes.IndexByte(text[at:], '"')
		if quote < 0 {
			return len(text)
		}
		at += quote + 1
		slashes := 0
		for back := at - 2; back > from && text[back] == '\\'; back-- {
			slashes++
		}
		if slashes%2 == 0 {
			return at
		}
	}
	return len(text)
}

var largeIntegers sync.Map // reflect.Type to bool

// mayHoldLargeIntegers reports whether a value of this type can marshal to an integer beyond 2^53, so
// that most messages need no second look.
func mayHoldLargeIntegers(t reflect.Type) bool {
	if known, ok := largeIntegers.Load(t); ok {
		return known.(bool)
	}
	may := findLargeIntegers(t, map[reflect.Type]bool{})
	largeIntegers.Store(t, may)
	return may
}

func findLargeIntegers(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	if implements(t, marshalerType) {
		return true
	}
	if implements(t, textMarshalerType) {
		return false
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int64, reflect.Uint, reflect.Uint64, reflect.Uintptr, reflect.Interface:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return findLargeIntegers(t.Elem(), seen)
	case reflect.Struct:
		for field := range t.Fields() {
			if findLargeIntegers(field.Type, seen) {
				return true
			}
		}
	}
	return false
}
