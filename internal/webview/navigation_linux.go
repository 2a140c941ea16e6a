package webview

/*
#include <stdlib.h>
#include "native_linux.h"
*/
import "C"

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime/cgo"
	"unsafe"

	"casement/internal/origin"
)

// WebKitGTK asks about a navigation before it is made without saying whether the top frame or an inner one is to go
// there, and says so only when the response has come. So the question before is answered by a content filter, which knows:
// it blocks documents from other origins in the top frame, before anything is sent. That the filter blocked one comes back
// as a failed load, and then Handlers.Navigate is asked; if it agrees, the filter is lifted for one load.

// blockedByFilter is the code in WEBKIT_POLICY_ERROR of a load that a content filter blocked; it has no name in the API.
const blockedByFilter = 104

// navigation is what the top frame is about to do.
type navigation struct {
	shown    string // the document's URL when it was committed
	expected bool   // a load that the Go side asked for, or that was agreed to, is under way
	lifted   bool   // the filter is off for it
	foreign  bool   // a document of another origin may be there, or come
	asked    string // the last URL that some frame wanted to go to, and
	gesture  bool   // whether a person's input was behind it
}

func (v *nativeView) url() string {
	if v.nav.expected {
		return v.nav.shown // WebKit already says where it is going
	}
	return C.GoString(C.webkit_web_view_get_uri(v.view))
}

// trusted goes by what was allowed: WebKit asks before it puts another document in place, and takes in scripts and answers
// in one order. So what was sent before a foreign document was allowed meets the one before it.
func (v *nativeView) trusted() bool { return !v.nav.foreign && !v.nav.expected && !v.nav.lifted }

func (v *nativeView) navigate(url string) { v.load(url) }

// load goes to a URL without asking.
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

// within tells whether a URL is of the window's own origin.
func (v *nativeView) within(raw string) bool { return v.window.origin.Has(raw) }

// decideAction is asked before any frame goes anywhere, and for links and scripts that want a new window.
func (v *nativeView) decideAction(raw string, newWindow, gesture, reload bool) bool {
	gesture = v.input.backs(gesture)
	if newWindow {
		v.refuse(raw, gesture, "it wants a new window")
		return false
	}
	u, err := url.Parse(raw)
	if err != nil {
		v.refuse(raw, false, "it can't be parsed")
		return false
	}
	switch u.Scheme {
	case "app", "http", "https":
		v.nav.asked, v.nav.gesture = raw, gesture
		if reload && raw == v.nav.shown {
			v.nav.expected = true // what was agreed to once
			if !v.within(raw) {
				v.lift()
			}
		}
		return true // in the top frame, the filter and decideResponse have the last word
	case "about", "data", "blob":
		return true
	}
	v.refuse(raw, gesture, "its scheme is not for a page")
	return false
}

// decideResponse is asked when a document's first bytes are there, and the old document still is.
func (v *nativeView) decideResponse(raw string, top, shown bool) bool {
	if !shown {
		v.native.loop.log.Warn("a page went to what can't be shown: refused", "url", raw)
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

// failed is told of a load in the top frame that came to nothing.
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
		return // by a later load, which the expectation may be about
	}
	v.nav.expected = false
	v.restore()
	switch {
	case !policy:
		v.native.loop.log.Error("a document could not be loaded", "url", raw, "error", message)
	case expected:
		v.native.loop.log.Error("a document that the app asked for is not shown", "url", raw, "error", message)
	}
}

func (v *nativeView) committed(raw string) {
	v.nav.shown = raw
	v.nav.foreign = !v.within(raw)
	v.nav.expected = false
	v.restore()
	if v.window.on.Committed != nil {
		v.window.on.Committed(raw)
	}
}

// refuse logs what was not done, and hands a link that the user has followed to the system.
func (v *nativeView) refuse(raw string, gesture bool, why string) {
	log := v.native.loop.log
	u, err := url.Parse(raw)
	outside := err == nil && gesture && external(u) && !v.within(raw) && v.input.spend()
	log.Info("a navigation was refused", "url", raw, "why", why, "input", gesture, "outside", outside)
	if outside {
		v.native.loop.tasks.Go(func() {
			if err := OpenExternal(raw); err != nil {
				log.Error("a link could not be opened outside", "error", err)
			}
		})
	}
}

// filter is the compiled content filter of an origin, or the views that wait for it.
type filter struct {
	compiled *C.WebKitUserContentFilter
	waiting  []*nativeView
	ended    bool
}

func (f *filter) free() {
	f.ended = true
	if f.compiled != nil {
		C.webkit_user_content_filter_unref(f.compiled)
		f.compiled = nil
	}
}

// filterTopFrame installs the filter, as soon as it is compiled: some 10 ms, when the page's process is still starting.
func (v *nativeView) filterTopFrame() {
	n, own := v.native, v.window.origin
	f := n.filters[own]
	if f == nil {
		f = &filter{}
		n.filters[own] = f
		if err := f.compile(n, own); err != nil {
			n.loop.log.Error("navigations are refused only when their response has come", "error", err)
		}
	}
	if f.compiled == nil {
		f.waiting = append(f.waiting, v)
		return
	}
	v.restoreFilter(f)
}

type contentRule struct {
	Trigger struct {
		Filter  string   `json:"url-filter"`
		Types   []string `json:"resource-type,omitempty"`
		Context []string `json:"load-context,omitempty"`
	} `json:"trigger"`
	Action struct {
		Type string `json:"type"`
	} `json:"action"`
}

func (f *filter) compile(n *native, only origin.Origin) error {
	var block, own contentRule
	block.Trigger.Filter = ".*"
	block.Trigger.Types = []string{"document"}
	block.Trigger.Context = []string{"top-frame"}
	block.Action.Type = "block"
	own.Trigger.Filter = "^" + regexp.QuoteMeta(string(only)) + "/"
	own.Action.Type = "ignore-previous-rules"
	rules, err := json.Marshal([]contentRule{block, own})
	if err != nil {
		return err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	id := n.loop.opts.ID
	if id == "" || id != filepath.Base(id) {
		return errors.New("no application id to name a cache folder with")
	}
	folder := filepath.Join(cache, id, "filters")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	sum := sha256.Sum256(rules)
	cf, cr, ci := C.CString(folder), C.CString(string(rules)), C.CString(hex.EncodeToString(sum[:8]))
	defer C.free(unsafe.Pointer(cf))
	defer C.free(unsafe.Pointer(cr))
	defer C.free(unsafe.Pointer(ci))
	C.casement_filter_compile(cf, cr, ci, C.uintptr_t(cgo.NewHandle(func(c *C.WebKitUserContentFilter, message string) {
		f.ready(n, c, message)
	})))
	return nil
}

//export casementFilter
func casementFilter(to C.uintptr_t, compiled *C.WebKitUserContentFilter, message *C.char) {
	h := cgo.Handle(to)
	defer h.Delete()
	h.Value().(func(*C.WebKitUserContentFilter, string))(compiled, C.GoString(message))
}

func (f *filter) ready(n *native, compiled *C.WebKitUserContentFilter, message string) {
	if compiled == nil {
		n.loop.log.Error("navigations are refused only when their response has come", "error", message)
		return
	}
	f.compiled = compiled
	if f.ended {
		f.free()
		return
	}
	for _, v := range f.waiting {
		if v.window.Alive() && !v.nav.lifted {
			v.restoreFilter(f)
		}
	}
	f.waiting = nil
}

// lift takes the filter off for a load that was agreed to.
func (v *nativeView) lift() {
	v.nav.lifted = true
	if f := v.native.filters[v.window.origin]; f.compiled != nil {
		C.webkit_user_content_manager_remove_filter(C.webkit_web_view_get_user_content_manager(v.view), f.compiled)
	}
}

func (v *nativeView) restore() {
	if !v.nav.lifted {
		return
	}
	v.nav.lifted = false
	if f := v.native.filters[v.window.origin]; f.compiled != nil {
		v.restoreFilter(f)
	}
}

func (v *nativeView) restoreFilter(f *filter) {
	C.webkit_user_content_manager_add_filter(C.webkit_web_view_get_user_content_manager(v.view), f.compiled)
}
