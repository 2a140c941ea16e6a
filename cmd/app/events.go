package main

import "casement/events"

// What the app tells its windows.
var (
	// settingsUpdate has the settings that are in force. It is retained, so that a window that opens later
	// has them at once.
	settingsUpdate = events.Define[Settings]("settings-update")
	// themeChanged has the theme alone. It is retained as well.
	themeChanged = events.Define[Theme]("theme-changed")
	// recentUpdate is for the settings window.
	recentUpdate = events.Define[[]Recent]("recent-update")
	// openFile is for the main window, which hashes the file at the path.
	openFile = events.Define[string]("open-file")
	// hashStarted and hashDone are for everybody.
	hashStarted = events.Define[HashStarted]("hash-started")
	hashDone    = events.Define[HashDone]("hash-done")
	// ready comes from a page that has begun to listen.
	ready = events.Define[struct{}]("ready")
)

// HashStarted says that a window has begun to hash a file.
type HashStarted struct {
	Path string `json:"path"`
}

// HashDone says that it is over, one way or another.
type HashDone struct {
	Path    string  `json:"path"`
	Outcome Outcome `json:"outcome"`
	SHA256  string  `json:"sha256,omitempty"`
	Bytes   int64   `json:"bytes,omitempty"`
	Seconds float64 `json:"seconds,omitempty"`
	Error   string  `json:"error,omitempty"`
}

// An Outcome is how hashing a file has ended.
type Outcome string

// The outcomes.
const (
	OutcomeDone      Outcome = "done"
	OutcomeCancelled Outcome = "cancelled"
	OutcomeFailed    Outcome = "failed"
)
