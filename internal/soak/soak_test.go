package main

import (
	"runtime"
	"testing"
	"time"

	"casement/internal/windowtest"
)

func TestMain(m *testing.M) { windowtest.Main(m) }

// TestSoak runs all scenarios at a small size and checks the verdicts that do not depend on time.
func TestSoak(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the scenarios need /proc")
	}
	small := size{
		bytes: 64 << 20, values: 100_000, unread: time.Second, rounds: 1, race: 200 * time.Millisecond,
		frames: 30, upload: 16, mark: 1, perValue: 50,
	}
	r, err := newRig(t.Context(), "../..", false)
	if err != nil {
		t.Fatal(err)
	}
	onMain := func(run func() error) (err error) {
		windowtest.OnMain(func() { err = run() })
		return err
	}
	shown := 0
	err = r.soak(small, "", onMain, func(rows []row) {
		for _, row := range rows {
			t.Logf("%s: %s", row.what, row.measured)
			if row.steady && !row.ok {
				t.Errorf("%s: %s, want %s", row.what, row.measured, row.bound)
			}
		}
		shown += len(rows)
	})
	if err != nil {
		t.Error(err)
	}
	if shown < 20 {
		t.Errorf("%d rows, want at least 20", shown)
	}
}

func TestATrendIsFlatOrNot(t *testing.T) {
	const mib = 1 << 20
	points := func(at func(n int64) int64) (points []point) {
		for n := range int64(100) {
			points = append(points, point{sent: n, heap: at(n)})
		}
		return points
	}
	for _, test := range []struct {
		name string
		at   func(n int64) int64
		flat bool
	}{
		{"steady", func(int64) int64 { return 500 * mib }, true},
		{"a saw", func(n int64) int64 { return 300*mib + n%20*20*mib }, true},
		{"a leak", func(n int64) int64 { return 300*mib + n*10*mib }, false},
		{"a leak under a saw", func(n int64) int64 { return 100*mib + n%10*20*mib + n*5*mib }, false},
		{"warming up, then steady", func(n int64) int64 { return 100*mib + min(n, 10)*50*mib }, true},
		{"small", func(n int64) int64 { return n * mib / 4 }, true},
	} {
		if got := trendOf(points(test.at), 10, func(p point) int64 { return p.heap }); got.flat() != test.flat {
			t.Errorf("%s: %+v", test.name, got)
		}
	}
}

func TestDigestsTakeAllIn(t *testing.T) {
	a, b := make([]byte, 4096), make([]byte, 4096)
	source := newNoise()
	source.fill(a)
	source.fill(b)
	if start.words(a) == start.words(b) || start.words(a).words(b) == start.words(b).words(a) {
		t.Error("two buffers have the same hash")
	}
	a[4000]++
	first := start.words(a)
	a[4000]--
	if start.words(a) == first || start.text("ab") == start.text("ba") {
		t.Error("a change does not change the hash")
	}
}
