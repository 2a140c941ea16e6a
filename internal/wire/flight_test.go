package wire

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestFlowControl runs one page's flight step by step, and checks the answer to each step:
//
//	"small 100"   may a script of 100 bytes go that may still grow? If so it goes.
//	"full 100"    likewise for one that is full
//	"bulk 100"    likewise for one that is mostly bytes
//	"ack 3"       the page acknowledges script 3
//	"wait 9ms"    time passes
//
// An answer is "no", "sent", or "asks 4" if script 4 goes and asks for an acknowledgement. After an
// ack or a wait, it is the state of the flight: the scripts and bytes in flight, and the limit in
// KiB.
func TestFlowControl(t *testing.T) {
	t.Parallel()
	const full = 128 << 10 // an eighth of the initial limit
	repeat := func(n int, s ...step) (all []step) {
		for range n {
			all = append(all, s...)
		}
		return all
	}
	join := func(parts ...[]step) (all []step) {
		for _, part := range parts {
			all = append(all, part...)
		}
		return all
	}
	send := func(do, want string) []step { return []step{{do, want}} }
	for name, steps := range map[string][]step{
		"an idle page gets the first scripts at once, and the second asks": {
			{"small 10", "sent"}, {"small 10", "asks 2"}, {"ack 2", "0 scripts, 0 bytes of 1024 KiB"},
		},
		"at most four small scripts are in flight": {
			{"small 10", "sent"}, {"small 10", "asks 2"}, {"small 10", "sent"}, {"small 10", "asks 4"}, {"small 10", "no"},
			{"ack 2", "2 scripts, 20 bytes of 1024 KiB"}, {"small 10", "sent"}, {"small 10", "asks 6"}, {"small 10", "no"},
		},
		"a full script follows where a small one waits": {
			{"small 10", "sent"}, {"small 10", "asks 2"}, {"small 10", "sent"}, {"small 10", "asks 4"}, {"small 10", "no"},
			{fmt.Sprint("full ", full), "sent"},
		},
		"every sixteenth of many scripts asks, and at most 64 are in flight": join(
			repeat(15, step{"full 10", "sent"}), send("full 10", "asks 16"),
			repeat(15, step{"full 10", "sent"}), send("full 10", "asks 32"),
			repeat(15, step{"full 10", "sent"}), send("full 10", "asks 48"),
			repeat(15, step{"full 10", "sent"}), send("full 10", "asks 64"),
			send("full 10", "no"), send("ack 16", "48 scripts, 480 bytes of 1024 KiB"), send("full 10", "sent"),
		),
		"each quarter of the limit asks, and the limit holds a script back": {
			{fmt.Sprint("full ", full), "sent"}, {fmt.Sprint("full ", full), "asks 2"},
			{fmt.Sprint("full ", full), "sent"}, {fmt.Sprint("full ", full), "asks 4"},
			{fmt.Sprint("full ", full), "sent"}, {fmt.Sprint("full ", full), "asks 6"},
			{fmt.Sprint("full ", full), "sent"}, {fmt.Sprint("full ", full), "asks 8"},
			{"full 1", "no"},
			{"ack 1", "7 scripts, 917504 bytes of 1024 KiB"}, {fmt.Sprint("full ", full), "sent"}, {"full 1", "no"},
		},
		"a script larger than the limit goes while no acknowledgement is pending": {
			{"full 9000000", "asks 1"}, {"full 1", "no"}, {"ack 1", "0 scripts, 0 bytes of 1152 KiB"}, {"full 9000000", "asks 2"},
		},
		"a late answer lowers the limit by a quarter": {
			{"full 1048576", "asks 1"}, {"wait 9ms", "1 scripts, 1048576 bytes of 1024 KiB"},
			{"ack 1", "0 scripts, 0 bytes of 768 KiB"},
		},
		"down to the minimum": join(
			repeatLate(1, 1024, 768), repeatLate(2, 768, 576), repeatLate(3, 576, 512), repeatLate(4, 512, 512),
		),
		"bytes may take longer": {
			{"bulk 1048576", "asks 1"}, {"wait 9ms", "1 scripts, 1048576 bytes of 1024 KiB"}, {"ack 1", "0 scripts, 0 bytes of 1024 KiB"},
			{"bulk 1048576", "asks 2"}, {"wait 13ms", "1 scripts, 1048576 bytes of 1024 KiB"}, {"ack 2", "0 scripts, 0 bytes of 768 KiB"},
		},
		"a prompt answer raises the limit only if the limit was reached": {
			{"full 1048576", "asks 1"}, {"ack 1", "0 scripts, 0 bytes of 1024 KiB"},
			{"full 1048576", "asks 2"}, {"full 1", "no"}, {"ack 2", "0 scripts, 0 bytes of 1152 KiB"},
			{"full 1048576", "asks 3"}, {"ack 3", "0 scripts, 0 bytes of 1152 KiB"},
		},
		"an answer to several asks is timed by the last one": {
			{"full 300000", "asks 1"}, {"wait 9ms", "1 scripts, 300000 bytes of 1024 KiB"}, {"full 300000", "asks 2"},
			{"ack 2", "0 scripts, 0 bytes of 1024 KiB"},
		},
		"acknowledging scripts that were never sent, or twice, changes nothing": {
			{"ack 7", "0 scripts, 0 bytes of 1024 KiB"},
			{"small 10", "sent"}, {"small 10", "asks 2"}, {"ack 2", "0 scripts, 0 bytes of 1024 KiB"}, {"ack 2", "0 scripts, 0 bytes of 1024 KiB"},
			{"ack 1", "0 scripts, 0 bytes of 1024 KiB"}, {"small 10", "sent"}, {"ack 99", "0 scripts, 0 bytes of 1024 KiB"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, now := newFlight(), time.Unix(0, 0)
			for i, s := range steps {
				if got := f.step(t, &now, s.do); got != s.want {
					t.Fatalf("step %d, %s: %s, want %s", i, s.do, got, s.want)
				}
			}
		})
	}
}

// A step is one line of a table.
type step struct{ do, want string }

// repeatLate returns the steps of one script that the page acknowledges late.
func repeatLate(script, before, limit int) []step {
	return []step{
		{"full 9000000", fmt.Sprint("asks ", script)}, {"wait 9ms", fmt.Sprintf("1 scripts, 9000000 bytes of %d KiB", before)},
		{fmt.Sprint("ack ", script), fmt.Sprintf("0 scripts, 0 bytes of %d KiB", limit)},
	}
}

// step executes one line of a table and returns the answer.
func (f *flight) step(t *testing.T, now *time.Time, do string) string {
	t.Helper()
	verb, operand, _ := strings.Cut(do, " ")
	var n int
	if verb == "wait" {
		d, err := time.ParseDuration(operand)
		if err != nil {
			t.Fatal(err)
		}
		*now = now.Add(d)
	} else if _, err := fmt.Sscan(operand, &n); err != nil {
		t.Fatal(err)
	}
	switch verb {
	case "ack":
		f.acknowledge(uint64(n), *now)
	case "small", "full", "bulk":
		if !f.allows(n, verb == "small") {
			return "no"
		}
		most := maxDelay
		if verb == "bulk" {
			most = maxDelayBulk
		}
		if asking := f.send(n, verb == "small", *now, most); asking != 0 {
			return fmt.Sprint("asks ", asking)
		}
		return "sent"
	}
	sum := 0
	for _, size := range f.sizes {
		sum += size
	}
	if sum != f.bytes {
		t.Fatalf("%d bytes are in flight, but %d are counted", sum, f.bytes)
	}
	return fmt.Sprintf("%d scripts, %d bytes of %d KiB", len(f.sizes), f.bytes, f.limit>>10)
}
