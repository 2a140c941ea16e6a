package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestASecondStartHandsItsFileToTheFirst(t *testing.T) {
	// The path of a Unix socket must be short.
	dir, err := os.MkdirTemp("/tmp", "open")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, "config"))
	one, two := write(t, "one", 10), write(t, "two", 20)
	history := filepath.Join(dir, "config", about.ID, "history.json")
	hashed := func(path string) {
		t.Helper()
		for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
			text, err := os.ReadFile(history)
			if err == nil && strings.Contains(string(text), digestOf(t, path)) {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("%s is not hashed: %v, %s", path, err, text)
			}
		}
	}

	first := program(t, one)
	var stderr bytes.Buffer
	first.Stderr = &stderr
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	hashed(one)
	if out, err := program(t, about.Scheme+"://"+two).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("the second start: %v: %s", err, out)
	}
	hashed(two)
	if err := first.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := first.Wait(); err != nil || stderr.Len() > 0 {
		t.Errorf("the first instance: %v: %s", err, &stderr)
	}
}

func TestAURLNamesAFile(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{
		"":                    "",
		"a b":                 "a b",
		"/x":                  "/x",
		"hasher:///a%20b/c?d": "/a b/c",
		"hasher://host/x":     "hasher://host/x",
		"hasher:x":            "hasher:x",
		"https:///x":          "https:///x",
	} {
		if got := fileOf(arg); got != want {
			t.Errorf("%q is %q, want %q", arg, got, want)
		}
	}
}
