// Package names says what names are made of: those of windows, commands and events.
package names

import (
	"fmt"
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

// Label says what is wrong with a window's label, nil if nothing is.
func Label(s string) error {
	if !Valid(s, Marks) {
		return fmt.Errorf("ipc: label %q: want 1 to 256 letters, digits and any of - / : _", Clip(s))
	}
	return nil
}

// Clip shortens text from outside to what fits a log line.
func Clip(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
