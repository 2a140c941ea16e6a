package webview

/*
#include <stdlib.h>
#include "native_linux.h"
*/
import "C"

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"
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

// Alert tells the user what keeps the program from starting. Without a window there is only the standard error.
func Alert(title, text string) { fmt.Fprintf(os.Stderr, "%s: %s\n", title, text) }
