package webview

/*
#include <stdlib.h>
#include "native_linux.h"
*/
import "C"

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

func onMainThread() bool { return syscall.Gettid() == os.Getpid() }

// preparePlatform names the program before GTK and WebKit start: WebKit keeps pages' storage in a folder of that name,
// in the user's data folder. Only the first loop of a process can name it.
func preparePlatform(o LoopOptions) error {
	id, name := C.CString(o.ID), C.CString(o.Name)
	defer C.free(unsafe.Pointer(id))
	defer C.free(unsafe.Pointer(name))
	if o.ID != "" {
		C.g_set_prgname(id)
		C.gdk_set_program_class(id)
	}
	if o.Name != "" && C.g_get_application_name() == C.g_get_prgname() {
		C.g_set_application_name(name)
	}
	if C.gtk_init_check(nil, nil) == 0 { // webview_go's New would not say
		return ErrNoDisplay
	}
	if o.ID != "" {
		C.gdk_set_program_class(id) // GTK capitalises it when it starts
	}
	tameJavaScriptCore()
	return nil
}

func openURL(url string) error { return startAndForget("xdg-open", url) }

// Alert shows a dialog and waits until it is closed or ctx is done. It has to be called on the main thread while no loop
// runs; elsewhere, and where there is no display, it writes to the standard error.
func Alert(ctx context.Context, title, text string) {
	if !onMainThread() || C.gtk_init_check(nil, nil) == 0 {
		fmt.Fprintf(os.Stderr, "%s: %s\n", title, text)
		return
	}
	c, s := C.CString(title), C.CString(text)
	defer C.free(unsafe.Pointer(c))
	defer C.free(unsafe.Pointer(s))
	stop := context.AfterFunc(ctx, func() { C.casement_alert_end() })
	defer stop()
	C.casement_alert(c, s)
}

// terminal leaves out Linux's own consoles, which are behind the desktop that was started there.
func terminal(info os.FileInfo) bool {
	const console, consoles = 4, 64 // TTY_MAJOR; serial lines follow
	s, ok := info.Sys().(*syscall.Stat_t)
	if info.Mode()&os.ModeCharDevice == 0 || !ok {
		return false
	}
	if unix.Major(s.Rdev) == console && unix.Minor(s.Rdev) < consoles {
		return false
	}
	_, err := unix.IoctlGetTermios(int(os.Stderr.Fd()), unix.TCGETS)
	return err == nil
}
