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
	"os"
	"path/filepath"
	"regexp"
	"runtime/cgo"
	"unsafe"

	"casement/internal/origin"
)

// noFilter is logged where an origin has no filter: foreign documents are refused all the same, but
// only after the request was sent.
const noFilter = "the navigation filter is missing: navigations are refused only after their response has come"

// filter is the content filter of an origin. Until it is compiled, it holds the views that wait for
// it.
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

// filterTopFrame installs the filter of the window's origin when it is compiled. That takes some 10
// ms, during which the page's process is still starting.
func (v *nativeView) filterTopFrame() {
	n, own := v.native, v.window.origin
	f := n.filters[own]
	if f == nil {
		f = &filter{}
		n.filters[own] = f
		if err := f.compile(n, own); err != nil {
			n.loop.log.Error(noFilter, "error", err)
		}
	}
	if f.compiled == nil {
		f.waiting = append(f.waiting, v)
		return
	}
	v.install(f)
}

// contentRule is one rule of a content filter, in WebKit's format.
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
		return errors.New("the application id can't name a cache folder")
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
		n.loop.log.Error(noFilter, "error", message)
		return
	}
	f.compiled = compiled
	if f.ended {
		f.free()
		return
	}
	for _, v := range f.waiting {
		if v.window.Alive() && !v.nav.lifted {
			v.install(f)
		}
	}
	f.waiting = nil
}

func (v *nativeView) install(f *filter) {
	C.webkit_user_content_manager_add_filter(C.webkit_web_view_get_user_content_manager(v.view), f.compiled)
}

// lift removes the filter for one load that was agreed to.
func (v *nativeView) lift() {
	v.nav.lifted = true
	if f := v.native.filters[v.window.origin]; f.compiled != nil {
		C.webkit_user_content_manager_remove_filter(C.webkit_web_view_get_user_content_manager(v.view), f.compiled)
	}
}

// restore undoes lift.
func (v *nativeView) restore() {
	if !v.nav.lifted {
		return
	}
	v.nav.lifted = false
	if f := v.native.filters[v.window.origin]; f.compiled != nil {
		v.install(f)
	}
}
