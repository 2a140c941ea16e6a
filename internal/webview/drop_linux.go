package webview

/*
#include "native_linux.h"
*/
import "C"

import (
	"slices"
	"unsafe"

	"casement/internal/fileurl"
)

// drag is the state of files that are dragged above the page.
type drag struct {
	above   bool // the pointer is above the page
	x, y    int  // the pointer's position
	paths   []string
	entered bool // DragEntered was called, and neither Dropped nor DragLeft since
	left    int  // counts leave signals: GTK sends one before a drop, too
}

//export casementDragMoved
func casementDragMoved(handle C.uintptr_t, x, y C.int) {
	v, leave := enter(handle)
	defer leave()
	d := &v.drag
	if !d.above {
		v.dragLeft() // the last drag may still wait for it
		if !v.window.Alive() {
			return
		}
		d.above = true
	} else if d.x == int(x) && d.y == int(y) {
		return
	}
	d.x, d.y = int(x), int(y)
	if d.entered && v.window.on.DraggedOver != nil {
		v.window.on.DraggedOver(d.x, d.y)
	}
}

//export casementDragged
func casementDragged(handle C.uintptr_t, uris **C.char, n C.guint) {
	v, leave := enter(handle)
	defer leave()
	d := &v.drag
	d.paths = nil
	for _, s := range unsafe.Slice(uris, int(n)) {
		// The host of a local file's URL is empty or this machine's name. Other URLs are for the
		// page.
		if path, err := fileurl.Path(C.GoString(s)); err == nil {
			d.paths = append(d.paths, path)
		}
	}
	if len(d.paths) == 0 || !d.above || d.entered {
		return
	}
	d.entered = true
	if v.window.on.DragEntered != nil {
		v.window.on.DragEntered(slices.Clone(d.paths), d.x, d.y)
	}
}

//export casementDragLeft
func casementDragLeft(handle C.uintptr_t) {
	v, leave := enter(handle)
	defer leave()
	v.drag.above = false
	v.drag.left++
	left := v.drag.left
	v.native.loop.Post(func() {
		if v.window.Alive() && v.drag.left == left && !v.drag.above {
			v.dragLeft()
		}
	})
}

// dragLeft ends a drag without a drop. It calls DragLeft if DragEntered was called.
func (v *nativeView) dragLeft() {
	entered := v.drag.entered
	v.drag = drag{left: v.drag.left}
	if entered && v.window.on.DragLeft != nil {
		v.window.on.DragLeft()
	}
}

//export casementDropped
func casementDropped(handle C.uintptr_t, x, y C.int) {
	v, leave := enter(handle)
	defer leave()
	paths := v.drag.paths
	v.drag = drag{left: v.drag.left}
	if len(paths) > 0 && v.window.on.Dropped != nil {
		v.window.on.Dropped(paths, int(x), int(y))
	}
}
