package codec

import "reflect"

// These functions open the package's internals to its tests.

func CheckIntegers(text []byte, amongFloats bool) error { return checkIntegers(text, amongFloats) }

// CheckArguments reports whether text fits the type that args points to.
func CheckArguments(text []byte, args any) error {
	if err := schemaOf(reflect.TypeOf(args).Elem(), false).check(text); err != nil {
		return err
	}
	return nil
}

// Split returns text, escaped, in pieces for scripts of at most this size.
func Split(text []byte, most int) (pieces [][]byte) {
	rest := AppendEscaped(nil, text)
	for len(rest) > most {
		n := CutEscaped(rest, most)
		pieces = append(pieces, rest[:n])
		rest = rest[n:]
	}
	return append(pieces, rest)
}
