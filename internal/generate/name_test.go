package generate_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"casement/internal/generate"
)

func TestNamesBecomeCamelCase(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"hash_file": "hashFile", "hash-file": "hashFile", "hash/file": "hashFile", "hashFile": "hashFile",
		"HashFile": "hashFile", "URLOf": "urlOf", "URL": "url", "get_URL": "getURL", "plugin:fs|read_file": "pluginFsReadFile",
		"a": "a", "A": "a", "2fa": "2fa", "v2.1": "v21", "größe_ändern": "größeÄndern", "__x__": "x", "___": "",
		"IsA": "isA", "ID_of": "idOf", "delete": "delete", "__proto__": "proto", "ÄB": "äb", "文件_读": "文件读",
	} {
		if got := generate.CamelCase(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestTypesHaveACapital(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Digest": "Digest", "digest": "Digest", "_digest": "Digest", "ähnlich": "Ähnlich", "_": "T", "_1": "T1",
	} {
		if got := generate.TypeName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestComments(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 30)
	for text, want := range map[string]string{
		"":                           "",
		"One line.\n":                "/** One line. */\n",
		"Ends */ here.":              "/** Ends *\\/ here. */\n",
		"Two\nlines.":                "/**\n * Two\n * lines.\n */\n",
		"A.\n\nB.":                   "/**\n * A.\n *\n * B.\n */\n",
		"@see that":                  "/** \\@see that */\n",
		"Deprecated: use B.":         "/** @deprecated use B. */\n",
		"A.\n\nDeprecated: B.\n\nC.": "/**\n * A.\n *\n * C.\n *\n * @deprecated B.\n */\n",
		"Not Deprecated: B.":         "/** Not Deprecated: B. */\n",
		"a\u2028b\r\nc":              "/**\n * a b\n * c\n */\n",
		long:                         "/**\n * " + strings.TrimSpace(long) + "\n */\n",
	} {
		if got := generate.JSDoc(text, ""); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got, want := generate.JSDoc("a\nb", "  "), "  /**\n   * a\n   * b\n   */\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

var identifier = regexp.MustCompile(`^[\p{L}\p{N}]*$`)

// Every command name becomes a single word, and that word stays the same if it is a command's name
// itself.
func FuzzCamelCase(f *testing.F) {
	for _, name := range []string{"hash_file", "A_b", "URLOf", "__proto__", "ǅx", "ﬀi", "İx", "1_a", "a\xff_b", "-"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := generate.CamelCase(name)
		if !utf8.ValidString(name) {
			return // No command has such a name.
		}
		if !identifier.MatchString(got) {
			t.Errorf("%q: %q is not a single word", name, got)
		}
		if again := generate.CamelCase(got); again != got && !strings.ContainsFunc(name, oddCase) {
			t.Errorf("%q: %q, then %q", name, got, again)
		}
	})
}

// oddCase reports whether a letter does not survive a change of case and back.
func oddCase(r rune) bool {
	s := string(r)
	return r > 0x7f && (strings.ToLower(strings.ToUpper(s)) != s || strings.ToUpper(strings.ToLower(s)) != s)
}

// Every comment becomes one comment that keeps each line of its text.
func FuzzJSDoc(f *testing.F) {
	for _, text := range []string{"*/", "**/", "*\n/", "*\\/", "@x", "Deprecated: */", "a\n\n\n@b", "/", "\u2028*/", "*\r/", "\x00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := generate.JSDoc(text, "  ")
		if strings.TrimSpace(text) == "" {
			if got != "" {
				t.Errorf("%q: %q", text, got)
			}
			return
		}
		if !strings.HasPrefix(got, "  /**") || !strings.HasSuffix(got, " */\n") || strings.Count(got, "*/") != 1 {
			t.Errorf("%q: %q is not one comment", text, got)
		}
		if strings.Contains(got, "\n * @") || strings.ContainsAny(got, "\r\u2028\u2029") {
			t.Errorf("%q: %q contains an added line or tag", text, got)
		}
	})
}

// Every string becomes one literal.
func FuzzQuote(f *testing.F) {
	for _, text := range []string{"'", `\`, "\n", "\u2028", "\x00", "é", "\U000e0001", "${x}", "\xff"} {
		f.Add(text)
	}
	literal := regexp.MustCompile(`^'([^'\\\n\r\x{2028}\x{2029}]|\\['\\nrt]|\\u[0-9a-f]{4}|\\u\{[0-9a-f]+\})*'$`)
	f.Fuzz(func(t *testing.T, text string) {
		if got := generate.Quote(text); !literal.MatchString(got) {
			t.Errorf("%q: %s", text, got)
		}
	})
}
