package codec

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	json "github.com/goccy/go-json"
)

// maxDepth bounds the nesting of JSON from a page.
const maxDepth = 512

// A scanner walks JSON once.
type scanner struct {
	text []byte
	at   int
}

func (c *scanner) malformed() *FieldError {
	return &FieldError{Reason: fmt.Sprintf("malformed JSON at byte %d", c.at)}
}

func (c *scanner) space() {
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
func (c *scanner) next() byte {
	if c.space(); c.at < len(c.text) {
		return c.text[c.at]
	}
	return 0
}

func (c *scanner) literal(word string) bool {
	if !bytes.HasPrefix(c.text[c.at:], []byte(word)) {
		return false
	}
	c.at += len(word)
	return true
}

// elements consumes an array, whose bracket is next, and calls read in front of each element. It
// returns how many there are.
func (c *scanner) elements(read func(at int) *FieldError) (count int, err *FieldError) {
	c.at++ // [
	for ; c.next() != ']'; count++ {
		if count > 0 && !c.literal(",") {
			return count, c.malformed()
		}
		if err := read(count); err != nil {
			return count, err.in("[" + strconv.Itoa(count) + "]")
		}
	}
	c.at++ // ]
	return count, nil
}

// entries consumes an object, whose brace is next, and calls read in front of the value of each field.
func (c *scanner) entries(read func(name []byte) *FieldError) *FieldError {
	c.at++ // {
	for count := 0; c.next() != '}'; count++ {
		if count > 0 && !c.literal(",") {
			return c.malformed()
		}
		name, ok := c.key()
		if !ok {
			return c.malformed()
		}
		if err := read(name); err != nil {
			return err.in(step(string(name)))
		}
	}
	c.at++ // }
	return nil
}

// key consumes an object's key and the colon after it.
func (c *scanner) key() (name []byte, ok bool) {
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

// skip skips one value of any kind with as little checking as possible. The decoder validates it
// later.
func (c *scanner) skip(depth int) *FieldError {
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
func (c *scanner) skipNested(depth int) *FieldError {
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
