// Command casement is the tool for developers of Casement apps.
//
//	go run casement/cmd/casement COMMAND [options] [arguments]
//
// An app's module can add it as a tool with go get -tool casement/cmd/casement. Then run it as go
// tool casement.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

// A subcommand is a command of the tool.
type subcommand struct {
	name, brief string
	// run runs the subcommand. It returns the error of parse, errUsage for other wrong arguments,
	// and errSaid for an error that it has already printed.
	run func(ctx context.Context, args []string, stdout, stderr io.Writer) error
}

var (
	errUsage = errors.New("wrong arguments")
	errSaid  = errors.New("already printed")
)

var subcommands = []subcommand{newCommand, devCommand, distCommand, generateCommand}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run runs the subcommand that args begin with and returns the exit status: 0, 1 for an error, or 2
// for wrong arguments.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		usage(stderr)
		return 2
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		usage(stdout)
		return 0
	}
	for _, c := range subcommands {
		if c.name != args[0] {
			continue
		}
		err := c.run(ctx, args[1:], stdout, stderr)
		switch {
		case err == nil, errors.Is(err, flag.ErrHelp):
			return 0
		case errors.Is(err, errUsage):
			return 2
		case !errors.Is(err, errSaid):
			fmt.Fprintln(stderr, err)
		}
		return 1
	}
	fmt.Fprintf(stderr, "casement: unknown command %q\n\n", args[0])
	usage(stderr)
	return 2
}

// newFlags returns the flag set of a subcommand. text is the beginning of its help.
func newFlags(name, text string, stderr io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, text)
		flags.PrintDefaults()
	}
	return flags
}

// parse parses arguments. It returns flag.ErrHelp if they ask for help, and errUsage if they are
// wrong. In both cases it has printed the help.
func parse(flags *flag.FlagSet, args []string) error {
	err := flags.Parse(args)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		return errUsage
	}
	return err
}

func usage(w io.Writer) {
	fmt.Fprint(w, "usage: casement COMMAND [options] [arguments]\n\nThe commands are:\n\n")
	for _, c := range subcommands {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.brief)
	}
	fmt.Fprint(w, "\nRun casement COMMAND -h for the options of a command.\n")
}
