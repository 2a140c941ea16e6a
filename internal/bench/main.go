// Command bench runs contenders against each other, in turns, and prints a table of medians.
//
//	bench [-rounds N] [-only ROWS] [-json FILE] [-svg FILE] NAME=COMMAND…
//
// A COMMAND is split at spaces. It starts for each row with the row's name as its last argument. It
// opens a window and prints "ready" when Go has answered the page's first command. Then it prints
// one line: JSON with the row's value and the page's frame intervals, or "none" if it does not have
// the row. Then it is killed. The others are compared with the first contender.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
)

func main() {
	rounds := flag.Int("rounds", 5, "run each row this `often`")
	only := flag.String("only", "", "run only rows that match this regular `expression`")
	jsonFile := flag.String("json", "", "write all figures to this `file`")
	svgFile := flag.String("svg", "", "draw a chart in this `file`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, flag.Args(), *rounds, *only, *jsonFile, *svgFile); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, rounds int, only, jsonFile, svgFile string) error {
	match, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	var contenders []*contender
	for _, arg := range args {
		name, command, ok := strings.Cut(arg, "=")
		if !ok || strings.TrimSpace(command) == "" || rounds < 1 {
			return fmt.Errorf("%q: want NAME=COMMAND", arg)
		}
		c, err := newContender(name, strings.Fields(command))
		if err != nil {
			return err
		}
		contenders = append(contenders, c)
	}
	if len(contenders) == 0 {
		return fmt.Errorf("no contenders: name at least one as NAME=COMMAND")
	}
	for round := range rounds {
		for _, row := range rows {
			if row.run == "" || !match.MatchString(row.run) {
				continue
			}
			for at := range contenders {
				// The order is reversed in every other round.
				c := contenders[(at+round)%len(contenders)]
				progress("round %d of %d: %s, %s", round+1, rounds, row.run, c.name)
				if err := c.measure(ctx, row.run); err != nil {
					return fmt.Errorf("%s, %s: %w", c.name, row.run, err)
				}
			}
		}
	}
	progress("")
	report := newReport(contenders, rounds)
	report.print(os.Stdout)
	if jsonFile != "" {
		if err := report.writeJSON(jsonFile); err != nil {
			return err
		}
	}
	if svgFile != "" {
		return os.WriteFile(svgFile, []byte(report.chart()), 0o644)
	}
	return nil
}

// progress shows the current step in one line of a terminal, and prints nothing elsewhere.
func progress(format string, args ...any) {
	if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		fmt.Fprintf(os.Stderr, "\r\x1b[K"+format, args...)
	}
}
