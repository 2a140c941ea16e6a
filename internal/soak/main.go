// Command soak runs channels for as long as it takes to see what a test would not: 10 GiB through one of them,
// twenty million small messages, a minute in which nobody reads, many at once, and the frames of a page meanwhile.
// It prints a table of what it measured beside what is promised, and fails if a promise is not kept.
//
// It runs from the top of the module, on Linux, where /proc says what memory processes use.
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
				verdict := "kept"
				if !row.ok {
					verdict, broken = "BROKEN", true
				}
				_, _ = fmt.Fprintln(table, strings.Join([]string{row.what, row.measured, row.bound, verdict}, "\t"))
			}
			_ = table.Flush() // Nothing is left to tell if this fails.
		})
		if err == nil && broken {
			err = errors.New("a promise is not kept")
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

// scenarios are what there is to run, in order.
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

// soak runs the app and the scenarios in it, and hands on their rows. onMain runs the app on the main thread.
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
