package names_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"casement/internal/names"
)

// FuzzLabel checks that every label that Label accepts consists of the characters that it
// documents.
func FuzzLabel(f *testing.F) {
	for _, s := range []string{"main", "a-b/c:d_e", "", "é", "日本", "a b", "a\n", "\x00", "a.b", "😀", "\xff", "½", strings.Repeat("x", 257)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if err := names.Label(s); err != nil {
			if len(err.Error()) > 500 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		if s == "" || !utf8.ValidString(s) || utf8.RuneCountInString(s) > 256 || strings.ContainsAny(s, " \t\r\n\x00\"'\\<>&.") {
			t.Errorf("the label %q is accepted", s)
		}
	})
}
