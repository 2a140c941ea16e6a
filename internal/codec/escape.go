package codec

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"
	"unicode/utf8"

	json "github.com/goccy/go-json"
)

// AppendEscaped appends text, escaped for a single-quoted JavaScript string. No text can end that
// string: quotes, backslashes, control characters and all four line terminators are escaped. All
// text in a script that is not a constant goes through it.
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

// isSeparator reports whether text begins with U+2028 or U+2029, which are line terminators.
func isSeparator(text []byte) bool {
	return len(text) >= 3 && text[0] == 0xe2 && text[1] == 0x80 && text[2]&^1 == 0xa8
}

const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080
)

// zeros sets the high bit of each byte of word that is 0. Bytes above such a byte may be set
// wrongly.
func zeros(word uint64) uint64 { return (word - lows) &^ word & highs }

// controls does the same for control characters.
func controls(word uint64) uint64 { return (word - ' '*lows) &^ word & highs }

// indexSpecial returns the index of the first byte that needs escaping: a quote, a backslash, a
// control character or the first byte of a separator. It returns -1 if there is none.
func indexSpecial(text []byte) int {
	at := 0
	for at+32 <= len(text) {
		// Most text is plain, so 32 bytes are checked at a time.
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
		// Bytes above the first match may be wrong matches.
		i := at + bits.TrailingZeros64(special)/8
		if c := text[i]; c == '\\' || c == '\'' || c < ' ' || isSeparator(text[i:]) {
			return i
		}
	}
	return -1
}

// unplain sets a high bit unless all of word is ASCII that needs no escaping.
func unplain(word uint64) uint64 {
	return word | ((word ^ '\\'*lows) - lows) | ((word ^ '\''*lows) - lows) | (word - ' '*lows)
}

// CutEscaped returns the largest index up to most where escaped text can be cut: not inside an
// escape sequence and, if the text is valid UTF-8, not inside a character. most is at least 8. The
// index is never 0.
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

// beforeEscape returns n or, if n is inside an escape sequence, the index where that begins.
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

// errNotJSON is the error for a page that does not send what its runtime would send.
var errNotJSON = errors.New("invalid JSON")

// Normalize returns JSON from a page as Go would write it: in valid UTF-8 and, if it contains
// control characters, which JSON allows as white space, without white space. It returns an error if
// text cannot be JSON. Otherwise the decoder validates it.
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

// NormalizeJSON normalizes JSON from a page and validates it.
func NormalizeJSON(text []byte) ([]byte, error) {
	text, err := Normalize(text)
	if err == nil && !json.Valid(text) {
		err = errNotJSON
	}
	return text, err
}

// Escaped returns text as AppendEscaped would append it. It returns text itself if nothing needs
// escaping.
func Escaped(text []byte) []byte {
	if indexSpecial(text) < 0 {
		return text
	}
	return AppendEscaped(make([]byte, 0, len(text)+len(text)/8), text)
}
