package manifest_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"casement/manifest"
)

const whole = `{
	"name": "Hasher", "id": "com.example.hasher", "version": "1.2.3-rc.1", "summary": "Hash files",
	"description": "Computes it.\n\nAnd shows it.", "publisher": "Ann Example",
	"maintainer": "Ann Example <ann@example.com>", "homepage": "https://example.com", "license": "MIT",
	"scheme": "hasher", "fileTypes": [{ "mime": "application/x-a", "name": "A", "extensions": ["a"] }]
}`

func TestAManifestIsReadAndCompleted(t *testing.T) {
	t.Parallel()
	m, err := manifest.Parse([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	if m.Executable != "hasher" || m.Copyright != "Ann Example" || m.Categories[0] != "Utility" {
		t.Errorf("%+v", m)
	}
	if n := m.Numbers(); n != [3]uint16{1, 2, 3} {
		t.Errorf("numbers %v", n)
	}
}

func TestAWrongFieldIsNamedInOneLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		field string
		value any
		says  string
	}{
		"no name":                {"name", "", "is missing"},
		"a name of blanks":       {"name", "  ", "is missing"},
		"a path":                 {"name", "a/b", `'/'`},
		"a line break":           {"name", "a\nb", "U+000A"},
		"an id of two parts":     {"id", "example.hasher", "com.example.hasher"},
		"an id with a digit":     {"id", "com.1example.hasher", "com.example.hasher"},
		"an id that injects":     {"id", "com.example.hasher\n[x]", "U+000A"},
		"a device in an id":      {"id", "com.example.con", `"con", which is a device's name`},
		"too long an id":         {"id", "com.example." + strings.Repeat("a", 100), "112 characters"},
		"a device":               {"name", "Nul", "a device's name"},
		"a device's file":        {"name", "com1.app", "a device's name"},
		"a space at the end":     {"name", "Hasher ", "ends with a dot or a space"},
		"too long a name":        {"name", strings.Repeat("ä", 51), "102 bytes"},
		"a device's program":     {"executable", "aux", "a device's name"},
		"too long a program":     {"executable", strings.Repeat("a", 101), "101 characters"},
		"a version of two":       {"version", "1.2", "1.2.0"},
		"a version with a v":     {"version", "v1.2.3", "1.2.0"},
		"a leading zero":         {"version", "1.02.3", "1.2.0"},
		"too large a version":    {"version", "1.256.3", "255"},
		"an empty prerelease":    {"version", "1.2.3-", "1.2.0"},
		"a summary's full stop":  {"summary", "Hash files.", "full stop"},
		"a summary's length":     {"summary", strings.Repeat("x", 80), "80 characters"},
		"a number":               {"version", 1.2, "must be a string"},
		"one type, not a list":   {"fileTypes", map[string]any{"mime": "a/b"}, "must be a list"},
		"a type that is a text":  {"fileTypes", []string{"a/b"}, "must be an object"},
		"nobody's address":       {"maintainer", "ann@example.com", "Ann Example <ann"},
		"a homepage of no web":   {"homepage", "javascript:alert(1)", "https://"},
		"a licence's sentence":   {"license", "see LICENSE!", "SPDX"},
		"a scheme with a colon":  {"scheme", "hasher:", "a letter"},
		"a scheme in capitals":   {"scheme", "Hasher", "a letter"},
		"a browser's scheme":     {"scheme", "https", "reserved"},
		"an upper-case program":  {"executable", "Hasher", "a-z"},
		"a lower-case category":  {"categories", []string{"utility"}, "Utility"},
		"a type without a slash": {"fileTypes", []any{map[string]any{"mime": "x", "name": "A"}}, "application/"},
		"a dot before txt": {"fileTypes", []any{
			map[string]any{"mime": "a/b", "name": "A", "extensions": []string{".txt"}},
		}, "txt"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var fields map[string]any
			if err := json.Unmarshal([]byte(whole), &fields); err != nil {
				t.Fatal(err)
			}
			fields[c.field] = c.value
			data, err := json.Marshal(fields)
			if err != nil {
				t.Fatal(err)
			}
			_, err = manifest.Parse(data)
			var wrong *manifest.Error
			if !errors.As(err, &wrong) || !strings.HasPrefix(wrong.Field, c.field) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want field %s and text %q", err, c.field, c.says)
			}
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %q", err)
			}
		})
	}
}

func TestAFieldThatDoesNotExistIsAnError(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		strings.Replace(whole, `"name"`, `"nmae"`, 1): `casement.json: unknown field "nmae"`,
		whole + "{}": "casement.json: unexpected data",
		"[]":         "casement.json: ",
		"":           "casement.json: unexpected end",
		"{":          "casement.json: unexpected end",
		"{\n\n]":     "casement.json:3: invalid character",
	} {
		if _, err := manifest.Parse([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.20q: %v, want %q", text, err, want)
		}
	}
}

func TestMustPanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("Must did not panic")
		}
	}()
	manifest.Must(manifest.Parse(nil))
}
