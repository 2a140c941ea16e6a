package shell

import "casement/events"

// tell announces an event for a window's mailbox, in the order in which things happen on the UI thread: Go's listeners
// run elsewhere.
func tell[T any](w *Window, event events.Type[T], payload T) {
	w.app.queue(func() error { return w.app.bus.Announce(w.label, event.Name(), payload, false) })
}

// tellAll announces an event for everybody.
func tellAll[T any](a *App, event events.Type[T], payload T, retain bool) {
	a.queue(func() error { return a.bus.Announce("", event.Name(), payload, retain) })
}

// maxAnnouncements bounds the announcements that wait for Go's listeners. A window that is dragged about makes some 100
// events a second, so this is a listener that has hung for ten minutes.
const maxAnnouncements = 1 << 16

// queue queues an announcement.
func (a *App) queue(announce func() error) {
	err := a.announcements.Add(func() {
		if err := announce(); err != nil {
			a.log.Warn("a window's event is lost", "error", err)
		}
	})
	if err != nil && a.ctx.Err() == nil {
		a.gate.Warn(a.log, "a window's event is lost: Go's listeners do not keep up", "error", err)
	}
}
