package webview

/*
#cgo pkg-config: gtk+-3.0 webkit2gtk-4.0
#cgo CFLAGS: -Wno-deprecated-declarations
#include <stdlib.h>
#include "native_linux.h"
*/
import "C"

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"runtime/cgo"
	"strings"
	"unsafe"

	webviewgo "github.com/webview/webview_go"

	"casement/internal/origin"
)

// MaxScript returns the largest script, in bytes, worth handing to one Eval. It goes by the version of WebKitGTK that the
// program runs with: up to 2.50 a script of 1 MiB costs both processes half as much, byte for byte, as one of 64 KiB,
// and 1 MiB of bytes fit into one of 2 MiB as base64. On 2.52 those above 64 to 128 KB were reported to leave memory
// behind for good; into 96 KiB fit 64 KiB of bytes.
func MaxScript() int {
	if C.webkit_get_major_version() == 2 && C.webkit_get_minor_version() <= 50 {
		return 2 << 20
	}
	return 96 << 10
}

// nativeOrigin is a secure context of its own whose storage outlives a restart. A page from a string would have none.
const (
	nativeScheme = "app"
	nativeHost   = "localhost"
	nativeOrigin = nativeScheme + "://" + nativeHost
)

const (
	// A wake-up runs before GTK lays out and paints (110 and 120), as webview_go's own Dispatch does.
	wakePriority = C.G_PRIORITY_HIGH_IDLE
	// A backlog's next slice runs after them, and so after everything that comes from pages.
	politePriority = C.G_PRIORITY_HIGH_IDLE + 30
)

// native is the backend that owns its windows and takes only the view from webview_go.
type native struct {
	loop    *Loop
	handle  cgo.Handle
	soon    *C.GSource
	polite  *C.GSource
	filters map[origin.Origin]*filter
	input   C.gulong // the hook that watches it
	media   *media   // nil until a window has files of its own
	depth   int      // of callbacks from a view: nothing is destroyed underneath them
	doomed  []*nativeView

	stopping C.guint // what ends the event loops that are under way
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

func (n *native) run() {
	for !n.loop.stopped { // webview_go's portable windows, if a process has some, end any gtk_main with their last one
		C.gtk_main()
	}
	if n.stopping != 0 {
		C.g_source_remove(n.stopping)
	}
}

// stop may be called inside event loops that dialogs have begun.
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

// nativeView is one window: GTK's, ours, with webview_go's view inside.
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

	follows    bool // its title is the document's
	heard      bool // a message has come
	complained bool // about a message that is no string
	x, y, w, h int  // as last told, and so
	scale      int
	dark       bool
}

func (n *native) open(w *Window, o WindowOptions) (view, error) {
	title := C.CString(cmp.Or(o.Title, n.loop.opts.Name))
	defer C.free(unsafe.Pointer(title))
	gtk := C.casement_window_new(title, C.int(o.Width), C.int(o.Height), C.int(o.MinWidth), C.int(o.MinHeight), gboolean(o.Fixed))
	C.g_object_ref(C.gpointer(gtk))
	v := &nativeView{native: n, window: w, gtk: gtk, follows: o.Title == "", w: o.Width, h: o.Height}

	// Given a window, webview_go neither counts nor destroys windows, and runs no event loop inside Destroy.
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
	if o.Init != nil {
		v.wrapper.Init(o.Init(w.Origin()))
	}
	C.gtk_widget_grab_focus((*C.GtkWidget)(unsafe.Pointer(v.view)))
	C.gtk_widget_show_all(gtk)
	v.load(o.URL)
	return v, nil
}

// stream has a window play audio and video of its own files, and returns the handler to answer it with.
func (v *nativeView) stream(files http.Handler) http.Handler {
	n := v.native
	if files == nil || v.window.origin != nativeOrigin {
		return files
	}
	if n.media == nil {
		m, err := newMedia(n.loop)
		if err != nil {
			n.loop.log.Error("the app's audio and video can't be played", "error", err)
			return files
		}
		n.media = m
	}
	v.media = n.media.open(files)
	v.everywhere(fmt.Sprintf("%s(%q, %q)", strings.TrimSpace(mediaScript), nativeOrigin, mediaPath))
	return v.media
}

// frameScript keeps other origins' documents from showing the app's in a frame: WebKit does not go by the frame-ancestors of
// a policy that a scheme of ours comes with.
//
//go:embed frame_linux.js
var frameScript string

// everywhere has a script run at the start of each document, in frames too.
func (v *nativeView) everywhere(script string) {
	s := C.CString(script)
	defer C.free(unsafe.Pointer(s))
	C.casement_everywhere(v.view, s)
}

func gboolean(b bool) C.gboolean {
	if b {
		return C.TRUE
	}
	return C.FALSE
}

func (v *nativeView) eval(script []byte) {
	C.casement_eval(v.view, (*C.char)(unsafe.Pointer(unsafe.SliceData(script))), C.gssize(len(script)))
}

func (v *nativeView) setTitle(title string) {
	v.follows = title == ""
	if v.follows {
		v.followTitle()
	} else {
		v.showTitle(title)
	}
}

// followTitle shows the document's title. Between two documents there is none, which would flicker.
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

// destroy silences the window and hides it. Its memory goes at once or, where code of a view is underneath, when that is done.
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

// inside tells whether code of a view is underneath: a callback of ours, or a dialog of WebKit's that serves events.
func (n *native) inside() bool { return n.depth > 0 || C.g_main_depth() > 1 }

// bury frees windows that were closed inside a view's code.
func (n *native) bury() {
	if len(n.doomed) == 0 || n.inside() {
		return // a later turn does it, or free
	}
	for _, v := range n.doomed {
		v.free()
	}
	n.doomed = nil
}

func (v *nativeView) free() {
	v.wrapper.Destroy()
	C.g_object_unref(C.gpointer(v.view))
	C.gtk_widget_destroy(v.gtk)
	C.g_object_unref(C.gpointer(v.gtk))
}
