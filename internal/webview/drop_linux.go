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

// drag is what is being dragged above the page.
type drag struct {
	above bool     // the pointer is above the page,
	x, y  int      // here
	paths []string // of the files
	told  bool     // DragEntered was called, and neither of the two that follow
	left  int      // how often a drag has left: GTK has it leave before it drops, too
}

//export casementDragMoved
func casementDragMoved(handle C.uintptr_t, x, y C.int) {
	v, leave := enter(handle)
	defer leave()
	d := &v.drag
	if !d.above {
		v.dragLeft() // if that was not told yet
		if !v.window.Alive() {
			return
		}
		d.above = true
	} else if d.x == int(x) && d.y == int(y) {
		return
	}
	d.x, d.y = int(x), int(y)
	if d.told && v.window.on.DraggedOver != nil {
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
		// A file on this machine: file:///path, or with its name as the host. Anything else is the page's business.
		if path, err := fileurl.Path(C.GoString(s)); err == nil {
			d.paths = append(d.paths, path)
		}
	}
	if len(d.paths) == 0 || !d.above || d.told {
		return
	}
	d.told = true
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

// dragLeft tells that what was told to be above the page no longer is.
func (v *nativeView) dragLeft() {
	told := v.drag.told
	v.drag = drag{left: v.drag.left}
	if told && v.window.on.DragLeft != nil {
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
