package webview

/*
#include "native_linux.h"
*/
import "C"

import (
	"net/url"
	"unsafe"
)

//export casementDragged
func casementDragged(handle C.uintptr_t, uris **C.char, n C.guint) {
	v, leave := enter(handle)
	defer leave()
	v.drag = v.drag[:0]
	for _, s := range unsafe.Slice(uris, int(n)) {
		// A file on this machine: file:///path, or with its name as the host. Anything else is the page's business.
		if u, err := url.Parse(C.GoString(s)); err == nil && u.Scheme == "file" && u.Path != "" {
			v.drag = append(v.drag, u.Path)
		}
	}
}

//export casementDropped
func casementDropped(handle C.uintptr_t, x, y C.int) {
	v, leave := enter(handle)
	defer leave()
	paths := v.drag
	v.drag = nil
	if len(paths) > 0 && v.window.on.Dropped != nil {
		v.window.on.Dropped(paths, int(x), int(y))
	}
}
