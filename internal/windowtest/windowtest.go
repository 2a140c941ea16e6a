// Package windowtest lets tests open real windows: on a virtual display if there is no other, and from the main thread.
package windowtest

import (
	"os"
	"runtime"
	"testing"
)

// own names the folder of everything that the session stores. It is set once there is one: in a test binary that Main has
// started again, and in one that a test starts.
const own = "CASEMENT_WINDOWTEST"

// jobs are what OnMain hands to the main goroutine: the one place that package os guarantees to be the main thread.
var jobs = make(chan job)

type job struct {
	f    func()
	done chan any // what f panicked with, or nil
}

// Main is what a package's TestMain calls; it does not return. Without a display it runs the test binary again in a session of
// its own, see again. Pages' storage goes to a folder that is removed in the end. It then runs the tests while the main
// goroutine serves OnMain.
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
