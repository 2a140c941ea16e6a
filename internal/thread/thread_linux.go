package thread

import "syscall"

func id() uint64 { return uint64(syscall.Gettid()) }
