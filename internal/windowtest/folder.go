package windowtest

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// interrupts are what ends a test run from outside, as far as a program is told.
var interrupts = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}

// newFolder makes this process and those that it starts store everything in a folder of their own.
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

// removeAll tries again for a while: programs that end with the tests may still write.
func removeAll(dir string) {
	for range 20 {
		if os.RemoveAll(dir) == nil {
			// What was about to write may make a folder again.
			if time.Sleep(50 * time.Millisecond); os.RemoveAll(dir) == nil {
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// removeWhenInterrupted removes the folder and then lets the signal have its way.
func removeWhenInterrupted(remove func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, interrupts...)
	go func() {
		s := <-c
		remove()
		signal.Reset(interrupts...)
		if p, err := os.FindProcess(os.Getpid()); err == nil && p.Signal(s) == nil {
			time.Sleep(time.Second) // for it to come
		}
		os.Exit(1)
	}()
}
