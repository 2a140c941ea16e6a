package codec

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	json "github.com/goccy/go-json"
)

// check returns an error for the first place where text, which should be JSON, does not fit the
// schema. Decoding may still fail where a type validates its own JSON.
func (s *schema) check(text []byte) *FieldError {
	c := checker{scanner: scanner{text: text}}
	return c.whole(s)
}

// whole checks the text from beginning to end.
func (c *checker) whole(s *schema) *FieldError {
	if err := c.value(s, 0); err != nil {
		return err
	}
	if c.space(); c.at < len(c.text) {
		return c.malformed()
	}
	return nil
}

// A checker validates JSON in one walk.
type checker struct {
	scanner
	string bool // The text is the content of a string.
	// rounded are the numbers that go-json would misread: it rounds a float32 twice, and
	// rejects the largest ones.
	rounded []rounding
}

// quoted checks a string under the tag option string. It must contain a number or a boolean as JSON
// writes it.
func (c *checker) quoted(s *schema) *FieldError {
	from := c.at
	if err := c.skip(0); err != nil {
		return err
	}
	text, ok := plainString(c.text[from:c.at])
	if !ok {
		return c.malformed()
	}
	inner := checker{scanner: scanner{text: text}, string: true}
	if err := inner.value(s, 0); err != nil || inner.at < len(text) || text[0] <= ' ' || !json.Valid(text) {
		reason := want[s.kind] + " in a string, got " + strconv.Quote(clip(string(text)))
		if err != nil && len(text) > 0 && json.Valid(text) {
			reason = want[s.kind] + " in a string: " + err.Reason
		}
		return &FieldError{Reason: "want " + reason}
	}
	return nil
}

func (c *checker) mismatch(s *schema) *FieldError {
	got := "a number"
	switch c.next() {
	case '"':
		got = "a string"
	case '{':
		got = "an object"
	case '[':
		got = "an array"
	case 't', 'f':
		got = "a boolean"
	case 'n':
		got = "null"
	}
	return &FieldError{Reason: "want " + want[s.kind] + ", got " + got}
}

func (c *checker) value(s *schema, depth int) *FieldError {
	if depth > maxDepth {
		return &FieldError{Reason: fmt.Sprintf("nested deeper than %d levels", maxDepth)}
	}
	first := c.next()
	if first == 0 {
		return c.malformed()
	}
	if first == 'n' {
		if !c.literal("null") {
			return c.malformed()
		}
		if !s.nullable {
			return &FieldError{Reason: "want " + want[s.kind] + ", got null"}
		}
		return nil
	}
	switch s.kind {
	case pointerKind:
		return c.value(s.elem, depth)
	case anyKind:
		return c.skip(depth)
	case boolKind:
		if first != 't' && first != 'f' {
			return c.mismatch(s)
		}
		return c.skip(depth)
	case intKind, uintKind, floatKind, numberKind:
		if first != '-' && (first < '0' || first > '9') {
			return c.mismatch(s)
		}
		return c.number(s)
	case stringKind:
		if first != '"' {
			return c.mismatch(s)
		}
		from := c.at
		if err := c.skip(depth); err != nil || s.closed == nil {
			return err
		}
		text, ok := plainString(c.text[from:c.at])
		if !ok {
			return c.malformed()
		}
		return s.closed.check(string(text))
	case quotedKind:
		if first != '"' {
			return c.mismatch(s)
		}
		return c.quoted(s.elem)
	case bytesKind:
		if first != '"' {
			return c.mismatch(s)
		}
		from := c.at
		if err := c.skip(depth); err != nil {
			return err
		}
		return checkBase64(c.text[from+1 : c.at-1])
	case arrayKind, fixedKind:
		if first != '[' {
			return c.mismatch(s)
		}
		return c.array(s, depth)
	case mapKind, objectKind:
		if first != '{' {
			return c.mismatch(s)
		}
		return c.object(s, depth)
	}
	return c.malformed()
}

// number validates a number: integers have no fraction, and the value fits the type. An integer
// beyond 2^53-1 is rejected even where it fits: the page may have meant another one.
func (c *checker) number(s *schema) *FieldError {
	from := c.at
	for c.at < len(c.text) && strings.IndexByte("+-.0123456789eE", c.text[c.at]) >= 0 {
		c.at++
	}
	digits := c.text[from:c.at]
	text := string(digits)
	var err error
	safe := true
	switch s.kind {
	case numberKind:
		return nil // The decoder validates the number.
	case intKind:
		var n int64
		n, err = strconv.ParseInt(text, 10, s.bits)
		safe = c.string || -MaxSafeInteger <= n && n <= MaxSafeInteger
	case uintKind:
		var n uint64
		n, err = strconv.ParseUint(text, 10, s.bits)
		safe = c.string || n <= MaxSafeInteger
	default:
		var f float64
		f, err = strconv.ParseFloat(text, s.bits)
		if s.bits == 32 && err == nil && !c.string {
			c.round(from, text, f)
		}
	}
	switch {
	case err == nil && safe:
		if s.closed != nil {
			return s.closed.check(text)
		}
		return nil
	case err == nil:
		return &FieldError{Reason: clip(text) + " is beyond 2^53-1, where JavaScript rounds integers; " +
			"tag the field `json:\",string\"` and send a string"}
	case s.kind == floatKind:
		return &FieldError{Reason: fmt.Sprintf("%s does not fit a float%d", clip(text), s.bits)}
	case s.kind == uintKind:
		return &FieldError{Reason: fmt.Sprintf("%s is not an integer from 0 that fits %d bits", clip(text), s.bits)}
	default:
		return &FieldError{Reason: fmt.Sprintf("%s is not an integer that fits %d bits", clip(text), s.bits)}
	}
}

func (c *checker) array(s *schema, depth int) *FieldError {
	count, err := c.elements(func(int) *FieldError { return c.value(s.elem, depth+1) })
	if err == nil && s.kind == fixedKind && count != s.length {
		return &FieldError{Reason: fmt.Sprintf("want %d elements, got %d", s.length, count)}
	}
	return err
}

func (c *checker) object(s *schema, depth int) *FieldError {
	var few [8]bool
	seen := few[:]
	if len(s.required) > len(few) {
		seen = make([]bool, len(s.required))
	}
	err := c.entries(func(name []byte) *FieldError {
		if s.kind == mapKind {
			if s.key.closed != nil {
				if err := s.key.closed.check(string(name)); err != nil {
					return err
				}
			}
			return c.value(s.elem, depth+1)
		}
		f := s.fields[string(name)]
		switch {
		case f == nil && s.lenient:
			return c.ignore(depth + 1)
		case f == nil:
			return s.unknown(string(name))
		case !f.optional:
			seen[f.ordinal] = true
		case c.next() == 'n' && c.literal("null"):
			return nil
		}
		return c.value(f.schema, depth+1)
	})
	if err != nil {
		return err
	}
	for i, f := range s.required {
		if !seen[i] {
			return (&FieldError{Reason: "missing"}).in(step(f.name))
		}
	}
	return nil
}

// ignore skips and validates a value of an unknown field.
func (c *checker) ignore(depth int) *FieldError {
	c.space()
	from := c.at
	if err := c.skip(depth); err != nil {
		return err
	}
	if !json.Valid(c.text[from:c.at]) {
		return c.malformed()
	}
	return nil
}

func (s *schema) unknown(name string) *FieldError {
	reason := "unknown field"
	for known := range s.fields {
		if strings.EqualFold(known, name) {
			reason += "; there is " + known
			break
		}
	}
	return &FieldError{Reason: reason}
}

func checkBase64(text []byte) *FieldError {
	if bytes.IndexByte(text, '\\') >= 0 {
		return nil // The page runtime sends no escapes: the decoder decides.
	}
	size := base64.StdEncoding.DecodedLen(len(text))
	if len(text)%4 != 0 || size < 0 {
		return &FieldError{Reason: "want bytes, got a string that is not base64"}
	}
	return nil
}
