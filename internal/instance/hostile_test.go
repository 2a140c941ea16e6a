//go:build linux

package instance_test

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"casement/internal/instance"
)

func take(t *testing.T, handle func(instance.Message) bool) *instance.Claim {
	t.Helper()
	c, err := instance.Take(t.Context(), id, instance.Message{}, handle)
	if err != nil || c == nil {
		t.Fatalf("%v, %v", c, err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// meetingPoint returns the path of an instance's socket without the suffix.
func meetingPoint(t *testing.T, runtime string) string {
	t.Helper()
	sockets, _ := filepath.Glob(filepath.Join(runtime, "casement", "*.sock"))
	if len(sockets) != 1 {
		t.Fatalf("sockets %q", sockets)
	}
	return strings.TrimSuffix(sockets[0], ".sock")
}

// Connections that send nothing, or half a message, must not block others.
func TestConnectionsThatDoNothingDoNotBlock(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", dir)
	got := make(chan instance.Message, 100)
	first := take(t, func(m instance.Message) bool { got <- m; return true })
	socket := meetingPoint(t, dir) + ".sock"
	for i := range 60 {
		conn, err := net.Dial("unix", socket)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		// The connection may be closed already.
		_, _ = io.WriteString(conn, []string{"", `{"args":[`, strings.Repeat(" ", 1000)}[i%3])
	}
	// They are as long as a command line can be.
	args := []string{"not \xff\xfe UTF-8", "", strings.Repeat("\x01", 2<<20)}
	for range 3 {
		began := time.Now()
		c, err := instance.Take(t.Context(), id, instance.Message{Args: args, Dir: "/d\xff"}, nil)
		if c != nil || err != nil {
			t.Fatalf("a later process gets %v, %v", c, err)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("it took %v", took)
		}
		if m := <-got; !slices.Equal(m.Args, args) || m.Dir != "/d\xff" {
			t.Errorf("%d arguments, %.100q", len(m.Args), m)
		}
	}
	began := time.Now()
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("closing took %v", took)
	}
}

// impostor holds the lock of an instance and listens in its place.
func impostor(t *testing.T, listen func(path string) net.Listener, serve func(net.Conn)) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", dir)
	first := take(t, nil)
	path := meetingPoint(t, dir)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path+".lock", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		t.Fatal(err)
	}
	l := listen(path + ".sock")
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
}

func listen(t *testing.T) func(string) net.Listener {
	return func(path string) net.Listener {
		t.Helper()
		l, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
}

func TestTheListenerIsVerified(t *testing.T) {
	for name, c := range map[string]struct {
		serve func(net.Conn)
		says  string
		soon  bool
	}{
		"speaks another language": {func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n") }, "not this application", true},
		"has another id": {func(c net.Conn) {
			_, _ = io.WriteString(c, "casement instance 1 \"com.example.another0\"\n")
		}, "not this application", true},
		"says nothing": {func(net.Conn) {}, "timeout", false},
		"takes nothing": {func(c net.Conn) {
			_, _ = io.WriteString(c, "casement instance 1 \""+id+"\"\n")
		}, "timeout", false},
		"is slow": {func(c net.Conn) {
			for _, b := range []byte("casement instance") {
				_, _ = c.Write([]byte{b})
				time.Sleep(300 * time.Millisecond)
			}
		}, "timeout", false},
	} {
		t.Run(name, func(t *testing.T) {
			impostor(t, listen(t), c.serve)
			began := time.Now()
			claim, err := instance.Take(t.Context(), id, instance.Message{Args: []string{"secret"}}, nil)
			if claim != nil || !errors.Is(err, instance.ErrNoAnswer) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, %v", claim, err)
			}
			if took := time.Since(began); took > 8*time.Second || c.soon && took > 2*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// A process of another user must not get the message.
func TestAnotherUsersProcessGetsNoMessage(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can be another user")
	}
	heard := make(chan string, 10)
	impostor(t, func(path string) net.Listener {
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
			t.Fatal(err)
		}
		// The peer's user is that of the thread that called listen.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		const same, nobody = ^uintptr(0), 65534
		if _, _, err := unix.RawSyscall(unix.SYS_SETRESUID, same, nobody, same); err != 0 {
			t.Fatal(err)
		}
		err = unix.Listen(fd, 8)
		if _, _, err := unix.RawSyscall(unix.SYS_SETRESUID, same, 0, same); err != 0 {
			panic(err) // this thread must not run other code
		}
		if err != nil {
			t.Fatal(err)
		}
		f := os.NewFile(uintptr(fd), path)
		defer f.Close()
		l, err := net.FileListener(f)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}, func(c net.Conn) {
		_, _ = io.WriteString(c, "casement instance 1 \""+id+"\"\n")
		said, _ := io.ReadAll(c)
		heard <- string(said)
	})
	_, err := instance.Take(t.Context(), id, instance.Message{Args: []string{"secret"}}, nil)
	if !errors.Is(err, instance.ErrNoAnswer) || !strings.Contains(err.Error(), "another user") {
		t.Error(err)
	}
	if said := <-heard; said != "" {
		t.Errorf("it received %q", said)
	}
}

func TestOnlyTheUserCanEnterTheFolder(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", dir)
	folder := filepath.Join(dir, "casement")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	_ = take(t, nil).Close()
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	refused := func(why string) {
		t.Helper()
		c, err := instance.Take(t.Context(), id, instance.Message{}, nil)
		if c != nil || err == nil || errors.Is(err, instance.ErrNoAnswer) || !strings.Contains(err.Error(), why) {
			t.Errorf("%v, %v", c, err)
		}
	}
	if os.Getuid() == 0 {
		if err := os.Chown(folder, 65534, -1); err != nil {
			t.Fatal(err)
		}
		refused("another user")
	}
	if err := os.Rename(folder, folder+"-of-another"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(folder+"-of-another", folder); err != nil {
		t.Fatal(err)
	}
	refused("not a folder")
}
