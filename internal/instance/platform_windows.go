package instance

import (
	"errors"
	"net"
	"os"

	"golang.org/x/sys/windows"
)

// lock takes the lock of a file without waiting. It reports false if another process has it.
// Closing the file releases it.
func lock(f *os.File) (bool, error) {
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY,
		0, 1, 0, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return false, nil
	}
	return err == nil, err
}

// own accepts every process: the socket is in a folder of the user that others can't enter.
func own(*net.UnixConn) bool { return true }

// private does nothing: the folder inherits the access rights of the user's folder.
func private(string) error { return nil }

// letFocus allows the process that gets the message to bring its window to the front. This process
// has that right to give, because the user has just started it.
func letFocus() {
	const anyProcess = ^uintptr(0)
	_, _, _ = windows.NewLazySystemDLL("user32.dll").NewProc("AllowSetForegroundWindow").Call(anyProcess)
}
