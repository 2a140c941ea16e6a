package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"casement/events"
	"casement/ipc"
)

// A Theme is the colour theme of the windows.
type Theme string

// The themes. ThemeSystem follows the desktop.
const (
	ThemeSystem Theme = "system"
	ThemeLight  Theme = "light"
	ThemeDark   Theme = "dark"
)

// Settings are the user's settings. Go stores them; the windows show them and send changes.
type Settings struct {
	Theme Theme `json:"theme"`
	// Group is the number of digits in each group of a digest: 0 (no groups), 4, 8 or 16.
	Group     int  `json:"group"`
	Uppercase bool `json:"uppercase"`
	// Reports is the number of progress reports per second, 1 to 60.
	Reports int `json:"reports"`
	// KeepHistory makes the app store a history of hashed files.
	KeepHistory bool `json:"keepHistory"`
}

// defaultSettings report progress once per frame of the screen.
var defaultSettings = Settings{Theme: ThemeSystem, Group: 8, Reports: maxReports, KeepHistory: true}

// maxReports is the frame rate of a screen. More reports would not be visible.
const maxReports = 60

// Invalid names the setting that was rejected.
type Invalid struct {
	Field string `json:"field"`
}

// check returns an error for the user if a setting is invalid.
func (s Settings) check() error {
	switch {
	case !slices.Contains([]Theme{ThemeSystem, ThemeLight, ThemeDark}, s.Theme):
		return invalid("theme", "the theme must be system, light or dark, not %.32q", s.Theme)
	case !slices.Contains([]int{0, 4, 8, 16}, s.Group):
		return invalid("group", "the group size must be 4, 8 or 16, or 0 for no groups, not %d", s.Group)
	case s.Reports < 1 || s.Reports > maxReports:
		return invalid("reports", "progress must be reported 1 to %d times a second, not %d", maxReports, s.Reports)
	}
	return nil
}

func invalid(field, format string, args ...any) error {
	return ipc.NewError(fmt.Errorf(format, args...), Invalid{Field: field})
}

// pace is the time between two progress reports.
func (s Settings) pace() time.Duration { return time.Second / time.Duration(s.Reports) }

// SettingsChange are the arguments of save_settings. A nil field leaves its setting unchanged, so
// that two windows that change different settings at the same time do not undo each other's
// changes.
type SettingsChange struct {
	Theme       *Theme `json:"theme"`
	Group       *int   `json:"group"`
	Uppercase   *bool  `json:"uppercase"`
	Reports     *int   `json:"reports"`
	KeepHistory *bool  `json:"keepHistory"`
}

// on returns s with the change applied.
func (c SettingsChange) on(s Settings) Settings {
	set(&s.Theme, c.Theme)
	set(&s.Group, c.Group)
	set(&s.Uppercase, c.Uppercase)
	set(&s.Reports, c.Reports)
	set(&s.KeepHistory, c.KeepHistory)
	return s
}

func set[T any](field, to *T) {
	if to != nil {
		*field = *to
	}
}

// preferences are the current settings and their file. The file always contains the current
// settings.
type preferences struct {
	file    file[Settings]
	problem string // of the file when the app started

	changing sync.Mutex // serializes changes and their events
	inForce  atomic.Pointer[Settings]
}

// openPreferences reads the file. It returns the defaults with an error for the user if that fails.
func openPreferences(path string) (*preferences, error) {
	p := &preferences{file: file[Settings](path)}
	s, err := p.file.load(defaultSettings, Settings.check)
	if err != nil {
		p.problem = err.Error()
	}
	p.inForce.Store(&s)
	return p, err
}

// now returns the current settings.
func (p *preferences) now() Settings { return *p.inForce.Load() }

// change applies a change if it is valid and can be saved, and calls announce before the next one.
func (p *preferences) change(c SettingsChange, announce func(from, to Settings)) (Settings, error) {
	p.changing.Lock()
	defer p.changing.Unlock()
	from := p.now()
	to := c.on(from)
	if to == from {
		return from, nil
	}
	if err := to.check(); err != nil {
		return from, err
	}
	if err := p.file.save(to); err != nil {
		return from, fmt.Errorf("the settings cannot be saved: %w", err)
	}
	p.inForce.Store(&to)
	announce(from, to)
	return to, nil
}

// LoadedSettings is the result of load_settings.
type LoadedSettings struct {
	Settings Settings `json:"settings"`
	// File is the path of the settings file, empty if there is none.
	File string `json:"file"`
	// Problem is the file's problem when the app started, empty if there was none.
	Problem string `json:"problem"`
}

func (h *hasher) loadSettings(context.Context, struct{}) (LoadedSettings, error) {
	p := h.preferences
	return LoadedSettings{Settings: p.now(), File: string(p.file), Problem: p.problem}, nil
}

func (h *hasher) saveSettings(_ context.Context, c SettingsChange) (Settings, error) {
	return h.preferences.change(c, func(from, to Settings) {
		h.logError(settingsUpdate.Emit(h.app, to, events.Retain()))
		if to.Theme != from.Theme {
			h.logError(themeChanged.Emit(h.app, to.Theme, events.Retain()))
		}
		if !to.KeepHistory {
			h.logError(h.recents.clear(h.sendRecents))
		}
	})
}
