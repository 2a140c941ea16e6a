package windowtest

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// interrupts are the signals that end a test run and that a program can catch.
var interrupts = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}

// newFolder creates a folder in which this process and its children store all data.
func newFolder() (remove func()) {
	dir, err := os.MkdirTemp("", "casement-windowtest-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "windowtest:", err)
		os.Exit(1)
	}
	_ = os.Setenv(own, dir)
	for name, folder := range map[string]string{"XDG_DATA_HOME": "data", "XDG_CACHE_HOME": "cache", "XDG_CONFIG_HOME": "config"} {
		_ = os.Setenv(name, filepath.Join(dir, folder))
	}
	return func() { removeAll(dir) }
}

// removeAll retries for a while, because programs that end with the tests may still write.
func removeAll(dir string) {
	for range 20 {
		if os.RemoveAll(dir) == nil {
			// A program that was about to write may create the folder again.
			if time.Sleep(50 * time.Millisecond); os.RemoveAll(dir) == nil {
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// removeWhenInterrupted removes the folder on a signal, and then lets the signal end the process.
func removeWhenInterrupted(remove func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, interrupts...)
	go func() {
		s := <-c
		remove()
		signal.Reset(interrupts...)
		if p, err := os.FindProcess(os.Getpid()); err == nil && p.Signal(s) == nil {
			time.Sleep(time.Second) // until the signal arrives
		}
		os.Exit(1)
	}()
}
