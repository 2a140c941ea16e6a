package webview

/*
#cgo LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdlib.h>
*/
import "C"

import "unsafe"

func beforeNew() {}

// afterNew repairs the signal handlers that a new view breaks.
func afterNew(l *Loop) {
	repairSignals(l.log)
	if !evalWorks() {
		l.log.Warn("webview_go's Eval does nothing on this machine: " +
			"it needs the unversioned libwebkit2gtk-4.x.so of the -dev package. Don't use the portable path on Linux")
	}
}

// evalWorks looks for the library as webview_go does.
func evalWorks() bool {
	for _, name := range []string{"libwebkit2gtk-4.1.so", "libwebkit2gtk-4.0.so"} {
		s := C.CString(name)
		h := C.dlopen(s, C.RTLD_NOW|C.RTLD_NOLOAD)
		C.free(unsafe.Pointer(s))
		if h != nil {
			C.dlclose(h)
			return true
		}
	}
	return false
}
