package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"testing/fstest"
	"time"

	json "github.com/goccy/go-json"

	"github.com/evanw/esbuild/pkg/api"

	"casement/internal/processes"
	"casement/ipc"
	"casement/shell"
)

// patience is the timeout for steps that take a moment on an idle machine.
const patience = 30 * time.Second

// A rig is an app that shows the page frontend/api/test/window/soak.ts.
type rig struct {
	*shell.App
	*counter
	ctx context.Context
}

// newRig bundles the page's script. top is the top folder of the module.
func newRig(ctx context.Context, top string, portable bool) (*rig, error) {
	result := api.Build(api.BuildOptions{
		EntryPoints: []string{filepath.Join(top, "frontend/api/test/window/soak.ts")},
		Bundle:      true, Format: api.FormatIIFE, GlobalName: "soak", Target: api.ES2022,
	})
	if len(result.Errors) > 0 || len(result.OutputFiles) != 1 {
		return nil, fmt.Errorf("bundling the page: %v", result.Errors)
	}
	r := &rig{counter: newCounter(), ctx: ctx}
	r.App = shell.New(shell.Options{
		ID: "com.example.casement.soak",
		Assets: fstest.MapFS{
			"index.html": {Data: []byte("<!doctype html><title>soak</title><body><script src=/soak.js></script>")},
			"soak.js":    {Data: result.OutputFiles[0].Contents},
		},
		Portable:    portable,
		KeepRunning: true,
		Logger:      slog.Default(),
	})
	r.register(r.Commands())
	return r, nil
}

// open opens a window and returns it with the id of its new web process.
func (r *rig) open(label string) (w *shell.Window, pid int, err error) {
	before := processes.Pages()
	w, err = r.OpenWindow(shell.WindowOptions{Label: label, Title: label, Width: 400, Height: 300})
	if err != nil {
		return nil, 0, err
	}
	if _, err := r.js(w, "while (typeof soak === 'undefined') await new Promise((go) => setTimeout(go, 1))"); err != nil {
		return nil, 0, err
	}
	for _, pid = range processes.Pages() {
		if !slices.Contains(before, pid) {
			return w, pid, nil
		}
	}
	return nil, 0, errors.New("no web process of the window was found")
}

// settle waits until the window has painted and its web process's memory is steady, and returns
// that memory. A page needs about 20 MiB to start, which it has not yet allocated when its script
// begins to run.
func (r *rig) settle(w *shell.Window, pid int) (size int64, err error) {
	if _, err := r.js(w, "for (let n = 0; n < 2; n++) await new Promise(requestAnimationFrame)"); err != nil {
		return 0, err
	}
	const samples, noise = 10, 1 << 20
	same := 0
	return size, r.eventually("a page's memory to settle", func() bool {
		time.Sleep(interval)
		if now := resident(pid); max(now-size, size-now) > noise {
			size, same = now, 0
		}
		same++
		return same == samples
	})
}

// close closes a window and waits until it is closed.
func (r *rig) close(w *shell.Window) error {
	if err := w.Destroy(); err != nil {
		return err
	}
	select {
	case <-w.Done():
		return nil
	case <-time.After(patience):
		return fmt.Errorf("window %q did not close within %v", w.Label(), patience)
	}
}

// js evaluates a script that ipc.Scriptf formats with the arguments.
func (r *rig) js(w *shell.Window, format string, args ...any) (json.RawMessage, error) {
	script, err := ipc.Scriptf(format, args...)
	if err != nil {
		return nil, err
	}
	return w.EvalResult(r.ctx, script)
}

// eventually waits until a condition holds.
func (r *rig) eventually(what string, condition func() bool) error {
	for end := time.Now().Add(patience); !condition(); time.Sleep(time.Millisecond) {
		if r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		if time.Now().After(end) {
			return fmt.Errorf("waited %v for %s", patience, what)
		}
	}
	return nil
}
