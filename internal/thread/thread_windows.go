// Package thread tells operating-system threads apart.
package thread

import "syscall"

var currentThreadID = syscall.NewLazyDLL("kernel32.dll").NewProc("GetCurrentThreadId")

// ID returns the id of the calling thread. It says something only while the goroutine is locked to its thread, or compared
// with the id of a thread that another goroutine is locked to: nothing else runs on that one.
func ID() uint64 {
	id, _, _ := currentThreadID.Call()
	return uint64(id)
}
