package codec

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	json "github.com/goccy/go-json"
)

// maxDepth bounds the nesting of JSON from a page.
const maxDepth = 512

// A FieldError says which field of a call's arguments is invalid, and why.
type FieldError struct {
	Path   string // such as "files[2].name"; empty for the value as a whole
	Reason string
	Err    error // what a type's own method returned, nil if none did
}

func (e *FieldError) Error() string {
	if e.Path == "" {
		return e.Reason
	}
	return e.Path + ": " + e.Reason
}

// Unwrap returns Err.
func (e *FieldError) Unwrap() error { return e.Err }

// in returns the error with step in front of its path.
func (e *FieldError) in(step string) *FieldError {
	switch {
	case e.Path == "" || e.Path[0] == '[':
		e.Path = step + e.Path
	default:
		e.Path = step + "." + e.Path
	}
	return e
}

// check returns an error for the first place where text, which should be JSON, does not fit the
// schema. Decoding may still fail where a type validates its own JSON.
func (s *schema) check(text []byte) *FieldError {
	c := checker{text: text}
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

// A checker walks JSON once.
type checker struct {
	text   []byte
	at     int
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
	text := c.text[from+1 : c.at-1]
	if bytes.IndexByte(text, '\\') >= 0 {
		var plain string
		if json.Unmarshal(c.text[from:c.at], &plain) != nil {
			return c.malformed()
		}
		text = []byte(plain)
	}
	inner := checker{text: text, string: true}
	if err := inner.value(s, 0); err != nil || inner.at < len(text) || text[0] <= ' ' || !json.Valid(text) {
		reason := want[s.kind] + " in a string, got " + strconv.Quote(clip(string(text)))
		if err != nil && len(text) > 0 && json.Valid(text) {
			reason = want[s.kind] + " in a string: " + err.Reason
		}
		return &FieldError{Reason: "want " + reason}
	}
	return nil
}

func (c *checker) malformed() *FieldError {
	return &FieldError{Reason: fmt.Sprintf("malformed JSON at byte %d", c.at)}
}

func (c *checker) space() {
	for c.at < len(c.text) {
		switch c.text[c.at] {
		case ' ', '\t', '\r', '\n':
			c.at++
		default:
			return
		}
	}
}

// next skips white space and returns the next byte, or 0 at the end.
func (c *checker) next() byte {
	if c.space(); c.at < len(c.text) {
		return c.text[c.at]
	}
	return 0
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

func (c *checker) literal(word string) bool {
	if !bytes.HasPrefix(c.text[c.at:], []byte(word)) {
		return false
	}
	c.at += len(word)
	return true
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
	c.at++ // [
	count := 0
	for ; c.next() != ']'; count++ {
		if count > 0 && !c.literal(",") {
			return c.malformed()
		}
		if err := c.value(s.elem, depth+1); err != nil {
			return err.in("[" + strconv.Itoa(count) + "]")
		}
	}
	c.at++ // ]
	if s.kind == fixedKind && count != s.length {
		return &FieldError{Reason: fmt.Sprintf("want %d elements, got %d", s.length, count)}
	}
	return nil
}

func (c *checker) object(s *schema, depth int) *FieldError {
	c.at++ // {
	var few [8]bool
	seen := few[:]
	if len(s.required) > len(few) {
		seen = make([]bool, len(s.required))
	}
	for count := 0; c.next() != '}'; count++ {
		if count > 0 && !c.literal(",") {
			return c.malformed()
		}
		name, ok := c.key()
		if !ok {
			return c.malformed()
		}
		elem := s.elem
		if s.kind == mapKind && s.key.closed != nil {
			if err := s.key.closed.check(string(name)); err != nil {
				return err.in(step(string(name)))
			}
		}
		if s.kind == objectKind {
			f := s.fields[string(name)]
			if f == nil {
				if !s.lenient {
					return s.unknown(string(name))
				}
				if err := c.ignore(depth + 1); err != nil {
					return err.in(step(string(name)))
				}
				continue
			}
			if !f.optional {
				seen[f.ordinal] = true
			} else if c.next() == 'n' && c.literal("null") {
				continue
			}
			elem = f.schema
		}
		if err := c.value(elem, depth+1); err != nil {
			return err.in(step(string(name)))
		}
	}
	c.at++ // }
	for i, f := range s.required {
		if !seen[i] {
			return (&FieldError{Reason: "missing"}).in(step(f.name))
		}
	}
	return nil
}

// key consumes an object's key and the colon after it.
func (c *checker) key() (name []byte, ok bool) {
	if c.next() != '"' {
		return nil, false
	}
	from := c.at
	if err := c.skip(0); err != nil {
		return nil, false
	}
	if name, ok = plainString(c.text[from:c.at]); !ok {
		return nil, false
	}
	c.space()
	return name, c.literal(":")
}

// plainString returns the value of a JSON string.
func plainString(text []byte) (plain []byte, ok bool) {
	if bytes.IndexByte(text, '\\') < 0 {
		return text[1 : len(text)-1], true
	}
	var s string
	if json.Unmarshal(text, &s) != nil {
		return nil, false
	}
	return []byte(s), true
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

// step returns a field's name for a path. Names that are not identifiers are in brackets.
func step(name string) string {
	if name == "" {
		return `[""]`
	}
	for i, r := range name {
		if r != '_' && r != '$' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			return "[" + strconv.Quote(clip(name)) + "]"
		}
	}
	return clip(name)
}

func (s *schema) unknown(name string) *FieldError {
	reason := "unknown field"
	for known := range s.fields {
		if strings.EqualFold(known, name) {
			reason += "; there is " + known
			break
		}
	}
	return (&FieldError{Reason: reason}).in(step(name))
}

// skip skips one value of any kind with as little checking as possible. The decoder validates it
// later.
func (c *checker) skip(depth int) *FieldError {
	switch c.next() {
	case 0:
		return c.malformed()
	case '"':
		from := c.at
		c.at = skipString(c.text, from)
		if c.at-from < 2 || c.text[c.at-1] != '"' {
			return c.malformed()
		}
		return nil
	case '{', '[':
		return c.skipNested(depth)
	}
	from := c.at
	for c.at < len(c.text) && strings.IndexByte(" \t\r\n,]}:", c.text[c.at]) < 0 {
		c.at++
	}
	if c.at == from {
		return c.malformed()
	}
	return nil
}

// skipNested skips an array or object by counting brackets.
func (c *checker) skipNested(depth int) *FieldError {
	open := 0
	for c.at < len(c.text) {
		switch c.text[c.at] {
		case '"':
			c.at = skipString(c.text, c.at)
			continue
		case '{', '[':
			if open++; depth+open > maxDepth {
				return &FieldError{Reason: fmt.Sprintf("nested deeper than %d levels", maxDepth)}
			}
		case '}', ']':
			if open--; open == 0 {
				c.at++
				return nil
			}
		}
		c.at++
	}
	return c.malformed()
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
