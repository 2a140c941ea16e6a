package shell

import (
	"casement/events"
	"casement/ipc"
)

// Emit emits an event for everybody: the app's listeners, and those of all windows, in Go and in their
// pages. The payload is marshalled to JSON, once. Emit does not wait: where a page does not drain and its
// backlog is full, it returns an error that wraps ipc.ErrBacklog, and everybody else hears it all the same.
func (a *App) Emit(name string, payload any, options ...events.Option) error {
	return a.events.Emit(name, payload, options...)
}

// EmitTo emits an event for the window with this label, which need not be open.
func (a *App) EmitTo(label ipc.Label, name string, payload any, options ...events.Option) error {
	return a.events.EmitTo(label, name, payload, options...)
}

// EmitFilter emits an event for the targets that accept returns true for.
func (a *App) EmitFilter(name string, payload any, accept func(events.Target) bool) error {
	return a.events.EmitFilter(name, payload, accept)
}

// Listen calls handle with each event of this name that is for the app, until Unlisten. Handle runs on the
// goroutines that emit, in the order of registration, and may emit, listen and unlisten.
func (a *App) Listen(name string, handle func(events.Event)) (events.ID, error) {
	return a.events.Listen(name, handle)
}

// Once is Listen for one event only.
func (a *App) Once(name string, handle func(events.Event)) (events.ID, error) {
	return a.events.Once(name, handle)
}

// ListenAny is Listen for events that are for anybody.
func (a *App) ListenAny(name string, handle func(events.Event)) (events.ID, error) {
	return a.events.ListenAny(name, handle)
}

// Unlisten ends a listener of the app or of a window. It reports whether there was one.
func (a *App) Unlisten(id events.ID) bool { return a.events.Unlisten(id) }

// Emit emits an event for everybody, as the app does.
func (w *Window) Emit(name string, payload any, options ...events.Option) error {
	if _, err := w.wire(); err != nil {
		return err
	}
	return w.app.Emit(name, payload, options...)
}

// EmitTo emits an event for the window with this label, as the app does.
func (w *Window) EmitTo(label ipc.Label, name string, payload any, options ...events.Option) error {
	if _, err := w.wire(); err != nil {
		return err
	}
	return w.app.EmitTo(label, name, payload, options...)
}

// EmitFilter emits an event for the targets that accept returns true for, as the app does.
func (w *Window) EmitFilter(name string, payload any, accept func(events.Target) bool) error {
	if _, err := w.wire(); err != nil {
		return err
	}
	return w.app.EmitFilter(name, payload, accept)
}

// Listen calls handle with each event of this name that is for the window, until Unlisten or until the
// window closes.
func (w *Window) Listen(name string, handle func(events.Event)) (events.ID, error) {
	return w.listen(w.app.events.ListenWindow, name, handle)
}

// Once is Listen for one event only.
func (w *Window) Once(name string, handle func(events.Event)) (events.ID, error) {
	return w.listen(w.app.events.OnceWindow, name, handle)
}

// listen begins to listen unless the window is closed: its label may be another window's by now.
func (w *Window) listen(
	on func(ipc.Label, string, func(events.Event)) (events.ID, error), name string, handle func(events.Event),
) (events.ID, error) {
	if _, err := w.wire(); err != nil {
		return 0, err
	}
	id, err := on(w.label, name, handle)
	if _, gone := w.wire(); gone != nil {
		w.Unlisten(id)
		return 0, gone
	}
	return id, err
}

// Unlisten ends a listener of the window or of the app. It reports whether there was one.
func (w *Window) Unlisten(id events.ID) bool { return w.app.Unlisten(id) }

var (
	_ events.Emitter  = (*App)(nil)
	_ events.Emitter  = (*Window)(nil)
	_ events.Listener = (*App)(nil)
	_ events.Listener = (*Window)(nil)
)
