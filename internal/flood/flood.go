// Package flood keeps what others can cause at will from flooding the log.
package flood

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	// Burst is how many lines may come at once: enough to find out what is wrong.
	Burst = 100
	// Pause is how long it takes until one more line may come.
	Pause = time.Second
)

// A Gate lets lines through to a logger: Burst at once, and one more for each Pause. The first line after some that were
// kept back says how many. All methods are safe for concurrent use. The zero Gate is ready.
type Gate struct {
	mu     sync.Mutex
	spent  int // of the burst
	since  time.Time
	missed int
}

// Warn logs a warning, if it is let through.
func (g *Gate) Warn(log *slog.Logger, message string, args ...any) {
	g.log(log, slog.LevelWarn, message, args)
}

// Debug logs what is for a developer only, if it is let through.
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

// pass reports whether a line is let through now, and how many were not since the last one.
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
