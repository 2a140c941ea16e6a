package shell

import (
	"casement/events"
	"casement/ipc"
)

// Emit emits an event to every mailbox: listeners of the app and of all windows, in Go and in
// pages. The payload is marshalled to JSON once. Emit does not wait: if the outbox of a page is
// full, that page misses the event, all others receive it, and Emit returns an error that wraps
// ipc.ErrBacklog.
func (a *App) Emit(name string, payload any, options ...events.Option) error {
	return a.events.Emit(name, payload, options...)
}

// EmitTo emits an event to the window with this label, which need not be open.
func (a *App) EmitTo(label ipc.Label, name string, payload any, options ...events.Option) error {
	return a.events.EmitTo(label, name, payload, options...)
}

func (a *App) EmitFilter(name string, payload any, accept func(events.Target) bool) error {
	return a.events.EmitFilter(name, payload, accept)
}

// Listen calls handle for each event of this name to the app, until Unlisten. handle runs on the
// emitting goroutines, in the order of registration. It may emit, listen and unlisten.
func (a *App) Listen(name string, handle func(events.Event)) (events.ID, error) {
	return a.events.Listen(name, handle)
}

// Once is Listen for one event only.
func (a *App) Once(name string, handle func(events.Event)) (events.ID, error) {
	return a.events.Once(name, handle)
}

// ListenAny is Listen for events to any mailbox.
func (a *App) ListenAny(name string, handle func(events.Event)) (events.ID, error) {
	return a.events.ListenAny(name, handle)
}

// Unlisten removes a listener of the app or of a window. It reports whether the listener existed.
func (a *App) Unlisten(id events.ID) bool { return a.events.Unlisten(id) }

// Emit emits an event to every mailbox, as App.Emit does.
func (w *Window) Emit(name string, payload any, options ...events.Option) error {
	if _, err := w.wire(); err != nil {
		return err
	}
	return w.app.Emit(name, payload, options...)
}

// EmitTo emits an event to the window with this label, as App.EmitTo does.
func (w *Window) EmitTo(label ipc.Label, name string, payload any, options ...events.Option) error {
	if _, err := w.wire(); err != nil {
		return err
	}
	return w.app.EmitTo(label, name, payload, options...)
}

// EmitFilter emits an event to the targets that accept returns true for, as App.EmitFilter does.
func (w *Window) EmitFilter(name string, payload any, accept func(events.Target) bool) error {
	if _, err := w.wire(); err != nil {
		return err
	}
	return w.app.EmitFilter(name, payload, accept)
}

// Listen calls handle for each event of this name to the window, until Unlisten or until the window
// closes.
func (w *Window) Listen(name string, handle func(events.Event)) (events.ID, error) {
	return w.listen(w.app.events.ListenWindow, name, handle)
}

// Once is Listen for one event only.
func (w *Window) Once(name string, handle func(events.Event)) (events.ID, error) {
	return w.listen(w.app.events.OnceWindow, name, handle)
}

// listen adds a listener unless the window is closed, because another window may have its label by
// then.
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

// Unlisten removes a listener of the window or of the app. It reports whether the listener existed.
func (w *Window) Unlisten(id events.ID) bool { return w.app.Unlisten(id) }

var (
	_ events.Emitter  = (*App)(nil)
	_ events.Emitter  = (*Window)(nil)
	_ events.Listener = (*App)(nil)
	_ events.Listener = (*Window)(nil)
)
