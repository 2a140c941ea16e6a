// Package names says what names are made of: those of windows, commands and events.
package names

import (
	"strings"
	"unicode"
)

// Longest is how many characters a name may have.
const Longest = 256

// The marks that names have beside letters and digits.
const (
	Marks        = "-/:_"
	CommandMarks = Marks + ".|"
)

// Valid reports whether s is made of 1 to Longest letters, digits and marks. It is no regular expression, since one that
// repeats Unicode's letters 256 times takes 10 MB and 10 ms to compile.
func Valid(s, marks string) bool {
	n := 0
	for _, r := range s {
		if n++; n > Longest || !unicode.IsLetter(r) && !unicode.IsNumber(r) && !strings.ContainsRune(marks, r) {
			return false
		}
	}
	return n > 0
}
