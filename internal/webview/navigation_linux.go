package webview

/*
#include <stdlib.h>
#include "native_linux.h"
*/
import "C"

import (
	"net/url"
	"unsafe"
)

// WebKitGTK asks about a navigation before it sends the request, but it says whether the navigation
// is the top frame's only after the response has come. A content filter knows before: it blocks
// documents of other origins in the top frame, and nothing is sent. The blocked load comes back as
// a failed one. Handlers.Navigate is asked then; if it agrees, the filter is off for one load.

// blockedByFilter is the code in WEBKIT_POLICY_ERROR of a load that a content filter blocked. The
// API has no name for it.
const blockedByFilter = 104

// navigation is the state of the top frame.
type navigation struct {
	shown    string // the URL of the document that was committed last
	expected bool   // a load that Go started or agreed to is under way
	lifted   bool   // the filter is off for that load
	foreign  bool   // a document of another origin is there, or may come
	asked    string // the URL that any frame asked for last
	gesture  bool   // a person's input was behind that
}

func (v *nativeView) url() string {
	if v.nav.expected {
		return v.nav.shown // WebKit already returns the URL of the next document
	}
	return C.GoString(C.webkit_web_view_get_uri(v.view))
}

// trusted goes by the loads that were allowed. WebKit asks before it replaces a document, and it
// handles scripts and answers in one order, so a script that was sent before a foreign document was
// allowed runs in the document before it.
func (v *nativeView) trusted() bool { return !v.nav.foreign && !v.nav.expected && !v.nav.lifted }

func (v *nativeView) navigate(url string) { v.load(url) }

// load loads a URL without asking Handlers.Navigate.
func (v *nativeView) load(url string) {
	v.nav.expected = true
	if !v.within(url) {
		v.lift()
	}
	s := C.CString(url)
	defer C.free(unsafe.Pointer(s))
	C.webkit_web_view_load_uri(v.view, s)
}

func (v *nativeView) reload() {
	v.nav.expected = true
	if !v.within(v.nav.shown) {
		v.lift()
	}
	C.webkit_web_view_reload(v.view)
}

// within reports whether a URL is of the window's own origin.
func (v *nativeView) within(raw string) bool { return v.window.origin.Has(raw) }

// decideAction is called before any frame navigates, and for links and scripts that open a window.
func (v *nativeView) decideAction(raw string, newWindow, gesture, reload bool) bool {
	gesture = v.input.backs(gesture)
	if newWindow {
		v.refuse(raw, gesture, "it would open a new window")
		return false
	}
	u, err := url.Parse(raw)
	if err != nil {
		v.refuse(raw, false, "the URL can't be parsed")
		return false
	}
	switch u.Scheme {
	case "app", "http", "https":
		v.nav.asked, v.nav.gesture = raw, gesture
		if reload && raw == v.nav.shown {
			v.nav.expected = true // it was agreed to before
			if !v.within(raw) {
				v.lift()
			}
		}
		return true // for the top frame, the filter and decideResponse decide
	case "about", "data", "blob":
		return true
	}
	v.refuse(raw, gesture, "pages can't load this scheme")
	return false
}

// decideResponse is called when the first bytes of a document have come. The old document is still
// there.
func (v *nativeView) decideResponse(raw string, top, shown bool) bool {
	if !shown {
		v.native.loop.log.Warn("refused a navigation: the content can't be shown", "url", raw)
		return false
	}
	if !top || v.nav.expected {
		return true
	}
	gesture := v.nav.gesture && v.nav.asked == raw
	if v.window.on.Navigate != nil {
		if v.window.on.Navigate(raw, gesture) {
			v.nav.foreign = v.nav.foreign || !v.within(raw)
			return true
		}
	} else if v.within(raw) {
		return true
	}
	v.refuse(raw, gesture, "it is not allowed")
	return false
}

// failed is called when a load in the top frame has failed.
func (v *nativeView) failed(raw string, policy bool, code int, cancelled bool, message string) {
	expected := v.nav.expected
	if policy && code == blockedByFilter && !expected {
		gesture := v.nav.gesture && v.nav.asked == raw
		if v.window.on.Navigate != nil && v.window.on.Navigate(raw, gesture) {
			if v.window.Alive() {
				v.load(raw)
			}
		} else {
			v.refuse(raw, gesture, "it is not allowed")
		}
		return
	}
	if cancelled {
		return // a later load cancelled it; nav.expected may be about that one
	}
	v.nav.expected = false
	v.restore()
	switch {
	case !policy:
		v.native.loop.log.Error("loading a document failed", "url", raw, "error", message)
	case expected:
		v.native.loop.log.Error("loading a document that the app requested failed", "url", raw, "error", message)
	}
}

// refuse logs a navigation that was refused. If a person followed the link, it opens the URL in the
// system's browser or mail program.
func (v *nativeView) refuse(raw string, gesture bool, why string) {
	log := v.native.loop.log
	u, err := url.Parse(raw)
	outside := err == nil && gesture && external(u) && !v.within(raw) && v.input.spend()
	log.Info("refused a navigation", "url", raw, "why", why, "input", gesture, "outside", outside)
	if outside {
		v.native.loop.tasks.Go(func() {
			if err := OpenExternal(raw); err != nil {
				log.Error("opening a link failed", "error", err)
			}
		})
	}
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

//export casementCommitted
func casementCommitted(handle C.uintptr_t, uri *C.char) {
	v, leave := enter(handle)
	defer leave()
	url := C.GoString(uri)
	v.nav.shown = url
	v.nav.foreign = !v.within(url)
	v.nav.expected = false
	v.restore()
	if v.window.on.Committed != nil {
		v.window.on.Committed(url)
	}
}

//export casementLoadFailed
func casementLoadFailed(handle C.uintptr_t, uri *C.char, policy C.gboolean, code C.int, cancelled C.gboolean, message *C.char) {
	v, leave := enter(handle)
	defer leave()
	v.failed(C.GoString(uri), policy != 0, int(code), cancelled != 0, C.GoString(message))
}

//export casementDownload
func casementDownload(handle C.uintptr_t, uri *C.char) {
	v, leave := enter(handle)
	defer leave()
	v.native.loop.log.Warn("refused a download", "url", C.GoString(uri))
}
