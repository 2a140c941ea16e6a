package generate

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// camelCase returns the TypeScript name for the name of a command or an event: "hash_file",
// "hash-file" and "hash/file" all become hashFile. It returns "" for a name without letters and
// digits.
func camelCase(name string) string {
	var b strings.Builder
	between := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }
	for word := range strings.FieldsFuncSeq(name, between) {
		if b.Len() == 0 {
			b.WriteString(lowerFirst(word))
		} else {
			b.WriteString(upperFirst(word))
		}
	}
	return b.String()
}

// lowerFirst returns word with its first letter, or an initial abbreviation such as in URLOf, in
// lower case.
func lowerFirst(word string) string {
	runes := []rune(word)
	for i, r := range runes {
		if !unicode.IsUpper(r) || (i > 0 && i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			break
		}
		runes[i] = unicode.ToLower(r)
	}
	return string(runes)
}

func upperFirst(word string) string {
	if word == "" {
		return ""
	}
	r, size := utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(r)) + word[size:]
}

// typeName returns the name of a Go type with an initial capital.
func typeName(name string) string {
	name = strings.TrimLeft(name, "_")
	name = upperFirst(name)
	if name == "" || unicode.IsDigit([]rune(name)[0]) {
		return "T" + name
	}
	return name
}

var plainKey = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$]*$`)

// key returns a name as the key of an object literal.
func key(name string) string {
	if plainKey.MatchString(name) {
		return name
	}
	return quote(name)
}

// quote returns s as a TypeScript string literal.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, r := range s {
		switch {
		case r == '\'' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < ' ' || r == 0x7f || !unicode.IsPrint(r) && r <= 0xffff:
			b.WriteString(`\u` + hex4(r))
		case !unicode.IsPrint(r):
			b.WriteString(`\u{` + strconv.FormatInt(int64(r), 16) + "}")
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('\'')
	return b.String()
}

func hex4(r rune) string {
	digits := strconv.FormatInt(int64(r), 16)
	return strings.Repeat("0", 4-len(digits)) + digits
}

// taken contains the names that a generated type cannot have: the file uses them otherwise, or they
// would hide a name of the language or the browser where they are imported.
var taken = func() map[string]bool {
	names := map[string]bool{}
	for name := range strings.FieldsSeq(`
		Channel InvokeOptions Lenient Sink

		AggregateError Array ArrayBuffer ArrayBufferView Atomics BigInt BigInt64Array BigUint64Array Boolean DataView Date Error
		EvalError Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array Intl Iterator JSON Map Math NaN
		Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set SharedArrayBuffer String Symbol SyntaxError
		TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet

		Awaited Capitalize Exclude Extract InstanceType Lowercase NoInfer NonNullable Omit Parameters Partial Pick PromiseLike
		Readonly Record Required ReturnType ThisType Uppercase

		AbortController AbortSignal Animation Attr Audio Blob Body BroadcastChannel Cache CloseEvent Comment Crypto CustomEvent
		DOMException Document DragEvent Element ErrorEvent Event EventSource EventTarget File FileList FileReader FormData
		HTMLElement Headers History Image ImageData InputEvent KeyboardEvent Location MessageChannel MessageEvent MessagePort
		MouseEvent Navigator Node NodeList Notification Option Performance PointerEvent Range ReadableStream Request Response
		Screen Selection Storage StorageEvent Text TextDecoder TextEncoder TransformStream UIEvent URL URLSearchParams WebSocket
		Window Worker WritableStream XMLHttpRequest`) {
		names[name] = true
	}
	return names
}()
