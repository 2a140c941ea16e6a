package names_test

import (
	"regexp"
	"strings"
	"testing"

	"casement/internal/names"
)

func TestNames(t *testing.T) {
	for name, want := range map[string]bool{
		"": false, "a": true, "main": true, "a-b/c:d_e": true, "größe": true, "日本": true, "٣": true, "½": true, "7": true,
		"a b": false, "a.b": false, "a|b": false, "a\n": false, "\xff": false, "a\x00": false, "e\u0301": false, "'": false, "\ufffd": false,
		strings.Repeat("é", 256): true, strings.Repeat("a", 257): false,
	} {
		if got := names.Valid(name, names.Marks); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
	if !names.Valid("plugin:fs|read.all", names.CommandMarks) {
		t.Error("a valid command name is refused")
	}
}

// FuzzValid compares Valid with a regular expression for one character.
func FuzzValid(f *testing.F) {
	character := regexp.MustCompile(`^[\p{L}\p{N}\-/:_]$`)
	for _, s := range []string{"", "a", "é-7", "\xff", "a\n", "😀", "Ⅷ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want := s != "" && len([]rune(s)) <= names.Longest
		for _, r := range s {
			want = want && character.MatchString(string(r))
		}
		if got := names.Valid(s, names.Marks); got != want {
			t.Errorf("%q: %v", s, got)
		}
	})
}
