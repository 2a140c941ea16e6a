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

// lifeline is the variable with the number of a file descriptor, open for reading. It reaches its
// end when the process that started this one has ended.
const lifeline = "CASEMENT_WINDOWTEST_LIFELINE"

// grace is the timeout for an interrupted session to end, which takes less than a second.
const grace = 10 * time.Second

// outer is the script around the session. If the first process is gone, it removes the folder,
// after everything else has ended: without its folder, xvfb-run would not stop the display.
const outer = `"$@"; status=$?; if [ -e "$0/orphaned" ]; then rm -rf "$0" || { sleep 1; rm -rf "$0"; }; fi; exit $status`

// inner is the script that runs the test binary in the session. It first writes the process id to a
// file, and it sends the output of the tests past the session's.
const inner = `echo $$ >"$0.new" && mv "$0.new" "$0"; exec "$@" >&3 2>&4 3>&- 4>&-`

// again runs this test binary on a virtual display and returns its exit code. The session has its
// own D-Bus and folders, so that concurrent sessions don't share an accessibility bus. The output
// of dbus-daemon and other services is shown only if the tests never start. An interrupt ends the
// tests and then the session. If this process is killed, the end of the lifeline does.
func again() int {
	if os.Getenv(own) != "" {
		return failed("xvfb-run has set no DISPLAY")
	}
	remove := newFolder()
	defer remove()
	dir := os.Getenv(own)
	run, tmp := filepath.Join(dir, "run"), filepath.Join(dir, "tmp") // tmp is for xvfb-run's folder
	if err := errors.Join(os.Mkdir(run, 0o700), os.Mkdir(tmp, 0o700)); err != nil {
		return failed(err)
	}
	reader, held, err := os.Pipe()
	if err != nil {
		return failed(err)
	}
	defer held.Close()
	started := filepath.Join(dir, "started")
	// Packages are tested concurrently. With the same first number, their servers would race for
	// it.
	number := strconv.Itoa(1000 + os.Getpid()%20000)
	// Without -noreset, the server resets when its last client leaves, which may be a short-lived
	// tool, and drops the connection of the next one.
	const screen = "-screen 0 1280x800x24 -noreset"
	cmd := exec.Command("sh", append([]string{
		"-c", outer, dir, "dbus-run-session", "--", "xvfb-run", "-a", "-n", number, "-s", screen, "--",
		"sh", "-c", inner, started, os.Args[0],
	}, os.Args[1:]...)...)
	// In a locale without UTF-8, xdotool finds no window whose title has a dash.
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "XDG_RUNTIME_DIR="+run, "TMPDIR="+tmp, "NO_AT_BRIDGE=1", lifeline+"=5")
	cmd.Stdin = os.Stdin
	cmd.ExtraFiles = []*os.File{os.Stdout, os.Stderr, reader} // 3, 4 and 5
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return failed(err)
	}
	defer log.Close()
	// The log is a file: a pipe would make Wait wait for processes that outlive the session.
	cmd.Stdout, cmd.Stderr = log, log

	interrupt := make(chan os.Signal, 1)
	signal.Notify(interrupt, append(interrupts, syscall.SIGQUIT)...)
	if err := cmd.Start(); err != nil {
		return failed("no display, and no virtual one:", err)
	}
	_ = reader.Close()
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
			forward(started, cmd.Process, s)
			late = time.After(grace)
		case <-late:
			_ = cmd.Process.Kill()
		}
	}
}

// forward sends a signal to the tests, or to the session if they have not started.
func forward(started string, session *os.Process, s os.Signal) {
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

// endWithParent ends the tests when the process that started them again has ended. It marks the
// folder for removal by outer.
func endWithParent() {
	fd, err := strconv.Atoi(os.Getenv(lifeline))
	if err != nil {
		return
	}
	_ = os.Unsetenv(lifeline) // children of the tests don't get it
	reader := os.NewFile(uintptr(fd), "lifeline")
	go func() {
		_, _ = reader.Read(make([]byte, 1))
		_ = os.WriteFile(filepath.Join(os.Getenv(own), "orphaned"), nil, 0o600)
		os.Exit(1)
	}()
}
