package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"time"

	json "github.com/goccy/go-json"

	"casement/shell"
)

// A size is the extent of a run.
type size struct {
	bytes    int64         // through one channel
	values   int           // through one channel
	unread   time.Duration // time without a reader
	rounds   int           // of each kind of end, and of the race
	race     time.Duration // of each race
	frames   int           // number of intervals
	upload   int           // MiB
	mark     int64         // bytes after which memory must be flat
	perValue int64         // bytes that a small value counts for
}

var whole = size{
	bytes: 10 << 30, values: 20_000_000, unread: time.Minute, rounds: 7, race: 3 * time.Second,
	frames: 600, upload: 1024, mark: 256 << 20, perValue: 50,
}

// The bounds that the README promises.
const (
	// unblocks is the time within which a waiting Send returns after the stream has ended.
	unblocks = 100 * time.Millisecond
	// collects is the time within which a waiting Send returns after the page has dropped the
	// stream, while the page produces garbage.
	collects = 10 * time.Second
	// share is the share of their rate that streams keep beside a slow one.
	share = 0.9
	// frameFactor bounds the 99th percentile of frame times with a stream, relative to that
	// without.
	frameFactor = 2
	// unreadBytes bounds the memory of streams that nobody reads: the credit of four streams, the
	// part of it that the page already holds, twice for decoded text, and garbage that is not
	// collected yet.
	unreadBytes = 64 << 20
)

// A row is a line of the table.
type row struct {
	what, measured, bound string
	ok                    bool
	// steady means that the verdict depends neither on the load of the machine nor on the length of
	// the run.
	steady bool
}

const mib = 1 << 20

// stream checks that a whole stream arrives in order and that memory stays flat meanwhile.
func (r *rig) stream(label, unit string, total, mark int64, script string, args ...any) (rows []row, err error) {
	w, pid, err := r.open(label)
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := r.close(w); err == nil {
			err = e
		}
	}()
	r.sent.Store(0)
	began := time.Now()
	watching := newWatch(pid, r.sent.Load)
	text, err := r.js(w, script, args...)
	points := watching.end()
	took := time.Since(began)
	if err != nil {
		return nil, err
	}
	var seen struct {
		Messages, Wrong int64
		Hash            uint32
	}
	if err := json.Unmarshal(text, &seen); err != nil {
		return nil, err
	}
	rate := float64(r.sent.Load()) / took.Seconds()
	shown := fmt.Sprintf("%.0f %s in %.0f s: %.2f million a second", float64(total), unit, took.Seconds(), rate/1e6)
	if unit == "bytes" {
		shown = fmt.Sprintf("%.2f GiB in %.0f s: %.0f MB/s", float64(total)/(1<<30), took.Seconds(), rate/1e6)
	}
	rows = append(rows, row{
		what: label, measured: shown, bound: "all of it, in order, with the same hash on both sides",
		ok:     seen.Messages > 0 && seen.Wrong == 0 && seen.Hash == r.hash.Load() && r.sent.Load() == total,
		steady: true,
	})
	return append(rows, flatness(label, points, mark)...), nil
}

// flatness returns the rows for the samples of a watch.
func flatness(label string, points []point, mark int64) (rows []row) {
	for _, of := range []struct {
		name string
		get  func(point) int64
	}{
		{"Go's heap", func(p point) int64 { return p.heap }},
		{"Go's process", func(p point) int64 { return p.self }},
		{"the page's process", func(p point) int64 { return p.page }},
	} {
		t := trendOf(points, mark, of.get)
		rows = append(rows, row{
			what:     label + ", " + of.name,
			measured: fmt.Sprintf("%d MiB in the first half, %d in the second, at most %d", t.first/mib, t.second/mib, t.most/mib),
			bound:    "flat", ok: t.flat(),
		})
	}
	return rows
}

// neverRead checks the memory bound of producers that never stop, for a page that never reads.
func (r *rig) neverRead(s size) (rows []row, err error) {
	w, pid, err := r.open("unread")
	if err != nil {
		return nil, err
	}
	page, err := r.settle(w, pid)
	if err != nil {
		return nil, err
	}
	self := heap()
	r.sent.Store(0)
	if _, err := r.js(w, "soak.takeNothing()"); err != nil {
		return nil, err
	}
	watching := newWatch(pid, r.sent.Load)
	select {
	case <-time.After(s.unread):
	case <-r.ctx.Done():
		err = r.ctx.Err()
	}
	points := watching.end()
	if err != nil {
		return nil, err
	}
	for _, of := range []struct {
		name   string
		before int64
		get    func(point) int64
	}{
		{"Go's heap", self, func(p point) int64 { return p.heap }},
		{"the page's process", page, func(p point) int64 { return p.page }},
	} {
		t := trendOf(points, 0, of.get)
		grown := t.most - of.before
		rows = append(rows, row{
			what:     fmt.Sprintf("4 streams unread for %.0f s, %s", s.unread.Seconds(), of.name),
			measured: fmt.Sprintf("at most %.1f MiB more than before", float64(grown)/mib),
			bound:    fmt.Sprintf("%d MiB", unreadBytes/mib),
			ok:       grown <= unreadBytes && r.sent.Load() > 0 && r.sent.Load() <= unreadBytes,
			steady:   true,
		})
	}
	if err := r.eventually("sends to wait", func() bool { return r.blocked.Load() == 2 }); err != nil {
		return nil, err
	}
	return rows, r.close(w)
}

// ends measures the time until a waiting Send returns after the page has ended its stream.
func (r *rig) ends(s size) (rows []row, err error) {
	for _, way := range []struct {
		name string
		most time.Duration
		do   func(*shell.Window) (began time.Time, err error)
	}{
		{"close()", unblocks, func(w *shell.Window) (time.Time, error) {
			// The page reports the time at which it closed the streams.
			text, err := r.js(w, "soak.closeAll()")
			if err != nil {
				return time.Time{}, err
			}
			var at int64
			err = json.Unmarshal(text, &at)
			return time.UnixMilli(at), err
		}},
		{"a reload", unblocks, from((*shell.Window).Reload)},
		{"the window's closing", unblocks, from((*shell.Window).Destroy)},
		{"garbage collection", collects, from(func(w *shell.Window) error { return w.Eval("soak.dropAll()") })},
	} {
		var took []time.Duration
		for n := range s.rounds {
			w, _, err := r.open(fmt.Sprintf("ends-%d", n))
			if err != nil {
				return nil, err
			}
			for len(r.ended) > 0 {
				<-r.ended
			}
			if _, err := r.js(w, "soak.takeNothing()"); err != nil {
				return nil, err
			}
			if err := r.eventually("sends to wait", func() bool { return r.blocked.Load() == 2 }); err != nil {
				return nil, err
			}
			began, err := way.do(w)
			if err != nil {
				return nil, err
			}
			for range 4 {
				select {
				case at := <-r.ended:
					took = append(took, at.Sub(began))
				case <-time.After(patience):
					return nil, fmt.Errorf("%s: a stream did not end within %v", way.name, patience)
				}
			}
			if err := r.close(w); err != nil && way.name != "the window's closing" {
				return nil, err
			}
		}
		most := quantile(took, 1)
		rows = append(rows, row{
			what:     "a waiting Send returns after " + way.name,
			measured: fmt.Sprintf("after %.1f ms, at most %.1f", millis(median(took)), millis(most)),
			bound:    way.most.String(), ok: most <= way.most,
		})
	}
	return rows, nil
}

// from measures from the start of do.
func from(do func(*shell.Window) error) func(*shell.Window) (time.Time, error) {
	return func(w *shell.Window) (time.Time, error) {
		began := time.Now()
		return began, do(w)
	}
}

func millis(d time.Duration) float64 { return float64(d) / 1e6 }

// slowOne measures the cost of one stream with a slow handler for the others.
func (r *rig) slowOne(s size) (rows []row, err error) {
	const streams = 64
	w, _, err := r.open("race")
	if err != nil {
		return nil, err
	}
	others := func(slow int) (float64, error) {
		text, err := r.js(w, "soak.race(%v, %v, %v)", streams, slow, s.race.Milliseconds())
		if err != nil {
			return 0, err
		}
		var counts []float64
		if err := json.Unmarshal(text, &counts); err != nil || len(counts) != streams {
			return 0, fmt.Errorf("unexpected answer of the page: %s", text)
		}
		sum := 0.0
		for _, n := range counts[1:] {
			sum += n
		}
		return sum / s.race.Seconds(), nil
	}
	// Measuring both in turns cancels the noise of the machine.
	var ratios, rates []float64
	for range s.rounds {
		without, err := others(0)
		if err != nil {
			return nil, err
		}
		with, err := others(50)
		if err != nil {
			return nil, err
		}
		rates = append(rates, with)
		ratios = append(ratios, with/without)
	}
	ratio := median(ratios)
	return []row{{
		what:     fmt.Sprintf("%d streams, one of which takes 50 ms for each message", streams),
		measured: fmt.Sprintf("the others keep %.0f %% of their rate, %.0f messages a second together", 100*ratio, median(rates)),
		bound:    fmt.Sprintf("%.0f %%", 100*share), ok: ratio >= share,
	}}, r.close(w)
}

// paints measures the page's animation frames while streams send as fast as they can.
func (r *rig) paints(s size) (rows []row, err error) {
	w, _, err := r.open("frames")
	if err != nil {
		return nil, err
	}
	idle := math.Inf(1)
	for _, what := range []string{"nothing", "bytes", "values"} {
		text, err := r.js(w, "soak.frames(%v, %v)", what, s.frames)
		if err != nil {
			return nil, err
		}
		var intervals []float64
		if err := json.Unmarshal(text, &intervals); err != nil {
			return nil, err
		}
		high := quantile(intervals, 0.99)
		if what == "nothing" {
			idle = high
		}
		rows = append(rows, row{
			what:     "frames while a channel sends " + what,
			measured: fmt.Sprintf("every %.1f ms, 99 %% within %.1f, at most %.1f", median(intervals), high, quantile(intervals, 1)),
			bound:    fmt.Sprintf("99 %% within %.1f ms", frameFactor*idle), ok: high <= frameFactor*idle,
		})
	}
	return rows, r.close(w)
}

// uploads streams a Blob several times to a command that hashes it, because the page's collector
// may leave some hundred MiB of garbage before it runs.
func (r *rig) uploads(s size) (rows []row, err error) {
	const times = 3
	w, pid, err := r.open("upload")
	if err != nil {
		return nil, err
	}
	r.sent.Store(0)
	type result struct {
		text json.RawMessage
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := r.js(w, "soak.upload(%v, %v)", s.upload, times)
		done <- result{text, err}
	}()
	// Creating the Blob is not part of the measurement.
	select {
	case <-r.counter.uploads:
	case got := <-done:
		return nil, fmt.Errorf("the page created no Blob: %w", got.err)
	}
	began := time.Now()
	watching := newWatch(pid, r.sent.Load)
	got := <-done
	points := watching.end()
	took := time.Since(began)
	if got.err != nil {
		return nil, got.err
	}
	var digests []string
	if err := json.Unmarshal(got.text, &digests); err != nil {
		return nil, err
	}
	sum, chunk := sha256.New(), make([]byte, mib)
	for n := range s.upload {
		for i := range chunk {
			chunk[i] = byte(n)
		}
		sum.Write(chunk)
	}
	want := slices.Repeat([]string{hex.EncodeToString(sum.Sum(nil))}, times)
	rows = append(rows, row{
		what:     fmt.Sprintf("a Blob of %d MiB, hashed by Go as the page streams it, %d times", s.upload, times),
		measured: fmt.Sprintf("%.0f s: %.0f MB/s", took.Seconds(), float64(r.sent.Load())/took.Seconds()/1e6),
		bound:    "the digest is right", ok: slices.Equal(digests, want),
		steady: true,
	})
	return append(rows, flatness("the Blob", points, min(s.mark, int64(s.upload)*mib/4))...), r.close(w)
}
