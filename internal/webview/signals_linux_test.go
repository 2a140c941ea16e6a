package webview_test

import (
	"syscall"
	"testing"
	"unsafe"

	"casement/internal/webview"
)

// A signal handler that interrupts Go must not run on the current stack, which may be a
// goroutine's. So the thread must have a signal stack.
func TestSignalsHaveAStackOfTheirOwnWheneverGoRuns(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		check := func(when string) {
			const onStack, disabled = 0x08000000, 2
			for _, s := range []syscall.Signal{
				syscall.SIGUSR1, syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGILL, syscall.SIGTRAP, syscall.SIGABRT,
			} {
				var action struct{ handler, flags, restorer, mask uintptr }
				_, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(s), 0, uintptr(unsafe.Pointer(&action)), 8, 0, 0)
				if errno != 0 {
					t.Errorf("%s: %v: %v", when, s, errno)
				} else if action.handler > 1 && action.flags&onStack == 0 {
					t.Errorf("%s: the handler of %v runs on the current stack", when, s)
				}
			}
			var stack struct {
				sp    uintptr
				flags int32
				size  uintptr
			}
			_, _, errno := syscall.RawSyscall(syscall.SYS_SIGALTSTACK, 0, uintptr(unsafe.Pointer(&stack)), 0)
			if errno != 0 || stack.flags&disabled != 0 {
				t.Errorf("%s: the thread has no signal stack (%v)", when, errno)
			}
		}
		heard := make(chan struct{})
		w := a.open(webview.WindowOptions{
			Assets: page(post + `<script>post("first"); post("second")</script>`),
			Handlers: webview.Handlers{Message: func(raw []byte) {
				if string(raw) == "second" { // not the first: JavaScriptCore may start with it
					check("in a message handler")
					close(heard)
				}
			}},
		})
		wait(t, heard, "the messages")
		a.ui(func() { check("in a posted function") })
		a.ui(func() { w.Close() })
		a.ui(func() { check("after the window") })
	})
}
