package instance

import (
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// own reports whether the process at the other end is this user's.
func own(conn *net.UnixConn) bool {
	raw, err := conn.SyscallConn()
	if err != nil {
		return false
	}
	is := false
	err = raw.Control(func(fd uintptr) {
		peer, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
		is = err == nil && int(peer.Uid) == os.Getuid()
	})
	return err == nil && is
}
