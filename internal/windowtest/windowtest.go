// Package windowtest lets tests open real windows from the main thread. Without a display, it
// starts a virtual one.
package windowtest

import (
	"os"
	"runtime"
	"testing"
)

// own is the variable with the folder in which the session stores all data. It is set in a test
// binary that Main has started again, and in programs that tests start.
const own = "CASEMENT_WINDOWTEST"

// jobs passes functions from OnMain to the main goroutine, the only one that is sure to run on the
// main thread.
var jobs = make(chan job)

type job struct {
	f    func()
	done chan any // what f panicked with, or nil
}

// Main must be called by the TestMain of a package. It runs the tests and serves OnMain on the main
// goroutine, and does not return. Without a display, it runs the test binary again in a session
// with a virtual one, see again. Pages store their data in a folder that is removed at the end.
func Main(m *testing.M) {
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" && runtime.GOOS == "linux" {
		os.Exit(again())
	}
	remove := func() {}
	if os.Getenv(own) == "" {
		remove = newFolder()
		removeWhenInterrupted(remove)
	}
	endWithParent()
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

// OnMain runs f on the main thread and waits for it. If f panics, so does OnMain. Functions run one
// at a time, so f must not call OnMain. It must not end its goroutine either, as FailNow of a test
// does.
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
