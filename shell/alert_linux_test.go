package shell_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"casement/internal/apptest"
	"casement/internal/windowtest"
	"casement/shell"
)

// failing is the environment variable that selects how the app of TestFailingApp fails.
const failing = "CASEMENT_SHELL_FAILING"

// TestFailingApp runs an app that cannot start, in a process of its own, and prints the error of
// Run.
func TestFailingApp(t *testing.T) {
	how := os.Getenv(failing)
	if how == "" {
		t.Skip("the other tests run it")
	}
	o := shell.Options{ID: apptest.ID + ".failing", Name: "The Failing App", Assets: anyFiles}
	switch how {
	case "url":
		o.DevURL = "http://localhost:5173/app"
	case "unattended":
		o.Unattended = true
	case "display":
		_ = os.Unsetenv("DISPLAY")
		_ = os.Unsetenv("WAYLAND_DISPLAY")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	windowtest.OnMain(func() { fmt.Printf("Run returned %v\n", shell.New(o).Run(ctx)) })
}

// fails starts an app that cannot start. The process ends with the test; said returns its output.
func fails(t *testing.T, how string, stderr *os.File) (process *exec.Cmd, said func() string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestFailingApp$")
	cmd.Env = append(os.Environ(), failing+"="+how)
	cmd.Stderr = stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd, func() string {
		all := make(chan string, 1)
		go func() {
			text, _ := io.ReadAll(out)
			all <- string(text)
		}()
		select {
		case text := <-all:
			return text
		case <-time.After(apptest.Patience):
			t.Fatal("the app does not end")
			return ""
		}
	}
}

// alerted waits for the dialog and returns its X window id.
func alerted(t *testing.T) string {
	t.Helper()
	for end := time.Now().Add(apptest.Patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		ids, err := exec.Command("xdotool", "search", "--onlyvisible", "--name", "^The Failing App could not start$").Output()
		if err == nil && len(ids) > 0 {
			return strings.Fields(string(ids))[0]
		}
	}
	t.Fatal("no dialog is shown")
	return ""
}

func TestAPersonIsToldWhyAnAppDoesNotStart(t *testing.T) {
	windowtest.Desktop(t)
	// A desktop starts programs with such a standard error.
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	file, err := os.Create(t.TempDir() + "/xsession-errors")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	journal, end := os.NewFile(uintptr(fds[0]), "journal"), os.NewFile(uintptr(fds[1]), "journal's end")
	defer journal.Close()
	defer end.Close()
	for name, c := range map[string]struct {
		how, text string
		stderr    *os.File
		close     func(t *testing.T, app *exec.Cmd, dialog string)
	}{
		"no window, as from a session's log": {"window", "no window to open", file, byKey},
		"a wrong option, as from a journal":  {"url", "Options.DevURL", journal, byKey},
		"with nothing, until the test ends it": {"window", "no window to open", null,
			func(t *testing.T, app *exec.Cmd, _ string) {
				if err := app.Process.Signal(syscall.SIGTERM); err != nil {
					t.Fatal(err)
				}
			}},
	} {
		t.Run(name, func(t *testing.T) {
			app, said := fails(t, c.how, c.stderr)
			dialog := alerted(t)
			if dir := os.Getenv("CASEMENT_TEST_PICTURES"); dir != "" {
				time.Sleep(time.Second)
				_ = exec.Command("import", "-window", "root", dir+"/"+c.how+".png").Run()
			}
			c.close(t, app, dialog)
			if text := said(); !strings.Contains(text, "Run returned") || !strings.Contains(text, c.text) {
				t.Errorf("output: %q", text)
			}
		})
	}
}

func byKey(t *testing.T, _ *exec.Cmd, dialog string) {
	t.Helper()
	for _, args := range [][]string{{"windowactivate", "--sync", dialog}, {"key", "Return"}} {
		if out, err := exec.Command("xdotool", args...).CombinedOutput(); err != nil {
			t.Fatalf("xdotool: %v: %s", err, out)
		}
	}
}

// An app that shows a dialog would not end by itself.
func TestNobodyIsToldWhoReadsTheStandardError(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	read, pipe, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	defer pipe.Close()
	for name, c := range map[string]struct {
		how, text string
		stderr    *os.File
	}{
		"a terminal": {"window", "no window to open", terminal(t)},
		"a pipe":     {"window", "no window to open", pipe},
		"unattended": {"unattended", "no window to open", null},
		"no display": {"display", "no display", null},
	} {
		t.Run(name, func(t *testing.T) {
			_, said := fails(t, c.how, c.stderr)
			if text := said(); !strings.Contains(text, "Run returned") || !strings.Contains(text, c.text) {
				t.Errorf("output: %q", text)
			}
		})
	}
}

// terminal returns the program's end of a terminal.
func terminal(t *testing.T) *os.File {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("there are no terminals: ", err)
	}
	t.Cleanup(func() { _ = master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = slave.Close() })
	go func() { _, _ = io.Copy(io.Discard, master) }()
	return slave
}
