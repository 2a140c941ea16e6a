package main

import (
	"context"
	"path/filepath"
	"sync"

	"casement/channels"
	"casement/shell"
)

// A hasher is the state behind the page.
type hasher struct {
	app  *shell.App
	file string // from the command line

	mu    sync.Mutex
	drops []channels.Channel[[]string]
}

// Startup is what the page asks for as it starts.
type Startup struct {
	// Path is the file that was given on the command line, nil if none was.
	Path *string `json:"path"`
}

func (h *hasher) startup(context.Context, struct{}) (Startup, error) {
	if h.file == "" {
		return Startup{}, nil
	}
	path, err := filepath.Abs(h.file)
	return Startup{Path: &path}, err
}

// pickFile asks the user for a file and returns its path, nil if they cancelled.
func (h *hasher) pickFile(ctx context.Context, _ struct{}) (*string, error) {
	path, err := h.app.WindowFrom(ctx).PickFile(ctx, "Choose a file to hash")
	if err != nil || path == "" {
		return nil, err
	}
	return &path, nil
}

// WatchDrops are the arguments of watch_drops.
type WatchDrops struct {
	// OnDrop takes the paths of the files that are dropped on the window, for as long as it is open.
	OnDrop channels.Channel[[]string] `json:"onDrop"`
}

func (h *hasher) watchDrops(_ context.Context, a WatchDrops) (struct{}, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drops = append(h.drops, a.OnDrop)
	return struct{}{}, nil
}

// dropped tells the pages that watch. One that has gone, or is far behind, is forgotten.
func (h *hasher) dropped(paths []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	kept := h.drops[:0]
	for _, drop := range h.drops {
		if drop.TrySend(paths) == nil {
			kept = append(kept, drop)
		}
	}
	clear(h.drops[len(kept):])
	h.drops = kept
}
