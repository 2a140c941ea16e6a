//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"casement/channels"
)

// A ran is the result of a command.
type ran struct {
	pid            int
	stdout, stderr string
	bytes          int
	outputs        []ProcessOutput
	exit           *ProcessExited
}

// sum combines the events of a command and checks their order.
func sum(t *testing.T, events []ProcessEvent) ran {
	t.Helper()
	var r ran
	for i, event := range events {
		switch event := event.(type) {
		case ProcessStarted:
			if i != 0 {
				t.Errorf("started is event %d", i)
			}
			r.pid = event.PID
		case ProcessOutput:
			r.outputs = append(r.outputs, event)
			r.bytes += event.Bytes
			if event.Stream == Stderr {
				r.stderr += event.Text
			} else {
				r.stdout += event.Text
			}
		case ProcessExited:
			if i != len(events)-1 {
				t.Errorf("exited is event %d of %d", i, len(events))
			}
			r.exit = &event
		}
	}
	return r
}

// tailed runs a command until it ends.
func tailed(t *testing.T, command string) (ran, *gauge) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), loadedStep)
	defer cancel()
	var g gauge
	to := newTaker[ProcessEvent]()
	if err := tail(ctx, command, to, &g); err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	r := sum(t, to.all())
	if r.exit == nil || r.pid == 0 {
		t.Fatalf("%s: events %+v", command, to.all())
	}
	return r, &g
}

// tailing runs a command until the test or stop ends it.
func tailing(t *testing.T, command string, to *taker[ProcessEvent], reports *taker[Gauge]) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	var g gauge
	go func() {
		ended <- reported(ctx, &g, reports, func(ctx context.Context) error { return tail(ctx, command, to, &g) })
	}()
	stop = func() error {
		cancel()
		select {
		case err := <-ended:
			ended <- err
			return err
		case <-time.After(loadedStep):
			return errors.New("the process does not end")
		}
	}
	t.Cleanup(func() {
		to.setShut(false)
		if err := stop(); err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, channels.ErrClosed) {
			t.Error(err)
		}
	})
	return stop
}

// alive reports whether a process is running. A zombie is not.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	out, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && !strings.HasPrefix(strings.TrimSpace(string(out)), "Z")
}

// pids waits until a command has printed n process ids.
func pids(t *testing.T, to *taker[ProcessEvent], n int) []int {
	t.Helper()
	var all []int
	eventually(t, "the processes' ids", func() bool {
		fields := strings.Fields(sum(t, to.all()).stdout)
		if len(fields) < n {
			return false
		}
		all = all[:0]
		for _, field := range fields {
			pid, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, pid)
		}
		return true
	})
	return all
}

func TestAProcessTellsBothStreamsAndItsExitCode(t *testing.T) {
	r, g := tailed(t, "echo out; echo err >&2; echo more | cat; exit 3")
	if r.stdout != "out\nmore\n" || r.stderr != "err\n" {
		t.Errorf("stdout %q, stderr %q", r.stdout, r.stderr)
	}
	if r.exit.Code == nil || *r.exit.Code != 3 || r.exit.Signal != nil {
		t.Errorf("exited: %+v", r.exit)
	}
	if n := g.bytes.Load(); n != 13 || r.bytes != 13 {
		t.Errorf("%d bytes read, %d sent, want 13", n, r.bytes)
	}
}

func TestAProcessThatASignalEndsHasNoCode(t *testing.T) {
	r, _ := tailed(t, "echo last; kill -9 $$")
	if r.stdout != "last\n" || r.exit.Code != nil || r.exit.Signal == nil || *r.exit.Signal != "killed" {
		t.Errorf("stdout %q, exited %+v", r.stdout, r.exit)
	}
}

func TestAProcessHasNothingToRead(t *testing.T) {
	if r, _ := tailed(t, "cat; echo end"); r.stdout != "end\n" {
		t.Errorf("stdout %q", r.stdout)
	}
}

func TestWhatIsNotUTF8IsReplacedAndCharactersStayWhole(t *testing.T) {
	for command, want := range map[string]string{
		`printf 'a\377b'`:                          "a\uFFFDb",
		`printf '\303'; sleep 0.1; printf '\251'`:  "é",
		`printf '\360\237'; sleep 0.1; printf 'x'`: "\uFFFDx",
		`printf 'end\342\202'`:                     "end\uFFFD",
		`printf '\342\202\254\0\177'`:              "€\x00\x7f",
		`printf '\200\200\200\200\200'`:            "\uFFFD",
	} {
		if r, _ := tailed(t, command); r.stdout != want {
			t.Errorf("%s: %q, want %q", command, r.stdout, want)
		}
	}
	// At every offset, some message ends within a character.
	euros := strings.Repeat("€", 100_000)
	for skip := range 3 {
		r, _ := tailed(t, fmt.Sprintf(`printf '%%0100000d' 0 | sed 's/0/€/g' | tail -c +%d`, skip+1))
		want := strings.ToValidUTF8(euros[skip:], "\uFFFD")
		if r.stdout != want || r.bytes != len(euros)-skip {
			t.Errorf("from byte %d: %d characters of %d, %d bytes of %d",
				skip, utf8.RuneCountInString(r.stdout), utf8.RuneCountInString(want), r.bytes, len(euros)-skip)
		}
	}
}

func TestCharactersFindsThoseThatAreWhole(t *testing.T) {
	for in, want := range map[string]int{
		"": 0, "a": 1, "é": 2, "a\xc3": 1, "\xc3": 0, "\xe2\x82": 0, "€": 3, "x\xf0\x9f\x98": 1, "😀": 4,
		"\x80\x80\x80\x80": 4, "\xff": 1, "é\x80": 3,
	} {
		if got := characters([]byte(in)); got != want {
			t.Errorf("%q: %d, want %d", in, got, want)
		}
	}
}

func TestALineWithoutAnEndComesInPieces(t *testing.T) {
	const size = 3_000_000
	r, _ := tailed(t, fmt.Sprintf("head -c %d /dev/zero | tr '\\0' x", size))
	if len(r.stdout) != size || strings.Trim(r.stdout, "x") != "" {
		t.Errorf("%d characters, want %d", len(r.stdout), size)
	}
	for _, o := range r.outputs {
		if o.Bytes > outputChunk {
			t.Fatalf("a message of %d bytes", o.Bytes)
		}
	}
}

func TestNothingIsLostAtTheEnd(t *testing.T) {
	var want strings.Builder
	for i := 1; i <= 20_000; i++ {
		fmt.Fprintln(&want, i)
	}
	for range 20 {
		r, _ := tailed(t, "seq 1 20000 & seq 1 20000 >&2; wait; printf end >&2; printf end")
		if r.stdout != want.String()+"end" || r.stderr != want.String()+"end" {
			t.Fatalf("%d and %d bytes of %d", len(r.stdout), len(r.stderr), want.Len()+3)
		}
	}
}

// A program writes lines one at a time; sent one by one, they would be hundreds of messages.
func TestLinesThatComeQuicklyComeTogether(t *testing.T) {
	r, _ := tailed(t, "i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done")
	if lines, most := 20_000, int(time.Duration(r.exit.Seconds*float64(time.Second))/outputPace)+10; len(r.outputs) > most {
		t.Errorf("%d lines came in %d messages, want no more than %d", lines, len(r.outputs), most)
	}
}

func TestStoppingEndsAProcessAndAllThatItStarted(t *testing.T) {
	for name, command := range map[string]string{
		"a shell with children":           "sleep 1000 & echo $!; sh -c 'sleep 1001 & echo $!; wait' & echo $!; echo $$; wait",
		"one that does not want to":       "trap '' TERM; sleep 1000 & echo $!; sh -c 'echo $$; while :; do sleep 1; done' & echo $!; echo $$; wait",
		"one that has closed its streams": "sleep 1000 & echo $!; echo $$; echo $$; echo $$; exec >/dev/null 2>&1; wait",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to := newTaker[ProcessEvent]()
			stop := tailing(t, command, to, newTaker[Gauge]())
			all := pids(t, to, 4)
			if err := stop(); !errors.Is(err, context.Canceled) {
				t.Errorf("the run returned %v", err)
			}
			for _, pid := range all {
				eventually(t, fmt.Sprintf("process %d to be gone", pid), func() bool { return !alive(pid) })
			}
			if exit := sum(t, to.all()).exit; exit == nil || exit.Signal == nil && exit.Code == nil {
				t.Errorf("exited: %+v", exit)
			}
		})
	}
}

func TestStoppingDoesNotWaitForWhatHasGotAway(t *testing.T) {
	if _, err := exec.LookPath("setsid"); err != nil {
		t.Skip("setsid exists only on Linux")
	}
	to := newTaker[ProcessEvent]()
	stop := tailing(t, "setsid sh -c 'echo $$; exec sleep 1000' & wait", to, newTaker[Gauge]())
	away := pids(t, to, 1)[0]
	defer func() { _ = syscall.Kill(away, syscall.SIGKILL) }()
	if err := stop(); !errors.Is(err, context.Canceled) {
		t.Errorf("the run returned %v", err)
	}
	if !alive(away) {
		t.Error("the escaped process is gone, so the test proves nothing")
	}
}

func TestAtTheEndNothingIsLeftRunning(t *testing.T) {
	r, _ := tailed(t, "sleep 1000 >/dev/null 2>&1 & echo $!")
	pid, err := strconv.Atoi(strings.TrimSpace(r.stdout))
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "it to be gone", func() bool { return !alive(pid) })
}

func TestAProcessEndsWhenNobodyListens(t *testing.T) {
	to := newTaker[ProcessEvent]()
	to.setShut(true)
	reports := newTaker[Gauge]()
	tailing(t, "yes", to, reports)
	eventually(t, "the start", func() bool { return len(reports.all()) > 0 })
	close(to.closed)
	end := len(reports.all())
	// The last report comes at the end.
	eventually(t, "the end", func() bool {
		all := reports.all()
		return len(all) > end && !all[len(all)-1].Held
	})
}

// written returns the number of bytes that a process has written, as counted by the system.
func written(t *testing.T, pid int) string {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "wchar: ")
	count, _, _ := strings.Cut(rest, "\n")
	return count
}

func TestAPageThatTakesNothingStopsTheProcess(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc")
	}
	to, reports := newTaker[ProcessEvent](), newTaker[Gauge]()
	stop := tailing(t, "exec yes", to, reports)
	eventually(t, "output", func() bool { return len(to.all()) > 10 })
	to.setShut(true)
	held := standsStill(t, reports)
	pid := sum(t, to.all()).pid
	// The process first fills its pipe, when a busy machine lets it.
	eventually(t, "yes to stand still", func() bool {
		before := written(t, pid)
		if still := standsStill(t, reports); still.Bytes != held.Bytes {
			t.Errorf("%d bytes were read, then %d", held.Bytes, still.Bytes)
		}
		return written(t, pid) == before
	})
	to.setShut(false)
	eventually(t, "more", func() bool {
		all := reports.all()
		return all[len(all)-1].Bytes > held.Bytes+1<<20 && !all[len(all)-1].Held
	})
	to.setShut(true)
	standsStill(t, reports)
	to.setShut(false)
	if err := stop(); !errors.Is(err, context.Canceled) {
		t.Errorf("the run returned %v", err)
	}
	if alive(pid) {
		t.Error("yes is still running")
	}
	r := sum(t, to.all())
	last := reports.all()
	if total := last[len(last)-1].Bytes; int64(r.bytes) != total || r.exit == nil || *r.exit.Signal != "terminated" {
		t.Errorf("%d of %d bytes were sent, exited %+v", r.bytes, total, r.exit)
	}
}

func TestNoGoroutineOutlivesAProcess(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 5 {
		tailed(t, "echo x & echo y")
		ctx, cancel := context.WithCancel(t.Context())
		to := newTaker[ProcessEvent]()
		go func() {
			for len(to.all()) < 2 {
				time.Sleep(time.Millisecond)
			}
			cancel()
		}()
		var g gauge
		if err := tail(ctx, "echo x; sleep 1000", to, &g); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	eventually(t, "the goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
}

func TestRunningNothingIsRefused(t *testing.T) {
	if _, err := runProcess(t.Context(), RunProcess{Command: " \t"}); !errors.Is(err, errNoCommand) {
		t.Errorf("%v", err)
	}
	if r, _ := tailed(t, "no-such-program-anywhere"); *r.exit.Code != 127 || !strings.Contains(r.stderr, "not found") {
		t.Errorf("%+v, %q", r.exit, r.stderr)
	}
}
