package wire

import (
	"iter"
	"time"
)

// maxInline is the duration of a command on the UI thread above which it is logged: a frame.
const maxInline = 16 * time.Millisecond

// runInline runs the call at once, on the UI thread.
//
// It runs the call in a coroutine, which runs on the same thread but has its own stack. So a
// command that ends its goroutine ends the coroutine, and not the UI thread's goroutine, which
// cannot be replaced because it runs main. By BenchmarkCall that costs a microsecond.
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
			// The command called runtime.Goexit. Yielding here, for good, keeps the exit from the
			// UI thread's goroutine. The coroutine is leaked.
			yield(struct{}{})
		}()
		c.run(true)
		returned = true
	})
	if _, left := next(); left {
		c.command.Exits.Store(true) // So it leaks no more than one.
		c.page.endpoint.log.Error("an inline command has ended its goroutine; from now on it runs on goroutines of its own",
			"command", c.Command)
	}
	if took := time.Since(began); took > maxInline {
		c.page.endpoint.log.Warn("an inline command blocked the UI thread", "command", c.Command, "took", took)
	}
}

// growStack grows the stack of a new goroutine at once to the size that a command needs. By
// BenchmarkCall that takes ten microseconds less than growing in steps, each of which copies the
// stack.
//
//go:noinline
func growStack(at byte) byte {
	var room [8 << 10]byte
	room[at] = at
	return room[at/2]
}
