package webview

import "slices"

// dialog is a native dialog of the app. It stays until it is answered, its window closes or the
// loop quits.
type dialog struct {
	owner  *Window // or nil
	remove func()  // takes it off the screen
	done   func(path string, err error)
}

// PickFile asks the user for a file to open and returns at once. It calls done once, on the UI
// thread, with an empty path if the user cancelled. It does not call done if the loop has ended.
//
// w is the window that the dialog belongs to, or nil. The dialog is cancelled when w closes, when
// the loop quits, and by cancel, which is for the UI thread.
func (l *Loop) PickFile(w *Window, title string, done func(path string, err error)) (cancel func()) {
	d := &dialog{owner: w, done: done}
	l.dialogs = append(l.dialogs, d)
	d.remove = l.backend.pickFile(w, title, d)
	return func() { l.answer(d, "", nil) }
}

// answer ends a dialog. Only the first call for a dialog does anything.
func (l *Loop) answer(d *dialog, path string, err error) {
	if i := slices.Index(l.dialogs, d); i >= 0 {
		l.dialogs = slices.Delete(l.dialogs, i, i+1)
		d.remove()
		l.Post(func() { d.done(path, err) })
	}
}

// closeDialogs cancels the dialogs of a window, or all dialogs if w is nil.
func (l *Loop) closeDialogs(w *Window) {
	for _, d := range slices.Clone(l.dialogs) {
		if w == nil || d.owner == w {
			l.answer(d, "", nil)
		}
	}
}
