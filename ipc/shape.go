package ipc

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"

	json "github.com/goccy/go-json"
)

// maxDepth bounds how deep JSON from a page may nest.
const maxDepth = 512

// A shape is what JSON must look like to fit a Go type: stricter than a decoder, which ignores what it
// doesn't know and leaves zero what isn't there, and with a path for what is wrong.
type shape struct {
	kind     shapeKind
	bits     int               // of integers and floats
	elem     *shape            // of pointers, slices, arrays, maps, and what is quoted
	length   int               // of arrays
	fields   map[string]*field // of objects, by name
	required []*field          // of those, in the order of their declaration
	nullable bool
}

type field struct {
	name     string
	shape    *shape
	optional bool
	ordinal  int // among the required ones
}

type shapeKind uint8

const (
	anyShape shapeKind = iota // whatever is valid JSON
	boolShape
	intShape
	uintShape
	floatShape
	numberShape // of any size
	stringShape
	quotedShape // a string with a value of the shape elem in it
	bytesShape  // base64
	arrayShape
	fixedShape
	mapShape
	objectShape
	pointerShape
)

var want = [...]string{
	anyShape: "a value", boolShape: "a boolean", intShape: "an integer", uintShape: "an integer",
	floatShape: "a number", numberShape: "a number", stringShape: "a string", quotedShape: "a string", bytesShape: "bytes",
	arrayShape: "an array", fixedShape: "an array", mapShape: "an object", objectShape: "an object",
}

var shapes sync.Map // reflect.Type to *shape

// shapeOf returns the shape of a type. The shapes of recursive types are cyclic.
func shapeOf(t reflect.Type) *shape {
	if known, ok := shapes.Load(t); ok {
		return known.(*shape)
	}
	s := buildShape(t, map[reflect.Type]*shape{})
	shapes.Store(t, s)
	return s
}

func buildShape(t reflect.Type, building map[reflect.Type]*shape) *shape {
	if s, ok := building[t]; ok {
		return s
	}
	s := new(shape)
	building[t] = s
	switch {
	case t.Kind() == reflect.Pointer:
		s.kind, s.nullable, s.elem = pointerShape, true, buildShape(t.Elem(), building)
		return s
	case implements(t, unmarshalerType), implements(t, unmarshalerContextType), streams(t, toGo) == stdStream:
		s.nullable = true
		return s
	case implements(t, textUnmarshalerType):
		s.kind = stringShape
		return s
	case t == numberType:
		s.kind = numberShape
		return s
	}
	switch t.Kind() {
	case reflect.Bool:
		s.kind = boolShape
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		s.kind, s.bits = intShape, t.Bits()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		s.kind, s.bits = uintShape, t.Bits()
	case reflect.Float32, reflect.Float64:
		s.kind, s.bits = floatShape, t.Bits()
	case reflect.String:
		s.kind = stringShape
	case reflect.Slice:
		s.nullable = true
		if t.Elem().Kind() == reflect.Uint8 && !speaks(t.Elem()) {
			s.kind = bytesShape
		} else {
			s.kind, s.elem = arrayShape, buildShape(t.Elem(), building)
		}
	case reflect.Array:
		s.kind, s.length, s.elem = fixedShape, t.Len(), buildShape(t.Elem(), building)
	case reflect.Map:
		s.kind, s.nullable, s.elem = mapShape, true, buildShape(t.Elem(), building)
	case reflect.Struct:
		s.kind, s.fields = objectShape, map[string]*field{}
		s.addFields(t, building)
	default:
		s.nullable = true
	}
	return s
}

// addFields adds the members of a struct.
func (s *shape) addFields(t reflect.Type, building map[reflect.Type]*shape) {
	members, _ := membersOf(t)
	for _, m := range members {
		f := &field{name: m.name, shape: buildShape(m.t, building)}
		f.optional = m.loose || m.omittable || m.t.Kind() == reflect.Pointer
		if m.quoted {
			f.shape = f.shape.quoted()
		}
		s.fields[f.name] = f
		if !f.optional {
			f.ordinal = len(s.required)
			s.required = append(s.required, f)
		}
	}
}

// quoted returns the shape of what the option string puts into a string, as it does with one pointer's target.
func (s *shape) quoted() *shape {
	switch s.kind {
	case boolShape, intShape, uintShape, floatShape, numberShape:
		return &shape{kind: quotedShape, elem: s}
	case pointerShape:
		if inner := s.elem.quoted(); inner != s.elem && s.elem.kind != pointerShape {
			return &shape{kind: pointerShape, nullable: true, elem: inner}
		}
	}
	return s
}

// A fieldError says what is wrong with the arguments of a call, and where.
type fieldError struct {
	path   string // such as "files[2].name"; empty for the whole
	reason string
}

func (e *fieldError) Error() string {
	if e.path == "" {
		return e.reason
	}
	return e.path + ": " + e.reason
}

// in returns the error as seen from one level up.
func (e *fieldError) in(step string) *fieldError {
	switch {
	case e.path == "" || e.path[0] == '[':
		e.path = step + e.path
	default:
		e.path = step + "." + e.path
	}
	return e
}

// check reports where text, which should be JSON, does not fit the shape. Text that passes may still
// fail to decode, where a type has its own idea of what is valid.
func (s *shape) check(text []byte) *fieldError {
	c := checker{text: text}
	return c.whole(s)
}

// whole checks the text from one end to the other.
func (c *checker) whole(s *shape) *fieldError {
	if err := c.value(s, 0); err != nil {
		return err
	}
	if c.space(); c.at < len(c.text) {
		return c.malformed()
	}
	return nil
}

// A checker walks over JSON once.
type checker struct {
	text   []byte
	at     int
	string bool // The text is what a string holds.
	// rounded are the numbers that go-json would read wrongly: it rounds a float32 twice, and finds the largest of them
	// too large.
	rounded []rounding
}

// quoted checks a string that holds what the option string has put there: a number or a boolean, as JSON writes it.
func (c *checker) quoted(s *shape) *fieldError {
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
			reason = want[s.kind] + " in a string: " + err.reason
		}
		return &fieldError{reason: "want " + reason}
	}
	return nil
}

func (c *checker) malformed() *fieldError {
	return &fieldError{reason: fmt.Sprintf("malformed JSON at byte %d", c.at)}
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

// next skips white space and returns the byte behind it, 0 at the end.
func (c *checker) next() byte {
	if c.space(); c.at < len(c.text) {
		return c.text[c.at]
	}
	return 0
}

func (c *checker) mismatch(s *shape) *fieldError {
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
	return &fieldError{reason: "want " + want[s.kind] + ", got " + got}
}

func (c *checker) value(s *shape, depth int) *fieldError {
	if depth > maxDepth {
		return &fieldError{reason: fmt.Sprintf("nested deeper than %d levels", maxDepth)}
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
			return &fieldError{reason: "want " + want[s.kind] + ", got null"}
		}
		return nil
	}
	switch s.kind {
	case pointerShape:
		return c.value(s.elem, depth)
	case anyShape:
		return c.skip(depth)
	case boolShape:
		if first != 't' && first != 'f' {
			return c.mismatch(s)
		}
		return c.skip(depth)
	case intShape, uintShape, floatShape, numberShape:
		if first != '-' && (first < '0' || first > '9') {
			return c.mismatch(s)
		}
		return c.number(s)
	case stringShape:
		if first != '"' {
			return c.mismatch(s)
		}
		return c.skip(depth)
	case quotedShape:
		if first != '"' {
			return c.mismatch(s)
		}
		return c.quoted(s.elem)
	case bytesShape:
		if first != '"' {
			return c.mismatch(s)
		}
		from := c.at
		if err := c.skip(depth); err != nil {
			return err
		}
		return checkBase64(c.text[from+1 : c.at-1])
	case arrayShape, fixedShape:
		if first != '[' {
			return c.mismatch(s)
		}
		return c.array(s, depth)
	case mapShape, objectShape:
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

// number checks that a number fits: no fraction for integers, and not out of range. An integer beyond 2^53-1
// is refused even where it would fit: it need not be the one that the page meant.
func (c *checker) number(s *shape) *fieldError {
	from := c.at
	for c.at < len(c.text) && strings.IndexByte("+-.0123456789eE", c.text[c.at]) >= 0 {
		c.at++
	}
	digits := c.text[from:c.at]
	text := string(digits)
	var err error
	safe := true
	switch s.kind {
	case numberShape:
		return nil // The decoder knows what a number looks like.
	case intShape:
		var n int64
		n, err = strconv.ParseInt(text, 10, s.bits)
		safe = c.string || -maxSafeInteger <= n && n <= maxSafeInteger
	case uintShape:
		var n uint64
		n, err = strconv.ParseUint(text, 10, s.bits)
		safe = c.string || n <= maxSafeInteger
	default:
		var f float64
		f, err = strconv.ParseFloat(text, s.bits)
		if s.bits == 32 && err == nil && !c.string {
			c.round(from, text, f)
		}
	}
	switch {
	case err == nil && safe:
		return nil
	case err == nil:
		return &fieldError{reason: clip(text) + " is beyond 2^53-1, where JavaScript rounds integers; " +
			"tag the field `json:\",string\"` and send a string"}
	case s.kind == floatShape:
		return &fieldError{reason: fmt.Sprintf("%s does not fit a float%d", clip(text), s.bits)}
	case s.kind == uintShape:
		return &fieldError{reason: fmt.Sprintf("%s is not an integer from 0 that fits %d bits", clip(text), s.bits)}
	default:
		return &fieldError{reason: fmt.Sprintf("%s is not an integer that fits %d bits", clip(text), s.bits)}
	}
}

func (c *checker) array(s *shape, depth int) *fieldError {
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
	if s.kind == fixedShape && count != s.length {
		return &fieldError{reason: fmt.Sprintf("want %d elements, got %d", s.length, count)}
	}
	return nil
}

func (c *checker) object(s *shape, depth int) *fieldError {
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
		if s.kind == objectShape {
			f := s.fields[string(name)]
			if f == nil {
				return s.unknown(string(name))
			}
			if !f.optional {
				seen[f.ordinal] = true
			} else if c.next() == 'n' && c.literal("null") {
				continue
			}
			elem = f.shape
		}
		if err := c.value(elem, depth+1); err != nil {
			return err.in(step(string(name)))
		}
	}
	c.at++ // }
	for i, f := range s.required {
		if !seen[i] {
			return (&fieldError{reason: "missing"}).in(step(f.name))
		}
	}
	return nil
}

// key takes an object's key and the colon behind it.
func (c *checker) key() (name []byte, ok bool) {
	if c.next() != '"' {
		return nil, false
	}
	from := c.at
	if err := c.skip(0); err != nil {
		return nil, false
	}
	name = c.text[from+1 : c.at-1]
	if bytes.IndexByte(name, '\\') >= 0 {
		var text string
		if json.Unmarshal(c.text[from:c.at], &text) != nil {
			return nil, false
		}
		name = []byte(text)
	}
	c.space()
	return name, c.literal(":")
}

// step returns how a path names a field: as it is, or in brackets if it is no plain name.
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

func (s *shape) unknown(name string) *fieldError {
	reason := "unknown field"
	for known := range s.fields {
		if strings.EqualFold(known, name) {
			reason += "; there is " + known
			break
		}
	}
	return (&fieldError{reason: reason}).in(step(name))
}

// skip goes over one value of any kind without looking into it more than it must. The decoder that
// comes after decides whether it is valid.
func (c *checker) skip(depth int) *fieldError {
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

// skipNested goes over an array or object by counting brackets.
func (c *checker) skipNested(depth int) *fieldError {
	open := 0
	for c.at < len(c.text) {
		switch c.text[c.at] {
		case '"':
			c.at = skipString(c.text, c.at)
			continue
		case '{', '[':
			if open++; depth+open > maxDepth {
				return &fieldError{reason: fmt.Sprintf("nested deeper than %d levels", maxDepth)}
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

func checkBase64(text []byte) *fieldError {
	if bytes.IndexByte(text, '\\') >= 0 {
		return nil // Escapes, which no page of ours sends: the decoder decides.
	}
	size := base64.StdEncoding.DecodedLen(len(text))
	if len(text)%4 != 0 || size < 0 {
		return &fieldError{reason: "want bytes, got a string that is not base64"}
	}
	return nil
}
