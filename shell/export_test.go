package shell

import "casement/internal/wire"

import "net/http"

import "reflect"

// Post runs f on the UI thread.
func (a *App) Post(f func()) bool { return a.loop.Post(f) }

// PageListeners returns the number of pages that listen and of their listeners. No page may start
// or stop listening meanwhile.
func (a *App) PageListeners() (pages, listeners int) {
	books := reflect.ValueOf(a.events).Elem().FieldByName("pages")
	for own := books.MapRange(); own.Next(); {
		listeners += own.Value().Len()
	}
	return books.Len(), listeners
}

// Closing reports whether a request to close the window is pending.
func (w *Window) Closing() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closing != nil
}

// Front returns the handler that serves the app's windows.
func (a *App) Front() http.Handler { return a.assets }

// Page returns the app's page that the window shows, or nil.
func (w *Window) Page() *wire.Page {
	if e, err := w.wire(); err == nil && e != nil {
		return e.Page()
	}
	return nil
}
