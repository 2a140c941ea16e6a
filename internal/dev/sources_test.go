package dev

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Sources are the module's own files and those of modules in folders; changes to other files go
// unnoticed.
func TestSourcesAreWhatSomebodyEdits(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("app/go.mod", "module example.com/app\n\ngo 1.26\n\nrequire example.com/lib v0.0.0\n\nreplace example.com/lib => ../lib\n")
	write("app/main.go", "package main\n\nimport (\n\t_ \"embed\"\n\n\t_ \"example.com/app/inner\"\n\t_ \"example.com/lib\"\n)\n\n//go:embed text\nvar text string\n\nfunc main() { println(text) }\n")
	write("app/text", "text")
	write("app/inner/inner.go", "package inner\n")
	write("app/other/other.go", "package other\n")
	write("lib/go.mod", "module example.com/lib\n\ngo 1.26\n")
	write("lib/lib.go", "package lib\n")
	t.Chdir(filepath.Join(dir, "app"))
	s := newSources(".")
	s.find(t.Context())
	if s.changed() {
		t.Error("changed before any edit")
	}
	for _, test := range []struct {
		name string
		want bool
	}{
		{"app/main.go", true},
		{"app/go.mod", true},
		{"app/text", true},
		{"app/inner/inner.go", true},
		{"app/inner/new.go", true},
		{"app/inner/notes.txt", false},
		{"app/other/other.go", false}, // Nothing imports it.
		{"lib/lib.go", true},
		{"lib/go.mod", true},
	} {
		write(test.name, "// "+test.name+"\n")
		if got := s.changed(); got != test.want {
			t.Errorf("%s: changed %v, want %v", test.name, got, test.want)
		}
		if s.changed() {
			t.Errorf("%s: changed a second time without an edit", test.name)
		}
	}
	if err := os.Remove(filepath.Join(dir, "app/inner/new.go")); err != nil {
		t.Fatal(err)
	}
	if !s.changed() {
		t.Error("removing a file: no change")
	}
}

// An edit during a build is not part of that build.
func TestAnEditDuringABuildIsAChange(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "main.go")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/app\n\ngo 1.26\n")
	write("main.go", "package main\n\nfunc main() {}\n")
	t.Chdir(dir)
	s := newSources(".")
	s.find(t.Context())
	if err := os.Chtimes(file, time.Time{}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	s.find(t.Context())
	if !s.changed() {
		t.Error("the edit was not noticed")
	}
	// Source that does not parse is watched too.
	write("main.go", "package")
	s.changed()
	s.find(t.Context())
	write("main.go", "package main\n\nfunc main() { println() }\n")
	if !s.changed() {
		t.Error("the edit that fixes the source was not noticed")
	}
}
