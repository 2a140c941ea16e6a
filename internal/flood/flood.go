// Package flood limits the rate of log lines that others can cause at will.
package flood

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	// Burst is how many lines are logged at once. They are enough to find a fault.
	Burst = 100
	// Pause is the time after which one more line is logged.
	Pause = time.Second
)

// A Gate limits the lines that it logs: Burst at once, and one more after each Pause. It drops the
// others. The next line that it logs has their number as "unlogged". All methods are safe for
// concurrent use. The zero Gate is ready.
type Gate struct {
	mu     sync.Mutex
	spent  int       // lines of the burst that are used up
	since  time.Time // when spent was last reduced
	missed int       // lines dropped since the last one that was logged
}

// Warn logs a warning, within the limit.
func (g *Gate) Warn(log *slog.Logger, message string, args ...any) {
	g.log(log, slog.LevelWarn, message, args)
}

// Debug logs a message for developers, within the limit.
func (g *Gate) Debug(log *slog.Logger, message string, args ...any) {
	g.log(log, slog.LevelDebug, message, args)
}

func (g *Gate) log(log *slog.Logger, level slog.Level, message string, args []any) {
	if !log.Enabled(context.Background(), level) {
		return
	}
	missed, ok := g.pass(time.Now())
	switch {
	case !ok:
		return
	case missed > 0:
		args = append(args, "unlogged", missed)
	}
	log.Log(context.Background(), level, message, args...)
}

// pass reports whether a line may be logged now. missed is the number of lines dropped before it.
func (g *Gate) pass(now time.Time) (missed int, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	earned := int(min(now.Sub(g.since)/Pause, Burst))
	if earned >= g.spent {
		g.spent, g.since = 0, now
	} else {
		g.spent -= earned
		g.since = g.since.Add(time.Duration(earned) * Pause)
	}
	if g.spent == Burst {
		g.missed++
		return 0, false
	}
	g.spent++
	missed, g.missed = g.missed, 0
	return missed, true
}
