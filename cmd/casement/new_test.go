package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNewTakesOptionsOnBothSidesOfTheFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "my-app")
	var out, errs strings.Builder
	if status := run(t.Context(), []string{"new", "-id", "org.example.mine", dir, "-name", "Mine & Yours"}, &out, &errs); status != 0 {
		t.Fatal(status, errs.String())
	}
	if !strings.Contains(out.String(), "make dev") {
		t.Errorf("stdout: %q", &out)
	}
	for name, want := range map[string]string{
		"casement.json":                `"name": "Mine & Yours"`,
		"go.mod":                       "module example.org/mine\n",
		"frontend/index.html":          "<title>Mine &amp; Yours</title>",
		"frontend/src/bindings.gen.ts": "generate -o frontend/src/bindings.gen.ts\n",
		".gitignore":                   "/bin/\n",
		"dist/.gitkeep":                "",
	} {
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s has no %q: %v\n%s", name, want, err, text)
		}
	}
	if status := run(t.Context(), []string{"new", dir}, &out, &errs); status != 1 || !strings.Contains(errs.String(), "is not empty") {
		t.Errorf("a second time: %d, %s", status, &errs)
	}
}
