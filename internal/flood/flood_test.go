package flood_test

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"casement/internal/flood"
	"casement/internal/pagetest"
)

func TestAFloodIsLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g flood.Gate
		log := new(pagetest.Log)
		warn := func(times int) {
			for range times {
				g.Warn(slog.New(log), "refused", "error", "e")
			}
		}
		check := func(what string, want int) {
			t.Helper()
			if n := log.Count("refused"); n != want {
				t.Errorf("%s: %d lines, want %d", what, n, want)
			}
		}
		warn(10_000)
		check("at once", flood.Burst)
		time.Sleep(flood.Pause - time.Nanosecond)
		warn(1)
		check("before the pause is over", flood.Burst)
		time.Sleep(time.Nanosecond)
		warn(10)
		check("after a pause", flood.Burst+1)
		if want := "unlogged=9901"; !strings.Contains(log.String(), want) {
			t.Errorf("no line says %s", want)
		}
		// During a steady flood, exactly one line per pause is logged.
		for range 1000 {
			time.Sleep(flood.Pause / 10)
			warn(3)
		}
		check("after a hundred pauses", flood.Burst+101)
		// After an hour, the whole burst is available again.
		time.Sleep(time.Hour)
		warn(10_000)
		check("an hour later", 2*flood.Burst+101)
	})
}
