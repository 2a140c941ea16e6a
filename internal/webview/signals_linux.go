package webview

/*
#include "native_linux.h"
*/
import "C"

import "log/slog"

// JavaScriptCore starts in this process with the first message from a page, and gets in the way of Go's signal handling
// twice.
//
// It installs handlers for SIGSEGV and others without SA_ONSTACK. The next such signal then lands on a goroutine's small
// stack, so that even a nil dereference that is recovered ends the process. The flag is set again: repairSignals.
//
// Its collector, on a thread of its own, stops the main thread with SIGUSR1 to scan its stack, whatever that is doing. If
// it runs Go, the signal's frame of some kilobytes is written below a goroutine's stack pointer, past the end of the stack if
// it comes to that. With SA_ONSTACK it is not; but on a signal stack JavaScriptCore's handler asks to be tried again, for
// ever while C code runs above. So handlers of ours come first: with SA_ONSTACK, and if it was C on the thread's own stack
// that was interrupted, the signal is sent again without it. If it was Go, JavaScriptCore is let try again. Processors other
// than x86-64 and ARM's 64-bit ones go without.

// tameJavaScriptCore starts it before the first view does. Only the first call in a process does anything.
func tameJavaScriptCore() { C.casement_warm_up() }

// repairSignals puts the handlers of faults back on Go's signal stack: after a view has been made, and after its first
// message, since which of the two installs them is WebKit's business.
func repairSignals(log *slog.Logger) {
	if n := C.casement_onstack(); n > 0 {
		log.Debug("signal handlers put back on Go's signal stack", "count", int(n))
	}
}
