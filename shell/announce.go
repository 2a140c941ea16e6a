package shell

import "casement/events"

// tell queues an event for a window's mailbox. Events keep the order in which things happen on the
// UI thread; Go's listeners run on other goroutines.
func tell[T any](w *Window, event events.Type[T], payload T) {
	w.app.queue(func() error { return w.app.bus.Announce(w.label, event.Name(), payload, false) })
}

// tellAll queues an event for all mailboxes.
func tellAll[T any](a *App, event events.Type[T], payload T, retain bool) {
	a.queue(func() error { return a.bus.Announce("", event.Name(), payload, retain) })
}

// maxAnnouncements bounds the queue of announcements for Go's listeners. A window that the user
// drags causes about 100 events a second, so a full queue means that a listener has hung for ten
// minutes.
const maxAnnouncements = 1 << 16

// queue adds an announcement to the queue. It drops and logs one that does not fit.
func (a *App) queue(announce func() error) {
	err := a.announcements.Add(func() {
		if err := announce(); err != nil {
			a.log.Warn("a window's event cannot be emitted", "error", err)
		}
	})
	if err != nil && a.ctx.Err() == nil {
		a.gate.Warn(a.log, "a window's event is dropped: Go's listeners do not keep up", "error", err)
	}
}
