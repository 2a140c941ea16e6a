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
	"unsafe"
)

// answerDialogs cancels the dialogs of a page's window, or all dialogs if window is nil.
func answerDialogs(window unsafe.Pointer) { C.casement_answer_dialogs((*C.GtkWidget)(window)) }

// Alert shows an error in a dialog and waits until the dialog is closed or ctx is done. It must be
// called on the main thread while no loop runs. On other threads, and without a display, it writes
// to standard error instead.
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
