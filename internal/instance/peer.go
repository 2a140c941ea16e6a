//go:build unix

package instance

import (
	"net"
	"os"
)

// own reports whether the process at the other end belongs to this user.
func own(conn *net.UnixConn) bool {
	raw, err := conn.SyscallConn()
	if err != nil {
		return false
	}
	is := false
	err = raw.Control(func(fd uintptr) {
		user, err := peerUser(int(fd))
		is = err == nil && int(user) == os.Getuid()
	})
	return err == nil && is
}
