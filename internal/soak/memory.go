package main

import (
	"os"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// resident returns the resident memory of a process in bytes. 0 means that the process is gone, or
// that the system does not report it.
func resident(pid int) int64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 2 {
		return 0
	}
	n, _ := strconv.ParseInt(fields[1], 10, 64)
	return n * int64(os.Getpagesize())
}

// heap returns the bytes of Go objects, including dead ones that are not yet swept.
func heap() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// A point is the memory in use when this number of bytes or messages had been sent.
type point struct {
	sent             int64
	heap, self, page int64 // bytes
}

// A watch samples memory at intervals until it is ended.
type watch struct {
	pid    int
	sent   func() int64
	stop   chan struct{}
	ended  sync.WaitGroup
	points []point
}

// interval is the time between two samples. Reading /proc takes about 20 µs.
const interval = 50 * time.Millisecond

func newWatch(pid int, sent func() int64) *watch {
	w := &watch{pid: pid, sent: sent, stop: make(chan struct{})}
	w.ended.Go(func() {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			w.points = append(w.points, point{w.sent(), heap(), resident(os.Getpid()), resident(pid)})
			select {
			case <-ticker.C:
			case <-w.stop:
				return
			}
		}
	})
	return w
}

// end stops the watch and returns its samples.
func (w *watch) end() []point {
	close(w.stop)
	w.ended.Wait()
	return w.points
}

// A trend compares the memory in use during the first half of the samples with that during the
// second. It uses the 90th percentile of each half: a collector leaves garbage until there is as
// much of it as live data, so single samples say little.
type trend struct{ first, second, most int64 }

// flat reports whether memory has stopped growing. Two halves of a steady run differ by up to a
// quarter, or 32 MiB.
func (t trend) flat() bool { return t.second <= t.first+max(t.first/4, 32<<20) }

// trendOf returns the trend of the points after a mark.
func trendOf(points []point, mark int64, of func(point) int64) (t trend) {
	var sizes []int64
	for _, p := range points {
		if p.sent >= mark && of(p) > 0 {
			sizes = append(sizes, of(p))
			t.most = max(t.most, of(p))
		}
	}
	half := len(sizes) / 2
	t.first, t.second = quantile(sizes[:half], 0.9), quantile(sizes[half:], 0.9)
	return t
}

// median returns the middle value. It does not change values.
func median[T int64 | float64 | time.Duration](values []T) T { return quantile(values, 0.5) }

// quantile returns the q-quantile: the value that a share q of all values does not exceed.
func quantile[T int64 | float64 | time.Duration](values []T, q float64) T {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
