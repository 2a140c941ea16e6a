package thread

import "syscall"

var currentThreadID = syscall.NewLazyDLL("kernel32.dll").NewProc("GetCurrentThreadId")

func id() uint64 {
	id, _, _ := currentThreadID.Call()
	return uint64(id)
}
