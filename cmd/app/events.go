package main

import "casement/events"

// The events between the app and its windows.
var (
	// settingsUpdate carries the current settings. It is retained, so that a new window receives
	// them at once.
	settingsUpdate = events.Define[Settings]("settings-update")
	// themeChanged carries only the theme. It is retained too.
	themeChanged = events.Define[Theme]("theme-changed")
	// recentUpdate goes to the settings window.
	recentUpdate = events.Define[[]Recent]("recent-update")
	// openFile goes to the main window, which hashes the file at the path.
	openFile = events.Define[string]("open-file")
	// hashStarted and hashDone go to every window.
	hashStarted = events.Define[HashStarted]("hash-started")
	hashDone    = events.Define[HashDone]("hash-done")
	// ready comes from a page that has begun to listen.
	ready = events.Define[struct{}]("ready")
)

// HashStarted is sent when a window begins to hash a file.
type HashStarted struct {
	Path string `json:"path"`
}

// HashDone is sent when hashing has ended, with or without success.
type HashDone struct {
	Path    string  `json:"path"`
	Outcome Outcome `json:"outcome"`
	SHA256  string  `json:"sha256,omitempty"`
	Bytes   int64   `json:"bytes,omitempty"`
	Seconds float64 `json:"seconds,omitempty"`
	Error   string  `json:"error,omitempty"`
}

// An Outcome is the way in which hashing a file ended.
type Outcome string

// The outcomes.
const (
	OutcomeDone      Outcome = "done"
	OutcomeCancelled Outcome = "cancelled"
	OutcomeFailed    Outcome = "failed"
)
