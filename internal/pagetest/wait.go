package pagetest

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// patience bounds the wait for a condition. A busy machine and the race detector make an engine
// slow.
const patience = 2 * time.Minute

// Until waits until holds returns true. It ends the test if that takes too long. what describes the
// condition.
func Until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for until := time.Now().Add(patience); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("timeout after %v: %s", patience, what)
		}
	}
}

// NoGoroutines waits until no goroutine runs the app's code any more, except the calling test's.
// Nothing else may run at the same time.
func NoGoroutines(t testing.TB) {
	t.Helper()
	var left []string
	stacks := make([]byte, 4<<20)
	for until := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		left = left[:0]
		all := string(stacks[:runtime.Stack(stacks, true)])
		// The first stack is the caller's.
		for _, stack := range strings.Split(all, "\n\n")[1:] {
			if strings.Contains(stack, "casement/") && !strings.Contains(stack, "testing.tRunner") &&
				!strings.Contains(stack, "testing.(*") {
				left = append(left, stack)
			}
		}
		if len(left) == 0 {
			return
		}
		if time.Now().After(until) {
			t.Fatalf("%d goroutines are left:\n%s", len(left), strings.Join(left, "\n\n"))
		}
	}
}
