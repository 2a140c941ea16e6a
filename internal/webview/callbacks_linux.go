package webview

/*
#include "native_linux.h"
*/
import "C"

import (
	"runtime/cgo"
	"unsafe"
)

// What GTK and WebKit call. Each finds its window by handle: a window that is gone has no signal connected any more, so a
// handle that comes in is always valid.

// enter finds the window, and marks that its view is on the C stack until leave is called.
func enter(handle C.uintptr_t) (v *nativeView, leave func()) {
	v = cgo.Handle(handle).Value().(*nativeView)
	v.native.depth++
	return v, v.native.leave
}

func (n *native) leave() { n.depth-- }

//export casementDrain
func casementDrain(loop C.uintptr_t) {
	n := cgo.Handle(loop).Value().(*native)
	n.loop.queue.drain()
	n.bury()
}

//export casementCloseRequested
func casementCloseRequested(handle C.uintptr_t) {
	v, leave := enter(handle)
	defer leave()
	if v.window.on.CloseRequested != nil {
		v.window.on.CloseRequested()
	} else {
		v.window.Close()
	}
}

//export casementDestroyed
func casementDestroyed(handle C.uintptr_t) { // by someone else, since Close disconnects first
	v, leave := enter(handle)
	defer leave()
	v.window.Close()
}

//export casementMessage
func casementMessage(handle C.uintptr_t, data unsafe.Pointer, length C.gsize) {
	v, leave := enter(handle)
	defer leave()
	if !v.heard {
		v.heard = true
		repairSignals(v.native.loop.log)
	}
	if data == nil {
		if !v.complained {
			v.complained = true
			v.native.loop.log.Warn("a page posted something other than a string: refused", "url", v.url())
		}
		return
	}
	if v.window.on.Message != nil {
		v.window.on.Message(unsafe.Slice((*byte)(data), int(length)))
	}
}

//export casementCommitted
func casementCommitted(handle C.uintptr_t, uri *C.char) {
	v, leave := enter(handle)
	defer leave()
	v.committed(C.GoString(uri))
}

//export casementTitled
func casementTitled(handle C.uintptr_t) {
	v, leave := enter(handle)
	defer leave()
	if v.follows {
		v.followTitle()
	}
}

//export casementLoadFailed
func casementLoadFailed(handle C.uintptr_t, uri *C.char, policy C.gboolean, code C.int, cancelled C.gboolean, message *C.char) {
	v, leave := enter(handle)
	defer leave()
	v.failed(C.GoString(uri), policy != 0, int(code), cancelled != 0, C.GoString(message))
}

//export casementAction
func casementAction(handle C.uintptr_t, uri *C.char, newWindow, gesture, reload C.gboolean) C.gboolean {
	v, leave := enter(handle)
	defer leave()
	return gboolean(v.decideAction(C.GoString(uri), newWindow != 0, gesture != 0, reload != 0))
}

//export casementResponse
func casementResponse(handle C.uintptr_t, uri *C.char, top, shown C.gboolean) C.gboolean {
	v, leave := enter(handle)
	defer leave()
	return gboolean(v.decideResponse(C.GoString(uri), top != 0, shown != 0))
}

//export casementDownload
func casementDownload(handle C.uintptr_t, uri *C.char) {
	v, leave := enter(handle)
	defer leave()
	v.native.loop.log.Warn("a page started a download: refused", "url", C.GoString(uri))
}

//export casementCrashed
func casementCrashed(handle C.uintptr_t, reason *C.char) {
	v, leave := enter(handle)
	defer leave()
	v.nav = navigation{}
	if v.window.on.Crashed != nil {
		v.window.on.Crashed(C.GoString(reason))
	}
}

//export casementFocused
func casementFocused(handle C.uintptr_t, active C.gboolean) {
	v, leave := enter(handle)
	defer leave()
	if v.window.on.Focused != nil {
		v.window.on.Focused(active != 0)
	}
}

//export casementConfigured
func casementConfigured(handle C.uintptr_t, x, y, w, h C.int) {
	v, leave := enter(handle)
	defer leave()
	if v.w != int(w) || v.h != int(h) {
		v.w, v.h = int(w), int(h)
		if v.window.on.Resized != nil {
			v.window.on.Resized(v.w, v.h)
		}
	}
	if (v.x != int(x) || v.y != int(y)) && v.window.Alive() {
		v.x, v.y = int(x), int(y)
		if v.window.on.Moved != nil {
			v.window.on.Moved(v.x, v.y)
		}
	}
}

//export casementScaled
func casementScaled(handle C.uintptr_t, scale C.int) {
	v, leave := enter(handle)
	defer leave()
	if v.scale == int(scale) {
		return
	}
	v.scale = int(scale)
	if v.window.on.ScaleChanged != nil {
		v.window.on.ScaleChanged(float64(scale))
	}
}

//export casementThemed
func casementThemed(handle C.uintptr_t) {
	v, leave := enter(handle)
	defer leave()
	dark := C.casement_dark(v.gtk) != 0
	if v.dark == dark {
		return
	}
	v.dark = dark
	if v.window.on.ThemeChanged != nil {
		v.window.on.ThemeChanged(dark)
	}
}
