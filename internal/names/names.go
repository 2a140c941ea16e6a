// Package names validates the names of windows, commands, events and applications.
package names

import (
	"fmt"
	"strings"
	"unicode"
)

// Longest is the maximum length of a name in characters.
const Longest = 256

// The marks that names may have beside letters and digits.
const (
	Marks        = "-/:_"
	CommandMarks = Marks + ".|"
)

// Valid reports whether s consists of 1 to Longest letters, digits and marks. It doesn't use a
// regular expression: one that repeats Unicode's letters 256 times takes 10 MB and 10 ms to
// compile.
func Valid(s, marks string) bool {
	n := 0
	for _, r := range s {
		if n++; n > Longest || !unicode.IsLetter(r) && !unicode.IsNumber(r) && !strings.ContainsRune(marks, r) {
			return false
		}
	}
	return n > 0
}

// Label validates the label of a window.
func Label(s string) error {
	if !Valid(s, Marks) {
		return fmt.Errorf("ipc: label %q: want 1 to 256 letters, digits and any of - / : _", Clip(s))
	}
	return nil
}

// Clip shortens untrusted text for a log line.
func Clip(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
