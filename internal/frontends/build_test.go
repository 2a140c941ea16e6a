//go:build frontends

package frontends_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// out is where everything is built. It is kept for the next run.
const out = "../../build/out/frontends"

// install copies a folder of testdata to out and installs the packages of its package.json, unless an earlier run did so
// with the same sources. It returns the copy. If node is not empty, it is a folder that install returned for node, whose
// programs are found before the system's.
func install(t *testing.T, node, folder string) string {
	t.Helper()
	dir, _ := prepare(t, node, folder)
	finish(t, dir, folder)
	return dir
}

// build does what install does, and runs the folder's build for production in the copy.
func build(t *testing.T, node, folder string) string {
	t.Helper()
	dir, fresh := prepare(t, node, folder)
	if fresh {
		run(t, node, dir, "npm", "run", "build")
		finish(t, dir, folder)
	}
	return dir
}

// prepare does what install does. It reports whether the copy is new: it is until finish is called.
func prepare(t *testing.T, node, folder string) (dir string, fresh bool) {
	t.Helper()
	root, err := filepath.Abs(out)
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(root, folder)
	if built, err := os.ReadFile(stamp(dir)); err == nil && string(built) == sum(t, folder) {
		return dir, false
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	// A module of its own keeps ./... out of node_modules.
	if err := os.WriteFile(filepath.Join(root, "go.mod"), []byte("module frontends\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(stamp(dir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.Name() == "node_modules" {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", folder))); err != nil {
		t.Fatal(err)
	}
	// The tools work without the install scripts of their packages.
	run(t, node, dir, "npm", "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error")
	return dir, true
}

// finish records the sources that the copy was made from.
func finish(t *testing.T, dir, folder string) {
	t.Helper()
	if err := os.WriteFile(stamp(dir), []byte(sum(t, folder)), 0o644); err != nil {
		t.Fatal(err)
	}
}

func stamp(dir string) string { return dir + ".built" }

// sum identifies the sources in a folder of testdata.
func sum(t *testing.T, folder string) string {
	t.Helper()
	sources := os.DirFS(filepath.Join("testdata", folder))
	all := sha256.New()
	err := fs.WalkDir(sources, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(sources, name)
		fmt.Fprintf(all, "%q %d\n", name, len(data))
		_, _ = all.Write(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(all.Sum(nil))
}

func run(t *testing.T, node, dir string, command ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CI=true", "NEXT_TELEMETRY_DISABLED=1", "ASTRO_TELEMETRY_DISABLED=1",
		"NUXT_TELEMETRY_DISABLED=1", "NG_CLI_ANALYTICS=false")
	if node != "" {
		cmd.Env = append(cmd.Env, "PATH="+filepath.Join(node, "node_modules", ".bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	}
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v in %s: %v\n%s", command, dir, err, said)
	}
}
