package shell

import "sync"

// maxLine bounds what waits in a line. A window that is dragged about makes some 100 events a second, so
// this is a listener that has hung for ten minutes.
const maxLine = 1 << 16

// A line runs functions one after the other, in the order in which they came, on a goroutine that lives
// as long as there are some.
type line struct {
	mu      sync.Mutex
	waiting []func()
	running bool
}

// add queues f. Start starts a goroutine and reports whether it did. False means that f will not run: the
// line is full, or the app has ended.
func (l *line) add(f func(), start func(func()) bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) >= maxLine {
		return false
	}
	l.waiting = append(l.waiting, f)
	if !l.running {
		l.running = start(l.run)
	}
	if !l.running {
		l.waiting = nil
	}
	return l.running
}

func (l *line) run() {
	for {
		l.mu.Lock()
		if len(l.waiting) == 0 {
			l.running = false
			l.mu.Unlock()
			return
		}
		f := l.waiting[0]
		l.waiting[0] = nil
		l.waiting = l.waiting[1:]
		l.mu.Unlock()
		f()
	}
}
