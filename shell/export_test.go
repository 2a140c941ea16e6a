package shell

import "casement/internal/wire"

import "net/http"

import "reflect"

// Post runs f on the UI thread.
func (a *App) Post(f func()) bool { return a.loop.Post(f) }

// PageListeners counts the pages that listen, and their listeners. No page may begin or end to meanwhile.
func (a *App) PageListeners() (pages, listeners int) {
	books := reflect.ValueOf(a.events).Elem().FieldByName("pages")
	for own := books.MapRange(); own.Next(); {
		listeners += own.Value().Len()
	}
	return books.Len(), listeners
}

// Closing reports whether somebody is being asked whether the window may close.
func (w *Window) Closing() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closing != nil
}

// Front returns what serves the app's windows.
func (a *App) Front() http.Handler { return a.assets }

// Page returns the page that the window shows, nil if it shows none of the app's.
func (w *Window) Page() *wire.Page {
	if e, err := w.wire(); err == nil && e != nil {
		return e.Page()
	}
	return nil
}
