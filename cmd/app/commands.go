package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"

	"casement/channels"
	"casement/events"
	"casement/ipc"
	"casement/shell"
)

// A hasher is the state behind the pages.
type hasher struct {
	app         *shell.App
	log         *slog.Logger
	file        string // from the command line
	preferences *preferences
	recents     *recents
	hashing     atomic.Int32 // files at this moment

	mu    sync.Mutex
	drops []channels.Channel[[]string]
}

// register registers the app's commands and listeners, and emits the retained events that a new
// window needs.
func (h *hasher) register() error {
	commands := h.app.Commands()
	ipc.Handle(commands, "startup", h.startup, ipc.Inline())
	ipc.Handle(commands, "pick_file", h.pickFile)
	ipc.Handle(commands, "watch_drops", h.watchDrops)
	ipc.Handle(commands, "hash_file", h.hashFile)
	ipc.Handle(commands, "open_settings", h.openSettings)
	ipc.Handle(commands, "load_settings", h.loadSettings)
	ipc.Handle(commands, "save_settings", h.saveSettings)
	ipc.Handle(commands, "open_recent", h.openRecent)
	ipc.Handle(commands, "clear_recent", h.clearRecent)
	ipc.Handle(commands, "open_process", h.openProcess)
	ipc.Handle(commands, "run_process", runProcess)
	ipc.Handle(commands, "open_picture", h.openPicture)
	ipc.Handle(commands, "draw_picture", drawPicture)

	settings := h.preferences.now()
	if err := settingsUpdate.Emit(h.app, settings, events.Retain()); err != nil {
		return err
	}
	if err := themeChanged.Emit(h.app, settings.Theme, events.Retain()); err != nil {
		return err
	}
	if _, err := ready.Listen(h.app, h.pageReady); err != nil {
		return err
	}
	if _, err := shell.FilesOpened.Listen(h.app, h.filesOpened); err != nil {
		return err
	}
	_, err := shell.WindowDestroyed.Listen(h.app, func(_ events.Event, gone shell.WindowInfo) {
		// The other windows belong to the main window and are of no use without it.
		if gone.Label == mainLabel {
			h.app.Quit()
		}
	})
	return err
}

// pageReady sends the settings window's page its own events.
func (h *hasher) pageReady(e events.Event, _ struct{}) {
	if e.Source == settingsLabel {
		h.sendRecents(h.recents.list())
	}
}

// filesOpened makes the main window hash the file that the user opened, now or as soon as its page
// listens.
func (h *hasher) filesOpened(_ events.Event, opened shell.Files) {
	if len(opened.Paths) > 0 {
		h.logError(openFile.EmitTo(h.app, mainLabel, opened.Paths[0], events.Retain()))
	}
}

// logError logs the error of an emit: a window that is far behind misses an event.
func (h *hasher) logError(err error) {
	if err != nil {
		h.log.Warn("an event was not delivered or a file was not saved", "error", err)
	}
}

// Startup is the result of startup, which the page calls when it starts.
type Startup struct {
	// Path is the file on the command line, nil if there is none.
	Path *string `json:"path"`
}

func (h *hasher) startup(context.Context, struct{}) (Startup, error) {
	if h.file == "" {
		return Startup{}, nil
	}
	path, err := filepath.Abs(h.file)
	return Startup{Path: &path}, err
}

// pickFile asks the user for a file and returns its path, nil if the user cancels.
func (h *hasher) pickFile(ctx context.Context, _ struct{}) (*string, error) {
	path, err := h.app.WindowFrom(ctx).PickFile(ctx, "Choose a file to hash")
	if err != nil || path == "" {
		return nil, err
	}
	return &path, nil
}

// WatchDrops are the arguments of watch_drops.
type WatchDrops struct {
	// OnDrop receives the paths of files that the user drops on the window, for as long as it is
	// open.
	OnDrop channels.Channel[[]string] `json:"onDrop"`
}

func (h *hasher) watchDrops(_ context.Context, a WatchDrops) (struct{}, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drops = append(h.drops, a.OnDrop)
	return struct{}{}, nil
}

// dropped sends the paths to the pages that watch. It forgets pages that are gone or far behind.
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
