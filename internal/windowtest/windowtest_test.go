package windowtest_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"casement/internal/windowtest"
)

// inside is the variable that selects what TestInside does.
const inside = "CASEMENT_WINDOWTEST_INSIDE"

func TestMain(m *testing.M) { windowtest.Main(m) }

// TestInside runs in sessions that the other tests start.
func TestInside(t *testing.T) {
	switch os.Getenv(inside) {
	case "":
		t.Skip("only the other tests run it")
	case "look":
		// Starting the accessibility bus makes daemons print messages.
		bus, _ := exec.Command("dbus-send", "--session", "--print-reply=literal", "--dest=org.a11y.Bus", "/org/a11y/bus",
			"org.a11y.Bus.GetAddress").Output()
		fmt.Println("bus", strings.TrimSpace(string(bus)))
		info, err := os.Stat(os.Getenv("XDG_RUNTIME_DIR"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("runtime", os.Getenv("XDG_RUNTIME_DIR"), info.Mode().Perm())
		fmt.Println("storage", os.Getenv("XDG_DATA_HOME"))
	case "fail":
		t.Fail()
	case "wait":
		if err := os.MkdirAll(os.Getenv("XDG_DATA_HOME"), 0o700); err != nil {
			t.Fatal(err)
		}
		fmt.Println("waiting")
		time.Sleep(time.Minute)
	}
}

// session returns a command that runs this binary without a display, in a new temporary folder.
func session(t *testing.T, do string) (cmd *exec.Cmd, folder string) {
	t.Helper()
	for _, tool := range []string{"dbus-run-session", "xvfb-run", "dbus-send"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool, "is not installed")
		}
	}
	// Not t.TempDir, whose name is too long for a socket's path.
	folder, err := os.MkdirTemp("", "wt")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	cmd = exec.Command(os.Args[0], "-test.run=^TestInside$")
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		switch name {
		case "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "CASEMENT_WINDOWTEST":
		default:
			if !strings.HasPrefix(name, "XDG_") {
				cmd.Env = append(cmd.Env, v)
			}
		}
	}
	cmd.Env = append(cmd.Env, inside+"="+do, "TMPDIR="+folder)
	cmd.Stderr = os.Stderr
	return cmd, folder
}

// left waits for a folder to become empty and returns what stays in it.
func left(folder string) (files []string) {
	for range 200 {
		if files, _ = filepath.Glob(filepath.Join(folder, "*")); len(files) == 0 {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return files
}

func TestASessionIsPrivateAndQuietAndLeavesNothing(t *testing.T) {
	cmd, folder := session(t, "look")
	var all bytes.Buffer
	cmd.Stdout, cmd.Stderr = &all, &all
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, all.Bytes())
	}
	lines := strings.Split(strings.TrimSpace(all.String()), "\n")
	if len(lines) != 4 || lines[3] != "PASS" {
		t.Fatalf("the session printed more than the test:\n%s", all.Bytes())
	}
	// Without at-spi2 there is no bus.
	if strings.Contains(lines[0], "unix:") && !strings.Contains(lines[0], folder) {
		t.Errorf("the accessibility bus is shared: %s", lines[0])
	}
	if !strings.HasPrefix(lines[1], "runtime "+folder) || !strings.HasSuffix(lines[1], " -rwx------") {
		t.Errorf("%s", lines[1])
	}
	if !strings.HasPrefix(lines[2], "storage "+folder) {
		t.Errorf("%s", lines[2])
	}
	if files := left(folder); files != nil {
		t.Errorf("left behind: %s", files)
	}
}

func TestASessionFailsWithItsTests(t *testing.T) {
	cmd, _ := session(t, "fail")
	if err := cmd.Run(); cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("%v", err)
	}
}

func TestAnInterruptedSessionLeavesNothing(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such signals")
	}
	for _, c := range []struct {
		name string
		sig  os.Signal
	}{{"interrupted", os.Interrupt}, {"killed", os.Kill}} {
		t.Run(c.name, func(t *testing.T) {
			cmd, folder := session(t, "wait")
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if _, err := out.Read(make([]byte, 100)); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Process.Signal(c.sig); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err == nil {
				t.Error("the session ended as if its tests had passed")
			}
			if files := left(folder); files != nil {
				t.Errorf("left behind: %s", files)
			}
		})
	}
}
