package instance

import (
	"errors"
	"net"
	"os"

	"golang.org/x/sys/windows"
)

// lock reports whether the file was nobody's and is this process' now, until it is closed.
func lock(f *os.File) (bool, error) {
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY,
		0, 1, 0, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return false, nil
	}
	return err == nil, err
}

// own accepts everybody: the socket is in the user's own folder, which others can't enter.
func own(*net.UnixConn) bool { return true }

// private has nothing to do: a folder in the user's own has what others may do from there.
func private(string) error { return nil }

// letFocus lets the process that is told bring its window to the front, which is this one's right: the user
// has just started it.
func letFocus() {
	const anyProcess = ^uintptr(0)
	_, _, _ = windows.NewLazySystemDLL("user32.dll").NewProc("AllowSetForegroundWindow").Call(anyProcess)
}
