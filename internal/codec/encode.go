package codec

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"unicode/utf8"

	json "github.com/goccy/go-json"
)

// MaxSafeInteger is the largest integer up to which JavaScript distinguishes all integers.
const MaxSafeInteger = 1<<53 - 1

// An Encoder writes values as JSON into its own buffer. One goroutine uses it at a time.
type Encoder struct {
	buf bytes.Buffer
	enc *json.Encoder
}

var encoders = sync.Pool{New: func() any {
	e := new(Encoder)
	e.enc = json.NewEncoder(&e.buf)
	e.enc.SetEscapeHTML(false)
	return e
}}

// maxPooled is the largest buffer, in bytes, that is kept for the next message, so that one large
// message does not pin its memory.
const maxPooled = 256 << 10

// NewEncoder returns an encoder from the pool. The caller returns it with Free.
func NewEncoder() *Encoder { return encoders.Get().(*Encoder) }

// Free returns the encoder to the pool. The result of Encode is invalid afterwards.
func (e *Encoder) Free() {
	if e.buf.Cap() > maxPooled {
		return
	}
	e.buf.Reset()
	encoders.Put(e)
}

// Encode returns v as JSON, as encoding/json writes it with HTML escaping off. The slice is valid
// until the next Encode or Free.
//
// A value that JavaScript would silently change is an error: an integer beyond 2^53, and a value
// that JSON can't hold. A panic in a value's own MarshalJSON is an error too.
func (e *Encoder) Encode(v any) (text []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("ipc: marshalling a %T: panic: %v", v, p)
		}
	}()
	e.buf.Reset()
	switch v := v.(type) {
	case nil, struct{}:
		return append(e.buf.AvailableBuffer(), "null"...), nil
	case json.RawMessage:
		if v != nil && !json.Valid(v) {
			return nil, errors.New("ipc: the raw message is not valid JSON")
		}
	}
	has := inspect(v)
	if err := e.write(v, has); err != nil {
		return nil, fmt.Errorf("ipc: marshalling a %T: %w", v, located(v, unsupported, err))
	}
	text = bytes.TrimSuffix(e.buf.Bytes(), []byte{'\n'})
	if has.content&integers != 0 {
		if err := checkIntegers(text, has.content&floats != 0); err != nil {
			return nil, fmt.Errorf("ipc: marshalling a %T: %w", v, located(v, tooLarge, err))
		}
	}
	if has.content&foreign != 0 && !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte("\ufffd"))
	}
	if has.content&unknown != 0 && has.odd == nil && !json.Valid(text) {
		return nil, fmt.Errorf("ipc: marshalling a %T: a method of a type in it wrote invalid JSON", v)
	}
	return text, nil
}

// Marshal returns v as JSON, as an Encoder writes it. The caller owns the slice.
func Marshal(v any) ([]byte, error) {
	e := NewEncoder()
	defer e.Free()
	text, err := e.Encode(v)
	if err != nil {
		return nil, err
	}
	return bytes.Clone(text), nil
}

// write writes a value with the package that handles its type.
func (e *Encoder) write(v any, has inspection) error {
	switch {
	case has.tooDeep:
		return errDepth
	case has.content&protobuf != 0 && has.contextual:
		return errors.New("a type whose methods take a context can't be beside a protobuf message; keep them in types of their own")
	case has.content&protobuf != 0:
		return e.writeMessages(v)
	case has.odd == nil:
		return e.enc.Encode(v)
	case has.contextual:
		return has.odd.mixed()
	}
	std := stdjson.NewEncoder(&e.buf)
	std.SetEscapeHTML(false)
	return std.Encode(v)
}

// checkIntegers returns an error if text, which is JSON, contains an integer beyond 2^53-1, which
// JavaScript may round. Go writes floats below 1e21 like integers: where there are floats, a number
// that JavaScript would write in the same way is accepted.
func checkIntegers(text []byte, amongFloats bool) error {
	for at := 0; at < len(text); {
		switch c := text[at]; {
		case c == '"':
			at = skipString(text, at)
		case c >= '0' && c <= '9':
			from := at
			for at < len(text) && text[at] >= '0' && text[at] <= '9' {
				at++
			}
			// 2^53-1 has 16 digits. A number with a fraction or an exponent was a float
			// in Go.
			float := at < len(text) && (text[at] == '.' || text[at] == 'e' || text[at] == 'E')
			if at-from >= 16 && !float {
				digits := string(text[from:at])
				n, err := strconv.ParseUint(digits, 10, 64)
				if (err != nil || n > MaxSafeInteger) && !(amongFloats && isFloat(digits)) {
					return fmt.Errorf("the integer %s is beyond 2^53-1 and JavaScript would round it; "+
						"tag the field `json:\",string\"`", clip(digits))
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

// skipString returns the index after the JSON string that begins at from.
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

// isFloat reports whether a float64 written without an exponent has exactly these digits.
func isFloat(digits string) bool {
	f, err := strconv.ParseFloat(digits, 64)
	return err == nil && strconv.FormatFloat(f, 'f', -1, 64) == digits
}
