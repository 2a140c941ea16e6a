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

func (n *native) pickFile(w *Window, title string, d *dialog) (remove func()) {
	var parent *C.GtkWindow
	if w.Alive() {
		parent = w.view.(*nativeView).gtkWindow()
	}
	return pickWithGTK(n.loop, parent, title, d)
}

func pickFile(l *Loop, title string, d *dialog) (remove func()) { return pickWithGTK(l, nil, title, d) }

// pickWithGTK shows the chooser of GTK, or the one of the desktop portal. It does not block.
func pickWithGTK(l *Loop, parent *C.GtkWindow, title string, d *dialog) (remove func()) {
	s := C.CString(title)
	defer C.free(unsafe.Pointer(s))
	handle := cgo.NewHandle(func(path string) { l.answer(d, path, nil) })
	shown := C.casement_pick(parent, s, C.uintptr_t(handle))
	return func() {
		C.casement_pick_end(shown, C.uintptr_t(handle))
		handle.Delete()
	}
}

//export casementPicked
func casementPicked(to C.uintptr_t, path *C.char) {
	cgo.Handle(to).Value().(func(string))(C.GoString(path))
}
