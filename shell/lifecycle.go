package shell

// reserved begins the names of the shell's own events.
const reserved = "casement://"

// The shell's own events, which are named "casement://" and one of these. The first four are for everybody,
// and all others for the window that they happen to.
const (
	// EventCreated: a window has opened; the payload is { label }.
	EventCreated = "window-created"
	// EventDestroyed: a window has closed; the payload is { label }.
	EventDestroyed = "destroyed"
	// EventOpenFile: the user has opened files with the app, by starting it or while it runs; the payload is
	// { paths }, which are absolute. It is retained, so that a page which is not there yet hears it too: any
	// page that listens later, a reloaded one as well, is told of the last.
	EventOpenFile = "open-file"
	// EventOpenURL: likewise for URLs; the payload is { urls }.
	EventOpenURL = "open-url"
	// EventCloseRequested: the user, or Close, wants the window closed, and its page has asked to be asked.
	EventCloseRequested = "close-requested"
	// EventFocus and EventBlur: the window has got or lost the keyboard.
	EventFocus = "focus"
	EventBlur  = "blur"
	// EventResize: the content's size has changed; the payload is { width, height } in logical pixels.
	EventResize = "resize"
	// EventMove: the payload is { x, y } in logical pixels.
	EventMove = "move"
	// EventScaleChange: the window is on a screen of another scale; the payload is { scale }.
	EventScaleChange = "scale-change"
	// EventThemeChanged: the desktop has gone dark or light; the payload is { dark }.
	EventThemeChanged = "theme-changed"
	// EventDragEnter: files are dragged onto the page; the payload is { paths, position: { x, y } }.
	EventDragEnter = "drag-enter"
	// EventDragOver: they are dragged on; the payload is { position: { x, y } }.
	EventDragOver = "drag-over"
	// EventDragLeave: they are gone without being dropped.
	EventDragLeave = "drag-leave"
	// EventDragDrop: files were dropped on the page; the payload is { paths, position: { x, y } }.
	EventDragDrop = "drag-drop"
	// EventPageLoaded: a page of the app's has begun, and hears events from now on.
	EventPageLoaded = "page-loaded"
	// EventPageCrashed: the page's process has ended; the payload is { reason }. The window can Reload.
	EventPageCrashed = "page-crashed"
)

type windowPayload struct {
	Label string `json:"label"`
}

type filesPayload struct {
	Paths []string `json:"paths"`
}

type urlsPayload struct {
	URLs []string `json:"urls"`
}

type sizePayload struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

type positionPayload struct {
	X int `json:"x"`
	Y int `json:"y"`
}

type dropPayload struct {
	Paths    []string        `json:"paths"`
	Position positionPayload `json:"position"`
}

type overPayload struct {
	Position positionPayload `json:"position"`
}

type scalePayload struct {
	Scale float64 `json:"scale"`
}

type themePayload struct {
	Dark bool `json:"dark"`
}

type crashPayload struct {
	Reason string `json:"reason"`
}

// tell announces an event from the UI thread, in the order in which things happen: Go's listeners run
// elsewhere.
func (w *Window) tell(name string, payload any) {
	w.app.tell(func() error { return w.announce(name, payload) })
}

// tellAll announces an event for everybody.
func (a *App) tellAll(name string, payload any) {
	a.tell(func() error { return a.bus.Announce("", reserved+name, payload, false) })
}

// maxAnnouncements bounds the announcements that wait for Go's listeners. A window that is dragged about makes some 100
// events a second, so this is a listener that has hung for ten minutes.
const maxAnnouncements = 1 << 16

// tell queues an announcement.
func (a *App) tell(announce func() error) {
	err := a.announcements.Add(func() {
		if err := announce(); err != nil {
			a.log.Warn("a window's event is lost", "error", err)
		}
	})
	if err != nil && a.ctx.Err() == nil {
		a.gate.Warn(a.log, "a window's event is lost: Go's listeners do not keep up", "error", err)
	}
}
