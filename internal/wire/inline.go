package wire

import (
	"iter"
	"time"
)

// maxInline is how long a command may take on the UI thread before that is logged: a frame.
const maxInline = 16 * time.Millisecond

// runInline runs the call at once, on the UI thread.
//
// It runs in a coroutine, which has the thread but a stack of its own. So a command that ends its goroutine ends that and
// not the UI thread's, which no other could replace: main is on it. By BenchmarkCall that costs a microsecond.
func (c *running) runInline() {
	began := time.Now()
	next, _ := iter.Pull(func(yield func(struct{}) bool) {
		growStack(0)
		returned := false
		defer func() {
			if returned {
				return
			}
			if v := recover(); v != nil {
				panic(v)
			}
			// The command has called runtime.Goexit. Switching back from here, for good, keeps that from
			// spreading to the UI thread's goroutine. This one stays behind.
			yield(struct{}{})
		}()
		c.run(true)
		returned = true
	})
	if _, left := next(); left {
		c.command.Exits.Store(true) // So that it leaves no more than one behind.
		c.page.endpoint.log.Error("an inline command has ended its goroutine; from now on it runs on goroutines of its own",
			"command", c.Command)
	}
	if took := time.Since(began); took > maxInline {
		c.page.endpoint.log.Warn("an inline command has kept the windows waiting", "command", c.Command, "took", took)
	}
}

// growStack has a new goroutine's stack grow once to what a command takes. By BenchmarkCall that is ten microseconds less than
// in steps, each of which copies the one before.
//
//go:noinline
func growStack(at byte) byte {
	var room [8 << 10]byte
	room[at] = at
	return room[at/2]
}
