package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"casement/manifest"
)

func TestDistSaysInOneLineWhatIsWrong(t *testing.T) {
	t.Parallel()
	about, err := os.ReadFile("../app/" + manifest.File)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	bad := strings.Replace(string(about), `"version": "`, `"version": "v`, 1)
	if err := os.WriteFile(filepath.Join(dir, manifest.File), []byte(bad), 0o666); err != nil {
		t.Fatal(err)
	}
	var out, errs strings.Builder
	if status := run(t.Context(), []string{"dist", "-o", filepath.Join(dir, "out"), dir}, &out, &errs); status != 1 {
		t.Errorf("status %d", status)
	}
	if want := "casement dist: casement.json: version: "; !strings.HasPrefix(errs.String(), want) || strings.Count(errs.String(), "\n") != 1 {
		t.Errorf("stderr: %q, want one line that begins with %q", &errs, want)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 || out.Len() > 0 {
		t.Errorf("%v: files left behind: %v, stdout: %q", err, left, &out)
	}
	errs.Reset()
	if status := run(t.Context(), []string{"dist", "-formats"}, &out, &errs); status != 2 || !strings.Contains(errs.String(), "usage: casement dist") {
		t.Errorf("wrong arguments: %d, %s", status, &errs)
	}
}
