package webview

/*
#include <stdlib.h>
#include "native_linux.h"
*/
import "C"

import (
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

func onMainThread() bool { return syscall.Gettid() == os.Getpid() }

// preparePlatform names the program before GTK and WebKit start: WebKit stores the data of pages in
// a folder of that name in the user's data folder. Only the first loop of a process can name it.
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
	if C.gtk_init_check(nil, nil) == 0 { // webview_go's New would not report it
		return ErrNoDisplay
	}
	if o.ID != "" {
		C.gdk_set_program_class(id) // GTK capitalises it when it starts
	}
	tameJavaScriptCore()
	return nil
}

func openURL(url string) error { return startAndForget("xdg-open", url) }

// terminal leaves out Linux's own consoles: a desktop that was started on one covers it.
func terminal(info os.FileInfo) bool {
	const console, consoles = 4, 64 // TTY_MAJOR; the minors above are serial lines
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
