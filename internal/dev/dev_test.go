//go:build unix

package dev

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A page collects output and may be read while it is written.
type page struct {
	mu   sync.Mutex
	text strings.Builder
}

func (p *page) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(text)
}

func (p *page) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

func TestAProcessEndsWithAllThatItHasStarted(t *testing.T) {
	t.Parallel()
	var out page
	file := filepath.Join(t.TempDir(), "alive")
	p := command(&out, "", "sh", "-c", `(trap '' TERM; while :; do touch "$0"; sleep 0.05; done) & wait`, file)
	if err := p.start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if _, err := os.Stat(file); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the process has not started: ", &out)
		}
	}
	p.end()
	_ = os.Remove(file)
	time.Sleep(200 * time.Millisecond)
	if _, err := os.Stat(file); err == nil {
		t.Error("a child of the process is still running")
	}
}

func TestAServerThatEndsIsAnErrorAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{ "scripts": { "dev": "echo no such thing; exit 3" } }`), 0o666); err != nil {
		t.Fatal(err)
	}
	var out page
	start := time.Now()
	err := Run(t.Context(), Options{Frontend: dir, Out: &out})
	if err == nil || !strings.Contains(err.Error(), "the server has ended") || time.Since(start) > serverPatience/2 {
		t.Errorf("after %v: %v", time.Since(start), err)
	}
	if !strings.Contains(out.String(), "no such thing") {
		t.Errorf("output: %q", &out)
	}
}

func TestABuildEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	if err := command(new(page), "", "sleep", "60").run(ctx); err == nil || errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if time.Since(start) > 5*time.Second {
		t.Error("run took", time.Since(start))
	}
}

func TestWhatWeSayBeginsALine(t *testing.T) {
	t.Parallel()
	var out page
	l := &lines{to: &out}
	for _, text := range []string{"half", " a line", "dev: one\n", "", "dev: two\n", "whole\n"} {
		if _, err := l.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if want := "half a line\ndev: one\ndev: two\nwhole\n"; out.String() != want {
		t.Errorf("%q, want %q", &out, want)
	}
}
