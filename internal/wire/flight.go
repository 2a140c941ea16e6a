package wire

import "time"

const (
	// maxFlight and minFlight bound the bytes that a page has been sent and has not acknowledged.
	// The bound keeps a busy page from filling the webview's own queues, which are unbounded, and
	// leaves the page time to paint. adjust finds the bound of each page from the delay of its
	// acknowledgements. WebKitGTK takes 8 MiB in some 14 ms at best, and make bench finds no gain
	// in more.
	maxFlight = 8 << 20
	minFlight = 512 << 10
	// maxDelay bounds the delay of an acknowledgement: half a frame. The script of a batch that is
	// mostly bytes gets three quarters: it spends most of that time in transit, and does not keep
	// the page from painting.
	maxDelay     = 8 * time.Millisecond
	maxDelayBulk = 12 * time.Millisecond
	// maxFlightScripts bounds the small scripts in flight: 64 take 1.4 ms at 45,000 per second.
	maxFlightScripts = 64
	// askFlightScripts is the number of scripts after which one asks for an acknowledgement: a
	// quarter of the bound, so that the answer arrives long before Go has to wait for it.
	askFlightScripts = maxFlightScripts / 4
	// maxSmall is the number of scripts in flight up to which a script that is not full may follow.
	// A script costs some 20 µs whatever its size, so while the page works on this many, messages
	// gather for the next one. Every askSmall-th of them asks for an acknowledgement.
	maxSmall = 4
	askSmall = maxSmall / 2
)

// A flight is the flow control of one page: the scripts that were sent and not acknowledged. It
// decides whether the next script may go, and which scripts ask for an acknowledgement. It is a
// plain value: it has no lock, no clock and no queue.
type flight struct {
	sizes   []int  // of the scripts in flight, oldest first
	bytes   int    // their sum
	limit   int    // bound for bytes
	limited bool   // limit has delayed a script since the last acknowledgement
	asks    []ask  // not answered yet, oldest first
	sent    uint64 // scripts ever sent, those in flight included
	asked   uint64 // number of the last script that asked for an acknowledgement

	unasked      int // scripts since the last one that asked
	unaskedBytes int
}

// An ask is a script that asks the page for an acknowledgement.
type ask struct {
	script uint64
	at     time.Time
	most   time.Duration // bound for the delay of the answer
}

func newFlight() flight { return flight{limit: 2 * minFlight} }

// room returns the largest size of the next script, in bytes: a quarter of limit, so that the page
// has one at hand while it acknowledges another.
func (f *flight) room(most int) int { return min(most, f.limit/4) }

// allows reports whether a script of this size may go now. small is set if it is not full, and may
// still grow. While no acknowledgement is pending, any script may go, because nothing would end the
// wait.
func (f *flight) allows(size int, small bool) bool {
	switch {
	case f.asked <= f.acknowledged():
		return true
	case small:
		return len(f.sizes) < maxSmall
	case len(f.sizes) >= maxFlightScripts:
		return false
	}
	fits := f.bytes+size <= f.limit
	f.limited = f.limited || !fits
	return fits
}

// acknowledged returns the number of scripts that the page has acknowledged.
func (f *flight) acknowledged() uint64 { return f.sent - uint64(len(f.sizes)) }

// send records that a script goes now, whose acknowledgement may take up to most. It returns the
// script's number if the script is to ask for an acknowledgement, and 0 otherwise.
func (f *flight) send(size int, small bool, now time.Time, most time.Duration) (asking uint64) {
	f.sent++
	f.sizes = append(f.sizes, size)
	f.bytes += size
	f.unasked++
	f.unaskedBytes += size
	if f.unasked < askFlightScripts && f.unaskedBytes < f.limit/4 && (!small || f.unasked < askSmall) {
		return 0
	}
	f.unasked, f.unaskedBytes, f.asked = 0, 0, f.sent
	f.asks = append(f.asks, ask{f.sent, now, most})
	return f.sent
}

// acknowledge records that the page has handled all scripts up to and including this one. It
// ignores the numbers of scripts that were never sent or are already acknowledged.
func (f *flight) acknowledge(script uint64, now time.Time) {
	for acked := f.acknowledged(); acked < min(script, f.sent); acked++ {
		f.bytes -= f.sizes[0]
		f.sizes = f.sizes[1:]
	}
	for len(f.asks) > 0 && f.asks[0].script <= script {
		if f.asks[0].script == script {
			f.adjust(now.Sub(f.asks[0].at) > f.asks[0].most)
		}
		f.asks = f.asks[1:]
	}
}

// adjust adapts the limit to the page's speed while it paints: a late acknowledgement lowers the
// limit by a quarter; a timely one raises it a little, if the limit has delayed a script.
func (f *flight) adjust(late bool) {
	switch {
	case late:
		f.limit = max(f.limit-f.limit/4, minFlight)
	case f.limited:
		f.limit = min(f.limit+minFlight/4, maxFlight)
	}
	f.limited = false
}
