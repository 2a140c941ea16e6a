//go:build unix

package instance

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// lock takes the lock of a file without waiting. It reports false if another process has it.
// Closing the file releases it.
func lock(f *os.File) (bool, error) {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

// private ensures that a folder belongs to this user and that no other user can enter it.
func private(dir string) error {
	var s unix.Stat_t
	if err := unix.Lstat(dir, &s); err != nil {
		return &os.PathError{Op: "lstat", Path: dir, Err: err}
	}
	switch {
	case s.Mode&unix.S_IFMT != unix.S_IFDIR:
		return fmt.Errorf("%s is not a folder", dir)
	case int(s.Uid) != os.Getuid():
		return fmt.Errorf("%s belongs to another user", dir)
	case s.Mode&0o077 != 0:
		return os.Chmod(dir, 0o700)
	}
	return nil
}

// letFocus does nothing: only Windows restricts which process may take the focus.
func letFocus() {}
