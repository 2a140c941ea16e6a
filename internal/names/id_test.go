package names_test

import (
	"strings"
	"testing"

	"casement/internal/names"
)

func TestIDs(t *testing.T) {
	t.Parallel()
	for id, says := range map[string]string{
		"com.example.hasher": "", "com.Example.my-app2": "", "a.b.c": "", "com.example.a.b.c": "",
		"com.example.console": "", "com.example.com10": "", "com.example.com-1": "",
		"com.example." + strings.Repeat("a", 88): "",
		"com.example." + strings.Repeat("a", 89): "101 characters",

		"": "is missing", "my app": "three parts", "app": "three parts", "com.example": "three parts",
		"com..hasher": "letters, digits and hyphens", ".com.example": "letters, digits", "com.example.": "letters, digits",
		"com.example.my app": "letters, digits", "com.example.größe": "letters, digits", "com.example.1st": "a letter first",
		"com.example.-a": "a letter first", "com.example.a/b": "letters, digits", "com.example.a\n": "letters, digits",
		"com.example.a_b": "letters, digits",
		"com.example.con": `"con", which is a device's name`, "nul.example.app": "a device's name", "com.Aux.app": "a device's name",
		"com.example.COM1": "a device's name", "com.example.lpt9": "a device's name",
	} {
		problem := names.ID(id)
		if (problem == "") != (says == "") || !strings.Contains(problem, says) || strings.Contains(problem, "\n") {
			t.Errorf("%q: problem %q, want %q in it", id, problem, says)
		}
	}
}

func TestDevices(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"con": true, "CON": true, "con.txt": true, "Nul .a.b": true, "com1": true, "COM¹": true, "LPT0": true, "CONIN$": true,
		"": false, "com": false, "lpt": false, "com12": false, "icon": false, "con-1": false, "a.con": false,
	} {
		if got := names.Device(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}
