package webview

/*
#include <stdlib.h>
#include "native_linux.h"
*/
import "C"

import (
	"runtime/cgo"
	"unsafe"
)

// pickFile shows GTK's chooser, or the desktop portal's, without blocking.
func (n *native) pickFile(w *Window, title string, done func(string, error)) {
	var parent *C.GtkWindow
	if w.Alive() {
		parent = w.view.(*nativeView).gtkWindow()
	}
	pickWithGTK(n.loop, w, parent, title, done)
}

func pickFile(l *Loop, w *Window, title string, done func(string, error)) {
	pickWithGTK(l, w, nil, title, done)
}

// pickWithGTK keeps the dialog among the loop's, since a chooser that has something to say serves events until it is read,
// and Run would not return.
func pickWithGTK(l *Loop, w *Window, parent *C.GtkWindow, title string, done func(string, error)) {
	s := C.CString(title)
	defer C.free(unsafe.Pointer(s))
	d := &dialog{owner: w}
	handle := cgo.NewHandle(func(path string) { l.endDialog(d, path) })
	shown := C.casement_pick(parent, s, C.uintptr_t(handle))
	d.end = func(path string) {
		C.casement_pick_end(shown, C.uintptr_t(handle))
		handle.Delete()
		l.Post(func() { done(path, nil) })
	}
	l.dialogs = append(l.dialogs, d)
}

//export casementPicked
func casementPicked(to C.uintptr_t, path *C.char) {
	cgo.Handle(to).Value().(func(string))(C.GoString(path))
}
