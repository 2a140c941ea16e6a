package shell

import "casement/events"

// The shell's own events. Apps and pages listen for them and cannot emit them. WindowCreated,
// WindowDestroyed, FilesOpened and URLsOpened reach every mailbox; the others reach the mailbox of
// the window concerned:
//
//	shell.FilesOpened.Listen(app, func(_ events.Event, f shell.Files) { … })
//	shell.Resized.Listen(window, func(_ events.Event, s shell.Size) { … })
//
// make generate writes their TypeScript types from this file.
var (
	// WindowCreated is emitted when a window has opened.
	WindowCreated = events.Define[WindowInfo]("casement://window-created")
	// WindowDestroyed is emitted when a window has closed.
	WindowDestroyed = events.Define[WindowInfo]("casement://destroyed")
	// FilesOpened is emitted when the user opens files with the app, at its start or while it runs.
	// It is retained: a later listener, such as a reloaded page, receives the last one.
	FilesOpened = events.Define[Files]("casement://open-file")
	// URLsOpened is emitted when the user opens URLs with the app. It is retained, as FilesOpened
	// is.
	URLsOpened = events.Define[URLs]("casement://open-url")

	// CloseRequested is emitted when the user or Close requests that the window close, and its page
	// has called onCloseRequested.
	CloseRequested = events.Define[CloseRequest]("casement://close-requested")
	// Focused is emitted when the window gets the keyboard.
	Focused = events.Define[struct{}]("casement://focus")
	// Blurred is emitted when the window loses the keyboard.
	Blurred = events.Define[struct{}]("casement://blur")
	// Resized is emitted when the size of the window's content has changed.
	Resized = events.Define[Size]("casement://resize")
	// Moved is emitted when the window has moved.
	Moved = events.Define[Position]("casement://move")
	// ScaleChanged is emitted when the window moves to a screen with another scale.
	ScaleChanged = events.Define[Scale]("casement://scale-change")
	// ThemeChanged is emitted when the desktop turns dark or light.
	ThemeChanged = events.Define[Theme]("casement://theme-changed")
	// DragEntered is emitted when the user drags files onto the page.
	DragEntered = events.Define[Drag]("casement://drag-enter")
	// DraggedOver is emitted when the user moves the dragged files over the page.
	DraggedOver = events.Define[DragPosition]("casement://drag-over")
	// DragLeft is emitted when the user drags the files off the page.
	DragLeft = events.Define[struct{}]("casement://drag-leave")
	// Dropped is emitted when the user drops files on the page.
	Dropped = events.Define[Drag]("casement://drag-drop")
	// PageLoaded is emitted when one of the app's pages has started. It receives events from now
	// on.
	PageLoaded = events.Define[struct{}]("casement://page-loaded")
	// PageCrashed is emitted when the page's process has ended unexpectedly. Call Reload to
	// recover.
	PageCrashed = events.Define[Crash]("casement://page-crashed")
)

// WindowInfo identifies the window that an event is about.
type WindowInfo struct {
	Label string `json:"label"`
}

// Files are the files that the user opens.
type Files struct {
	// Paths are absolute.
	//
	//casement:ts string[]
	Paths []string `json:"paths"`
}

// URLs are the URLs that the user opens.
type URLs struct {
	//casement:ts string[]
	URLs []string `json:"urls"`
}

// A CloseRequest asks the page whether its window may close.
type CloseRequest struct {
	// ID identifies the request in the page's answer.
	ID uint64 `json:"id"`
}

// A Size is the size of a window's content, in logical pixels.
type Size struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// A Position is a point in logical pixels: of a window on the desktop, or within a page.
type Position struct {
	X int `json:"x"`
	Y int `json:"y"`
}

// A Scale is the width of a logical pixel in physical pixels.
type Scale struct {
	Scale float64 `json:"scale"`
}

// A Theme says whether the desktop is dark.
type Theme struct {
	Dark bool `json:"dark"`
}

// A Drag holds the files that the user drags or drops, and the position in the page.
type Drag struct {
	// Paths are absolute.
	//
	//casement:ts string[]
	Paths    []string `json:"paths"`
	Position Position `json:"position"`
}

// A DragPosition is the position in the page of files that the user drags.
type DragPosition struct {
	Position Position `json:"position"`
}

// A Crash gives the reason why a page's process ended.
type Crash struct {
	// Reason is "crashed", "exceeded its memory limit" or "was terminated".
	Reason string `json:"reason"`
}
