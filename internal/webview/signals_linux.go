package webview

/*
#include "native_linux.h"
*/
import "C"

import "log/slog"

// JavaScriptCore starts in this process with the first message from a page. It breaks Go's signal
// handling in two ways.
//
// Faults: it installs handlers for SIGSEGV and others without SA_ONSTACK. The next such signal runs
// on a goroutine's small stack, so even a nil dereference that is recovered ends the process.
// repairSignals sets the flag again.
//
// SIGUSR1: the collector, on its own thread, stops the main thread with this signal to scan its
// stack, whatever the thread is doing. Without SA_ONSTACK, if the main thread runs Go, the signal
// frame of some kilobytes is written below the goroutine's stack pointer and may pass the end of
// its stack. With SA_ONSTACK, JavaScriptCore's handler finds itself on a signal stack and asks to
// be retried, for ever while C code runs. So handlers of ours run first, with SA_ONSTACK. If the
// signal interrupted C on the thread's own stack, they send it again without the flag. If it
// interrupted Go, JavaScriptCore retries. This exists on x86-64 and 64-bit ARM only.

// tameJavaScriptCore starts JavaScriptCore before the first view does. Only the first call in a
// process does anything.
func tameJavaScriptCore() { C.casement_warm_up() }

// repairSignals moves the fault handlers back to Go's signal stack. It is called after a view is
// made and, on the native path, after its first message: which of the two installs them is up to
// WebKit.
func repairSignals(log *slog.Logger) {
	if n := C.casement_onstack(); n > 0 {
		log.Debug("moved signal handlers back to Go's signal stack", "count", int(n))
	}
}
