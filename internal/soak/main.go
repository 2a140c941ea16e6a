// Command soak runs channels long enough to find faults that tests would miss: 10 GiB through one
// channel, twenty million small messages, a minute without a reader, many channels at once, and the
// page's frames meanwhile. It prints each measurement beside its bound, and fails if a bound is
// exceeded.
//
// Run it from the top of the module, on Linux, where /proc reports the memory of processes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"
)

func main() {
	only := flag.String("only", "", "run this `scenario` only")
	portable := flag.Bool("portable", false, "use only what webview_go offers")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	r, err := newRig(ctx, ".", *portable)
	if err == nil {
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		broken := false
		err = r.soak(whole, *only, func(run func() error) error { return run() }, func(rows []row) {
			for _, row := range rows {
				verdict := "ok"
				if !row.ok {
					verdict, broken = "EXCEEDED", true
				}
				_, _ = fmt.Fprintln(table, strings.Join([]string{row.what, row.measured, row.bound, verdict}, "\t"))
			}
			_ = table.Flush() // An error of the standard output cannot be reported.
		})
		if err == nil && broken {
			err = errors.New("a bound was exceeded")
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

// scenarios returns the scenarios in the order in which they run.
func (r *rig) scenarios(s size) []scenario {
	const piece = 64 << 10
	return []scenario{
		{"bytes", func() ([]row, error) {
			count := s.bytes / piece
			return r.stream("bytes", "bytes", count*piece, s.mark, "soak.takeBytes(%v, %v)", count, piece)
		}},
		{"values", func() ([]row, error) {
			return r.stream("values", "messages", int64(s.values), s.mark/s.perValue, "soak.takeValues(%v)", s.values)
		}},
		{"unread", func() ([]row, error) { return r.neverRead(s) }},
		{"ends", func() ([]row, error) { return r.ends(s) }},
		{"race", func() ([]row, error) { return r.slowOne(s) }},
		{"frames", func() ([]row, error) { return r.paints(s) }},
		{"upload", func() ([]row, error) { return r.uploads(s) }},
	}
}

type scenario struct {
	name string
	run  func() ([]row, error)
}

// soak runs the app and its scenarios, and calls show with the rows of each. onMain runs the app on
// the main thread.
func (r *rig) soak(s size, only string, onMain func(run func() error) error, show func([]row)) error {
	ctx, cancel := context.WithCancel(r.ctx)
	defer cancel()
	r.ctx = ctx
	done := make(chan error, 1)
	go func() {
		defer r.Quit()
		done <- func() error {
			for _, scenario := range r.scenarios(s) {
				if only != "" && only != scenario.name {
					continue
				}
				rows, err := scenario.run()
				if err != nil {
					return fmt.Errorf("%s: %w", scenario.name, err)
				}
				show(rows)
			}
			return nil
		}()
	}()
	err := onMain(func() error { return r.Run(ctx) })
	cancel()
	return errors.Join(<-done, err, r.producers.Wait())
}
