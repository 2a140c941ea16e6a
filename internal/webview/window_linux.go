package webview

/*
#include <stdlib.h>
#include "native_linux.h"
*/
import "C"

import (
	"cmp"
	"errors"
	"fmt"
	"runtime/cgo"
	"strings"
	"unsafe"

	webviewgo "github.com/webview/webview_go"
)

// nativeOrigin is the origin of windows with files of their own. Its documents are a secure context
// and their storage survives a restart; documents loaded from a string would have neither.
const (
	nativeScheme = "app"
	nativeHost   = "localhost"
	nativeOrigin = nativeScheme + "://" + nativeHost
)

// nativeView is a GTK window of ours with the view of webview_go in it.
type nativeView struct {
	native  *native
	window  *Window
	handle  cgo.Handle
	wrapper webviewgo.WebView
	gtk     *C.GtkWidget
	view    *C.WebKitWebView
	assets  *assets
	media   *mediaWindow // or nil
	nav     navigation
	drag    drag
	input   input

	follows    bool // the window's title is the document's
	heard      bool // a message has come
	complained bool // the log has the warning about a message that is not a string

	// The values last passed to the handlers.
	x, y, w, h int
	scale      int
	dark       bool
}

func (n *native) open(w *Window, o WindowOptions) (view, error) {
	title := C.CString(cmp.Or(o.Title, n.loop.opts.Name))
	defer C.free(unsafe.Pointer(title))
	gtk := C.casement_window_new(title, C.int(o.Width), C.int(o.Height), C.int(o.MinWidth), C.int(o.MinHeight), gboolean(o.Fixed))
	C.g_object_ref(C.gpointer(gtk))
	v := &nativeView{native: n, window: w, gtk: gtk, follows: o.Title == "", w: o.Width, h: o.Height}

	// If it is given a window, webview_go neither counts nor destroys windows, and runs no event
	// loop inside Destroy.
	v.wrapper = webviewgo.NewWindow(n.loop.opts.Debug, unsafe.Pointer(gtk))
	v.handle = cgo.NewHandle(v)
	v.view = C.casement_window_own(gtk, C.uintptr_t(v.handle))
	if v.view == nil {
		v.handle.Delete()
		C.gtk_widget_destroy(gtk)
		C.g_object_unref(C.gpointer(gtk))
		return nil, errors.New("webview_go made no WebKitWebView")
	}
	repairSignals(n.loop.log)
	v.scale, v.dark = int(C.gtk_widget_get_scale_factor(gtk)), C.casement_dark(gtk) != 0

	if w.origin == "" {
		w.origin = nativeOrigin
		o.URL = nativeOrigin + o.Path
	}
	v.assets = newAssets(n.loop, v.stream(o.Assets), o.MaxBody)
	v.filterTopFrame()
	v.everywhere(fmt.Sprintf("%s(%q)", strings.TrimSpace(frameScript), nativeOrigin))
	if o.Script != "" {
		v.wrapper.Init(o.Script)
	}
	C.gtk_widget_grab_focus((*C.GtkWidget)(unsafe.Pointer(v.view)))
	C.gtk_widget_show_all(gtk)
	v.load(o.URL)
	return v, nil
}

func (n *native) origin(WindowOptions) (string, error) { return nativeOrigin, nil }

func (v *nativeView) setTitle(title string) {
	v.follows = title == ""
	if v.follows {
		v.followTitle()
	} else {
		v.showTitle(title)
	}
}

// followTitle shows the document's title. It keeps the old one while a document loads: WebKit has
// none then, and the title bar would flicker.
func (v *nativeView) followTitle() {
	title := C.GoString(C.webkit_web_view_get_title(v.view))
	if title == "" && C.webkit_web_view_is_loading(v.view) != 0 {
		return
	}
	v.showTitle(cmp.Or(title, v.native.loop.opts.Name))
}

func (v *nativeView) showTitle(title string) {
	s := C.CString(title)
	defer C.free(unsafe.Pointer(s))
	C.gtk_window_set_title(v.gtkWindow(), s)
}

func (v *nativeView) setSize(w, h int) {
	if C.gtk_window_get_resizable(v.gtkWindow()) == 0 {
		C.gtk_widget_set_size_request(v.gtk, C.gint(w), C.gint(h))
		return
	}
	C.gtk_window_resize(v.gtkWindow(), C.gint(w), C.gint(h))
}

func (v *nativeView) focus() {
	C.gtk_window_present(v.gtkWindow())
	C.gtk_widget_grab_focus((*C.GtkWidget)(unsafe.Pointer(v.view)))
}

func (v *nativeView) gtkWindow() *C.GtkWindow { return (*C.GtkWindow)(unsafe.Pointer(v.gtk)) }

// destroy disconnects and hides the window. It frees the window at once or, if a view's code is on
// the stack, after that has returned.
func (v *nativeView) destroy() {
	C.casement_answer_dialogs(v.gtk)
	C.casement_window_disown(v.gtk, v.view, C.uintptr_t(v.handle))
	C.gtk_widget_hide(v.gtk)
	v.handle.Delete()
	v.assets.close()
	if v.media != nil {
		v.media.close()
	}
	n := v.native
	if !n.inside() {
		v.free()
		return
	}
	n.doomed = append(n.doomed, v)
	n.loop.Post(n.bury)
}

func (v *nativeView) free() {
	v.wrapper.Destroy()
	C.g_object_unref(C.gpointer(v.view))
	C.gtk_widget_destroy(v.gtk)
	C.g_object_unref(C.gpointer(v.gtk))
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

// casementDestroyed is called if anything but Close destroys the window: Close disconnects first.
//
//export casementDestroyed
func casementDestroyed(handle C.uintptr_t) {
	v, leave := enter(handle)
	defer leave()
	v.window.Close()
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

//export casementTitled
func casementTitled(handle C.uintptr_t) {
	v, leave := enter(handle)
	defer leave()
	if v.follows {
		v.followTitle()
	}
}
