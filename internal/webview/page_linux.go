package webview

/*
#include <stdlib.h>
#include "native_linux.h"
*/
import "C"

import (
	_ "embed"
	"unsafe"
)

// frameScript keeps documents of other origins from showing the app's in a frame: WebKit ignores
// the frame-ancestors directive in policies of a custom scheme.
//
//go:embed frame_linux.js
var frameScript string

// everywhere runs a script at the start of each document, in frames too.
func (v *nativeView) everywhere(script string) {
	s := C.CString(script)
	defer C.free(unsafe.Pointer(s))
	C.casement_everywhere(v.view, s)
}

func (v *nativeView) eval(script []byte) {
	C.casement_eval(v.view, (*C.char)(unsafe.Pointer(unsafe.SliceData(script))), C.gssize(len(script)))
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
			v.native.loop.log.Warn("refused a message from a page: it is not a string", "url", v.url())
		}
		return
	}
	if v.window.on.Message != nil {
		v.window.on.Message(unsafe.Slice((*byte)(data), int(length)))
	}
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
