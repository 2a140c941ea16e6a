// Package windowtest lets tests open real windows: on a virtual display if there is no other, and from the main thread.
package windowtest

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
)

// underXvfb is set for a test binary that Main has started again.
const underXvfb = "CASEMENT_WINDOWTEST"

// jobs are what OnMain hands to the main goroutine: the one place that package os guarantees to be the main thread.
var jobs = make(chan job)

type job struct {
	f    func()
	done chan any // what f panicked with, or nil
}

// Main is what a package's TestMain calls; it does not return. Without a display it runs the test binary again under
// dbus-run-session and xvfb-run. Pages' storage goes to a folder that is removed in the end. It then runs the tests while the
// main goroutine serves OnMain.
func Main(m *testing.M) {
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		os.Exit(again())
	}
	remove := ownStorage()
	code := make(chan int)
	go func() { code <- m.Run() }()
	for {
		select {
		case j := <-jobs:
			j.run()
		case c := <-code:
			remove()
			os.Exit(c)
		}
	}
}

// OnMain runs f on the main thread, waits for it, and panics if it does. Jobs run one after the other, so f must not call
// OnMain; nor may it end its goroutine, as a test's FailNow does.
func OnMain(f func()) {
	j := job{f, make(chan any)}
	jobs <- j
	if p := <-j.done; p != nil {
		panic(p)
	}
}

func (j job) run() {
	var p any = "windowtest: the function given to OnMain ended the main goroutine"
	defer func() {
		if r := recover(); r != nil {
			p = r
		}
		j.done <- p
	}()
	j.f()
	p = nil
}

// again runs this test binary under a virtual display and returns its exit code.
func again() int {
	if os.Getenv(underXvfb) != "" {
		fmt.Fprintln(os.Stderr, "windowtest: xvfb-run has set no DISPLAY")
		return 1
	}
	// Packages are tested at the same time: from the same first number, their servers would race for it.
	number := strconv.Itoa(1000 + os.Getpid()%20000)
	args := append([]string{"--", "xvfb-run", "-a", "-n", number, "-s", "-screen 0 1280x800x24", "--", os.Args[0]}, os.Args[1:]...)
	cmd := exec.Command("dbus-run-session", args...)
	cmd.Env = append(os.Environ(), underXvfb+"=1", "NO_AT_BRIDGE=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		if exit, ok := err.(*exec.ExitError); ok {
			return exit.ExitCode()
		}
		fmt.Fprintln(os.Stderr, "windowtest: no display, and no virtual one:", err)
		return 1
	}
	return 0
}

// ownStorage keeps what pages store out of the user's folders. A test that runs itself again hands its own on.
func ownStorage() (remove func()) {
	const own = underXvfb + "_STORAGE"
	if os.Getenv(own) != "" {
		return func() {}
	}
	dir, err := os.MkdirTemp("", "casement-windowtest-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "windowtest:", err)
		os.Exit(1)
	}
	for name, value := range map[string]string{
		own: dir, "XDG_DATA_HOME": dir + "/data", "XDG_CACHE_HOME": dir + "/cache", "XDG_CONFIG_HOME": dir + "/config",
	} {
		os.Setenv(name, value)
	}
	return func() { _ = os.RemoveAll(dir) }
}
