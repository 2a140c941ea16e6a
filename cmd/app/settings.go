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

// A Theme is how the windows look.
type Theme string

// The themes. ThemeSystem follows the desktop.
const (
	ThemeSystem Theme = "system"
	ThemeLight  Theme = "light"
	ThemeDark   Theme = "dark"
)

// Settings are what the user has decided. Go keeps them; the windows show them and ask for changes.
type Settings struct {
	Theme Theme `json:"theme"`
	// Group is how many digits of a digest stand together: 0 (all), 4, 8 or 16.
	Group     int  `json:"group"`
	Uppercase bool `json:"uppercase"`
	// Reports is how often a second progress is told, 1 to 60.
	Reports int `json:"reports"`
	// KeepHistory has the app remember which files were hashed.
	KeepHistory bool `json:"keepHistory"`
}

// defaultSettings report progress as often as a screen shows it.
var defaultSettings = Settings{Theme: ThemeSystem, Group: 8, Reports: maxReports, KeepHistory: true}

// maxReports is the frames a second that a screen shows; more reports would be for nobody.
const maxReports = 60

// Invalid tells the page which setting was refused.
type Invalid struct {
	Field string `json:"field"`
}

// check returns an error that tells a person what is wrong with the settings.
func (s Settings) check() error {
	switch {
	case !slices.Contains([]Theme{ThemeSystem, ThemeLight, ThemeDark}, s.Theme):
		return invalid("theme", "the theme can be system, light or dark, not %.32q", s.Theme)
	case !slices.Contains([]int{0, 4, 8, 16}, s.Group):
		return invalid("group", "digits stand together in groups of 4, 8 or 16, or 0 for all, not %d", s.Group)
	case s.Reports < 1 || s.Reports > maxReports:
		return invalid("reports", "progress can be told 1 to %d times a second, not %d", maxReports, s.Reports)
	}
	return nil
}

func invalid(field, format string, args ...any) error {
	return ipc.NewError(fmt.Errorf(format, args...), Invalid{Field: field})
}

// pace is the time between two reports of progress.
func (s Settings) pace() time.Duration { return time.Second / time.Duration(s.Reports) }

// SettingsChange are the arguments of save_settings: what is nil stays. So two windows that change
// different settings at the same time don't undo each other's.
type SettingsChange struct {
	Theme       *Theme `json:"theme"`
	Group       *int   `json:"group"`
	Uppercase   *bool  `json:"uppercase"`
	Reports     *int   `json:"reports"`
	KeepHistory *bool  `json:"keepHistory"`
}

// on returns the settings with the change made.
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

// preferences are the settings in force and the file that keeps them. What is in force is in the file.
type preferences struct {
	file    file[Settings]
	problem string // with the file, as the app started

	changing sync.Mutex // has changes, and the events that tell of them, come one after the other
	inForce  atomic.Pointer[Settings]
}

// openPreferences reads the file. With an error, which a person should see, the defaults are in force.
func openPreferences(path string) (*preferences, error) {
	p := &preferences{file: file[Settings](path)}
	s, err := p.file.load(defaultSettings, Settings.check)
	if err != nil {
		p.problem = err.Error()
	}
	p.inForce.Store(&s)
	return p, err
}

// now returns the settings in force.
func (p *preferences) now() Settings { return *p.inForce.Load() }

// change makes a change if it is valid and can be kept, and calls tell before the next one.
func (p *preferences) change(c SettingsChange, tell func(from, to Settings)) (Settings, error) {
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
		return from, fmt.Errorf("the settings can't be saved: %w", err)
	}
	p.inForce.Store(&to)
	tell(from, to)
	return to, nil
}

// LoadedSettings is what load_settings returns.
type LoadedSettings struct {
	Settings Settings `json:"settings"`
	// File is where they are kept, empty if they aren't.
	File string `json:"file"`
	// Problem says what was wrong with the file when the app started; empty if nothing was.
	Problem string `json:"problem"`
}

func (h *hasher) loadSettings(context.Context, struct{}) (LoadedSettings, error) {
	p := h.preferences
	return LoadedSettings{Settings: p.now(), File: string(p.file), Problem: p.problem}, nil
}

func (h *hasher) saveSettings(_ context.Context, c SettingsChange) (Settings, error) {
	return h.preferences.change(c, func(from, to Settings) {
		h.told(settingsUpdate.Emit(h.app, to, events.Retain()))
		if to.Theme != from.Theme {
			h.told(themeChanged.Emit(h.app, to.Theme, events.Retain()))
		}
		if !to.KeepHistory {
			h.told(h.recents.clear(h.tellRecents))
		}
	})
}
