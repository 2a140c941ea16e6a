package windowtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// lifeline names the file descriptor, open for reading, that ends with the process that started this one again.
const lifeline = "CASEMENT_WINDOWTEST_LIFELINE"

// grace is how long an interrupted session may take to end. It takes less than a second.
const grace = 10 * time.Second

// outer is what the session runs in. Its folder goes last, which falls to it once nobody else is there: without its own folder,
// xvfb-run would leave the display behind.
const outer = `"$@"; status=$?; if [ -e "$0/orphaned" ]; then rm -rf "$0" || { sleep 1; rm -rf "$0"; }; fi; exit $status`

// inner is how the session runs the test binary, whose output goes past it: it tells the process id first.
const inner = `echo $$ >"$0.new" && mv "$0.new" "$0"; exec "$@" >&3 2>&4 3>&- 4>&-`

// again runs this test binary on a virtual display and returns its exit code. The session is its own, with its own D-Bus and
// folders, so that others at the same time don't share its accessibility bus; what dbus-daemon and its like say is shown only
// if the tests never start. An interrupt ends the tests, and then the session; if this process is killed, so does the end of
// the lifeline.
func again() int {
	if os.Getenv(own) != "" {
		return failed("xvfb-run has set no DISPLAY")
	}
	remove := newFolder()
	defer remove()
	dir := os.Getenv(own)
	run, tmp := filepath.Join(dir, "run"), filepath.Join(dir, "tmp") // so that xvfb-run's folder goes, too
	if err := errors.Join(os.Mkdir(run, 0o700), os.Mkdir(tmp, 0o700)); err != nil {
		return failed(err)
	}
	line, held, err := os.Pipe()
	if err != nil {
		return failed(err)
	}
	defer held.Close()
	started := filepath.Join(dir, "started")
	// Packages are tested at the same time: from the same first number, their servers would race for it.
	number := strconv.Itoa(1000 + os.Getpid()%20000)
	// A server that resets with its last client, which may be a tool's short visit, drops the next one's connection.
	const screen = "-screen 0 1280x800x24 -noreset"
	cmd := exec.Command("sh", append([]string{
		"-c", outer, dir, "dbus-run-session", "--", "xvfb-run", "-a", "-n", number, "-s", screen, "--",
		"sh", "-c", inner, started, os.Args[0],
	}, os.Args[1:]...)...)
	// In a locale without UTF-8, xdotool finds no window by a title with a dash in it.
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "XDG_RUNTIME_DIR="+run, "TMPDIR="+tmp, "NO_AT_BRIDGE=1", lifeline+"=5")
	cmd.Stdin = os.Stdin
	cmd.ExtraFiles = []*os.File{os.Stdout, os.Stderr, line} // 3, 4 and 5
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return failed(err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log // a file: what outlives the session must not keep it from ending

	interrupt := make(chan os.Signal, 1)
	signal.Notify(interrupt, append(interrupts, syscall.SIGQUIT)...)
	if err := cmd.Start(); err != nil {
		return failed("no display, and no virtual one:", err)
	}
	_ = line.Close()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var late <-chan time.Time
	for {
		select {
		case err = <-ended:
			if _, none := os.Stat(started); none != nil {
				said, _ := os.ReadFile(log.Name())
				_, _ = io.Copy(os.Stderr, bytes.NewReader(said))
			}
			if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
				return max(exit.ExitCode(), 1)
			} else if err != nil {
				return failed(err)
			}
			return 0
		case s := <-interrupt:
			tell(started, cmd.Process, s)
			late = time.After(grace)
		case <-late:
			_ = cmd.Process.Kill()
		}
	}
}

// tell hands a signal on to the tests, or to the session if they have not started.
func tell(started string, session *os.Process, s os.Signal) {
	if said, err := os.ReadFile(started); err == nil {
		if pid, err := strconv.Atoi(strings.TrimSpace(string(said))); err == nil {
			if p, err := os.FindProcess(pid); err == nil && p.Signal(s) == nil {
				return
			}
		}
	}
	_ = session.Signal(s)
}

func failed(why ...any) int {
	fmt.Fprintln(os.Stderr, append([]any{"windowtest:"}, why...)...)
	return 1
}

// endWithParent ends the tests, and leaves nothing behind, when the process that has started them again is gone.
func endWithParent() {
	fd, err := strconv.Atoi(os.Getenv(lifeline))
	if err != nil {
		return
	}
	_ = os.Unsetenv(lifeline) // what the tests start has no part in it
	line := os.NewFile(uintptr(fd), "lifeline")
	go func() {
		_, _ = line.Read(make([]byte, 1))
		_ = os.WriteFile(filepath.Join(os.Getenv(own), "orphaned"), nil, 0o600)
		os.Exit(1)
	}()
}
