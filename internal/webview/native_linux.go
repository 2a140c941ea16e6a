package webview

/*
#cgo pkg-config: gtk+-3.0 webkit2gtk-4.0
#cgo CFLAGS: -Wno-deprecated-declarations
#include "native_linux.h"
*/
import "C"

import (
	"runtime/cgo"

	"casement/internal/origin"
)

// maxScript depends on the version of WebKitGTK that the program runs with. Up to 2.50, a script of
// 1 MiB costs both processes half as much per byte as one of 64 KiB, and 1 MiB of bytes in base64
// fits into 2 MiB. On 2.52, scripts above 64 to 128 KB are reported to leak memory for good; 96 KiB
// has room for 64 KiB of bytes.
func maxScript() int {
	if C.webkit_get_major_version() == 2 && C.webkit_get_minor_version() <= 50 {
		return 2 << 20
	}
	return 96 << 10
}

const (
	// wakePriority runs a wake-up before GTK's layout and painting (110 and 120), as webview_go's
	// own Dispatch does.
	wakePriority = C.G_PRIORITY_HIGH_IDLE
	// politePriority runs the next slice of a full queue after them, and so after all messages from
	// pages.
	politePriority = C.G_PRIORITY_HIGH_IDLE + 30
)

// native is the backend that owns its windows and uses webview_go only for the view.
type native struct {
	loop    *Loop
	handle  cgo.Handle
	soon    *C.GSource // drains the queue at wakePriority
	polite  *C.GSource // drains the queue at politePriority
	filters map[origin.Origin]*filter
	input   C.gulong // the hook that watches input
	media   *media   // nil until a window serves files of its own

	depth    int           // callbacks from views on the C stack; no view is freed below them
	doomed   []*nativeView // closed, to be freed when depth is 0
	stopping C.guint       // the timeout of casement_stop, or 0
}

func newNative(l *Loop) backend {
	if l.opts.Portable {
		return nil
	}
	n := &native{loop: l, filters: map[origin.Origin]*filter{}}
	n.handle = cgo.NewHandle(n)
	n.soon = C.casement_source_new(C.uintptr_t(n.handle), wakePriority)
	n.polite = C.casement_source_new(C.uintptr_t(n.handle), politePriority)
	n.input = C.casement_watch_input()
	C.casement_scheme_register()
	return n
}

func (n *native) wake(polite bool) {
	if polite {
		C.g_source_set_ready_time(n.polite, 0)
	} else {
		C.g_source_set_ready_time(n.soon, 0)
	}
}

//export casementDrain
func casementDrain(loop C.uintptr_t) {
	n := cgo.Handle(loop).Value().(*native)
	n.loop.queue.drain()
	n.bury()
}

func (n *native) run() {
	// In a process that also has portable windows, webview_go ends any gtk_main with the last of
	// them.
	for !n.loop.stopped {
		C.gtk_main()
	}
	if n.stopping != 0 {
		C.g_source_remove(n.stopping)
	}
}

// stop also works inside the event loop of a dialog.
func (n *native) stop() {
	if C.gtk_main_level() > 0 {
		n.stopping = C.casement_stop()
	}
}

func (n *native) free() {
	for _, v := range n.doomed {
		v.free()
	}
	n.doomed = nil
	for _, f := range n.filters {
		f.free()
	}
	C.casement_unwatch_input(n.input)
	if n.media != nil {
		n.media.close()
	}
	C.casement_source_free(n.soon)
	C.casement_source_free(n.polite)
	n.handle.Delete()
}

// enter returns the view of a callback from GTK or WebKit and counts the callback until leave is
// called. The handle is always valid: destroy disconnects all signals before it deletes the handle.
func enter(handle C.uintptr_t) (v *nativeView, leave func()) {
	v = cgo.Handle(handle).Value().(*nativeView)
	v.native.depth++
	return v, v.native.leave
}

func (n *native) leave() { n.depth-- }

// inside reports whether a view's code is on the stack: one of our callbacks, or a dialog of
// WebKit's that serves events.
func (n *native) inside() bool { return n.depth > 0 || C.g_main_depth() > 1 }

// bury frees the views that were closed while a view's code was on the stack.
func (n *native) bury() {
	if len(n.doomed) == 0 || n.inside() {
		return // a later drain does it, or free
	}
	for _, v := range n.doomed {
		v.free()
	}
	n.doomed = nil
}

func gboolean(b bool) C.gboolean {
	if b {
		return C.TRUE
	}
	return C.FALSE
}
