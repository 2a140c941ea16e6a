package wire

import "time"

const (
	// maxFlight and minFlight bound, in bytes, what a page has been sent and has not acknowledged. The bound keeps a
	// busy page from filling the webview's own queues, which have none, and it leaves the page time to paint in between.
	// Each page's own bound is found by how long it takes to acknowledge: see adjust. 8 MiB are some 14 ms of what
	// WebKitGTK takes at its best, and make bench finds no gain in more.
	maxFlight = 8 << 20
	minFlight = 512 << 10
	// maxDelay is how long an acknowledgement may take: half a frame. One of a script that is mostly bytes has three
	// quarters: most of that time it is on its way, and the page is not kept from painting.
	maxDelay     = 8 * time.Millisecond
	maxDelayBulk = 12 * time.Millisecond
	// maxFlightScripts bounds many small scripts: 64 are 1.4 ms' worth at 45,000 a second.
	maxFlightScripts = 64
	// askFlightScripts is how many scripts go before one asks for an acknowledgement: a quarter, so that an answer is on
	// its way long before Go has to wait for it.
	askFlightScripts = maxFlightScripts / 4
	// maxSmall is how many scripts may be in flight for one that is not full to follow. A script costs some
	// 20 µs whatever it holds, so while the page has this many to work on, messages gather for the next one.
	// Each askSmall-th of them asks for an acknowledgement.
	maxSmall = 4
	askSmall = maxSmall / 2
)

// A flight is the flow control of one page: the scripts that it has been sent and has not acknowledged. It decides
// whether the next script may go, and which scripts ask for an acknowledgement. It is a plain value: it has no lock, no
// clock and no queue.
type flight struct {
	sizes   []int  // of the scripts in flight, oldest first
	bytes   int    // their sum
	limit   int    // how much that may be
	limited bool   // limit has kept a script waiting since the last acknowledgement
	asks    []ask  // those that are not answered, oldest first
	sent    uint64 // scripts, of which the last are those in flight
	asked   uint64 // the last script that asked for an acknowledgement

	unasked      int // scripts since the last one that asked
	unaskedBytes int
}

// An ask is a script that asks the page to acknowledge it.
type ask struct {
	script uint64
	at     time.Time
	most   time.Duration // that the answer may take
}

func newFlight() flight { return flight{limit: 2 * minFlight} }

// room returns how many bytes the next script may hold: a quarter of what may be in flight, so that the page has one at
// hand while it acknowledges another.
func (f *flight) room(most int) int { return min(most, f.limit/4) }

// allows reports whether a script of this size may go now. Small says that it is not full, and may still grow. A flight
// that nobody has asked the page to acknowledge is small, and takes any script: waiting would be for nothing.
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

// acknowledged returns how many scripts the page has acknowledged.
func (f *flight) acknowledged() uint64 { return f.sent - uint64(len(f.sizes)) }

// send notes that a script goes now, whose acknowledgement may take as long as most. It returns the script's number if
// that is to ask for an acknowledgement, and else 0.
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

// acknowledge notes that the page has taken in the scripts up to and including this one. Numbers of scripts that were
// never sent, or are acknowledged already, change nothing.
func (f *flight) acknowledge(script uint64, now time.Time) {
	for landed := f.acknowledged(); landed < min(script, f.sent); landed++ {
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

// adjust finds out how much the page takes in while it paints: if its acknowledgement was late, a quarter less is sent
// ahead of it; if it was not, and the limit has kept a script waiting, somewhat more.
func (f *flight) adjust(late bool) {
	switch {
	case late:
		f.limit = max(f.limit-f.limit/4, minFlight)
	case f.limited:
		f.limit = min(f.limit+minFlight/4, maxFlight)
	}
	f.limited = false
}
