// Package thread tells operating-system threads apart.
package thread

import "syscall"

// ID returns the id of the calling thread. It says something only while the goroutine is locked to its thread, or compared
// with the id of a thread that another goroutine is locked to: nothing else runs on that one.
func ID() uint64 {
	id, _, _ := syscall.RawSyscall(syscall.SYS_THREAD_SELFID, 0, 0, 0)
	return uint64(id)
}
