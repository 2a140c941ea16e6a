package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"casement/events"
)

// maxRecents is the number of files in the history. The settings window shows half of them at once.
const maxRecents = 16

// A Recent is a file that was hashed.
type Recent struct {
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	// At is the time, in milliseconds since 1970.
	At int64 `json:"at"`
}

// recents are the most recently hashed files, the newest first, each once.
type recents struct {
	file file[[]Recent]

	changing sync.Mutex // serializes changes and their events
	mu       sync.Mutex
	files    []Recent // never changed in place
}

// openRecents reads the file. It returns an empty history with an error for the user if that fails.
func openRecents(path string) (*recents, error) {
	r := &recents{file: file[[]Recent](path)}
	var err error
	r.files, err = r.file.load([]Recent{}, func([]Recent) error { return nil })
	if len(r.files) > maxRecents {
		r.files = r.files[:maxRecents]
	}
	return r, err
}

func (r *recents) list() []Recent {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.files
}

func (r *recents) set(files []Recent, announce func([]Recent)) {
	r.mu.Lock()
	r.files = files
	r.mu.Unlock()
	announce(files)
}

// add adds a file if keep returns true, and calls announce before the next change.
func (r *recents) add(d Digest, keep func() bool, announce func([]Recent)) error {
	r.changing.Lock()
	defer r.changing.Unlock()
	if !keep() {
		return nil
	}
	files := []Recent{{Path: d.Path, Bytes: d.Bytes, SHA256: d.SHA256, At: time.Now().UnixMilli()}}
	for _, known := range r.list() {
		if known.Path != d.Path && len(files) < maxRecents {
			files = append(files, known)
		}
	}
	r.set(files, announce)
	if err := r.file.save(files); err != nil {
		return fmt.Errorf("the history cannot be saved: %w", err)
	}
	return nil
}

// clear removes all files and calls announce before the next change.
func (r *recents) clear(announce func([]Recent)) error {
	r.changing.Lock()
	defer r.changing.Unlock()
	r.set([]Recent{}, announce)
	if err := r.file.remove(); err != nil {
		return fmt.Errorf("the history cannot be removed: %w", err)
	}
	return nil
}

// sendRecents sends the history to the settings window, which need not be open.
func (h *hasher) sendRecents(files []Recent) {
	h.logError(recentUpdate.EmitTo(h.app, settingsLabel, files))
}

// OpenRecent are the arguments of open_recent.
type OpenRecent struct {
	Path string `json:"path"`
}

// openRecent makes the main window hash a file of the history.
func (h *hasher) openRecent(_ context.Context, a OpenRecent) (struct{}, error) {
	known := slices.ContainsFunc(h.recents.list(), func(r Recent) bool { return r.Path == a.Path })
	main := h.app.Window(mainLabel)
	switch {
	case !known:
		return struct{}{}, errors.New("this file is not in the history")
	case main == nil:
		return struct{}{}, errors.New("the main window is closed")
	case h.hashing.Load() > 0:
		return struct{}{}, errors.New("another file is being hashed; wait until it ends, or cancel it")
	}
	err := openFile.EmitFilter(h.app, a.Path, func(t events.Target) bool { return t.Label == mainLabel })
	if err != nil {
		return struct{}{}, err
	}
	return struct{}{}, main.Focus()
}

func (h *hasher) clearRecent(context.Context, struct{}) (struct{}, error) {
	return struct{}{}, h.recents.clear(h.sendRecents)
}
