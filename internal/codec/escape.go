package codec

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"
	"unicode/utf8"

	json "github.com/goccy/go-json"
)

// AppendEscaped appends text, escaped for a single-quoted JavaScript string. Whatever bytes text has, what is appended
// can't end the string: quotes, backslashes, control characters and all four line terminators are escaped. It is the only
// way into a script for text that is not a constant.
func AppendEscaped(dst, text []byte) []byte {
	for {
		at := indexSpecial(text)
		if at < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:at]...)
		switch c := text[at]; {
		case c == '\\', c == '\'':
			dst = append(dst, '\\', c)
		case c < ' ':
			const digits = "0123456789abcdef"
			dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		default: // A separator.
			dst = append(dst, '\\', 'u', '2', '0', '2', '8'+text[at+2]-0xa8)
			at += 2
		}
		text = text[at+1:]
	}
}

// isSeparator reports whether text begins with U+2028 or U+2029, line terminators both.
func isSeparator(text []byte) bool {
	return len(text) >= 3 && text[0] == 0xe2 && text[1] == 0x80 && text[2]&^1 == 0xa8
}

const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080
)

// zeros has the high bit of each byte of word that is 0 and, above one of those, perhaps more.
func zeros(word uint64) uint64 { return (word - lows) &^ word & highs }

// controls likewise has those of control characters.
func controls(word uint64) uint64 { return (word - ' '*lows) &^ word & highs }

// indexSpecial returns the index of the first byte that has to be escaped: a quote, a backslash, a control character or the
// first byte of a separator. It returns -1 if there is none.
func indexSpecial(text []byte) int {
	at := 0
	for at+32 <= len(text) {
		// Most text is plain, which 32 bytes at a time find out.
		in := text[at : at+32 : at+32]
		a, b := binary.LittleEndian.Uint64(in), binary.LittleEndian.Uint64(in[8:])
		c, d := binary.LittleEndian.Uint64(in[16:]), binary.LittleEndian.Uint64(in[24:])
		if (unplain(a)|unplain(b)|unplain(c)|unplain(d))&highs == 0 {
			at += 32
			continue
		}
		for end := at + 32; at < end; at += 8 {
			if i := indexInWord(text, at); i >= 0 {
				return i
			}
		}
	}
	for ; at+8 <= len(text); at += 8 {
		if i := indexInWord(text, at); i >= 0 {
			return i
		}
	}
	for ; at < len(text); at++ {
		if c := text[at]; c == '\\' || c == '\'' || c < ' ' || isSeparator(text[at:]) {
			return at
		}
	}
	return -1
}

// indexInWord is indexSpecial for the eight bytes at an index.
func indexInWord(text []byte, at int) int {
	word := binary.LittleEndian.Uint64(text[at:])
	special := zeros(word^'\\'*lows) | zeros(word^'\''*lows) | zeros(word^0xe2*lows) | controls(word)
	for ; special != 0; special &= special - 1 {
		// Above the first of a kind a byte may be none of it.
		i := at + bits.TrailingZeros64(special)/8
		if c := text[i]; c == '\\' || c == '\'' || c < ' ' || isSeparator(text[i:]) {
			return i
		}
	}
	return -1
}

// unplain has a high bit unless all of word is ASCII and none of it has to be escaped.
func unplain(word uint64) uint64 {
	return word | ((word ^ '\\'*lows) - lows) | ((word ^ '\''*lows) - lows) | (word - ' '*lows)
}

// CutEscaped returns the largest place up to most, which is 8 at least, where escaped text can be cut: not inside an escape sequence
// and, if it is valid UTF-8, not inside a character. It is never 0.
func CutEscaped(text []byte, most int) int {
	n := most
	for n > most-utf8.UTFMax && !utf8.RuneStart(text[n]) {
		n--
	}
	if n = beforeEscape(text, n); n == 0 {
		n = beforeEscape(text, most) // It is not valid UTF-8.
	}
	return n
}

// beforeEscape returns n or, if it is inside an escape sequence, where that begins.
func beforeEscape(text []byte, n int) int {
	// The longest escape sequence is that of a control character: six bytes.
	for back := 1; back < len(`\u000a`) && back <= n; back++ {
		at := n - back
		if text[at] != '\\' {
			continue
		}
		slashes := 1
		for slashes <= at && text[at-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 1 && (back == 1 || text[at+1] == 'u') {
			return at
		}
	}
	return n
}

// errNotJSON is for a page that sends what its runtime does not.
var errNotJSON = errors.New("it is not valid JSON")

// Normalize returns JSON that a page has sent as Go would write it: in valid UTF-8 and, if it has any control characters,
// which JSON knows as white space, without white space. It returns an error for what can't be JSON. Whether the rest is
// JSON is for the decoder to find out.
func Normalize(text []byte) ([]byte, error) {
	if !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte("\ufffd"))
	}
	if !hasControl(text) {
		return text, nil
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil || hasControl(compact.Bytes()) {
		return nil, errNotJSON
	}
	return compact.Bytes(), nil
}

// hasControl reports whether text has control characters.
func hasControl(text []byte) bool {
	for ; len(text) >= 8; text = text[8:] {
		if controls(binary.LittleEndian.Uint64(text)) != 0 {
			return true
		}
	}
	for _, c := range text {
		if c < ' ' {
			return true
		}
	}
	return false
}

// NormalizeJSON returns JSON that a page has sent, checked and normal.
func NormalizeJSON(text []byte) ([]byte, error) {
	text, err := Normalize(text)
	if err == nil && !json.Valid(text) {
		err = errNotJSON
	}
	return text, err
}

// Escaped returns text as AppendEscaped would append it: text itself if nothing has to be escaped.
func Escaped(text []byte) []byte {
	if indexSpecial(text) < 0 {
		return text
	}
	return AppendEscaped(make([]byte, 0, len(text)+len(text)/8), text)
}
