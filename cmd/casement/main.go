// Command casement is the tool for those who write Casement apps.
//
//	go run casement/cmd/casement COMMAND [options] [arguments]
//
// An app's module may also have it as a tool, with go get -tool casement/cmd/casement; then it is go tool
// casement.
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

// A subcommand is one of the things that the tool does.
type subcommand struct {
	name, brief string
	// run does it. It returns what parse does, errUsage for all other wrong arguments, and errSaid for all else that is wrong, if it has said
	// so itself.
	run func(ctx context.Context, args []string, stdout, stderr io.Writer) error
}

var (
	errUsage = errors.New("wrong arguments")
	errSaid  = errors.New("said already")
)

var subcommands = []subcommand{newCommand, devCommand, distCommand, generateCommand}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run runs the subcommand that args begin with and returns the exit status: 2 is for wrong arguments.
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
	fmt.Fprintf(stderr, "casement: there is no command %q\n\n", args[0])
	usage(stderr)
	return 2
}

// newFlags returns the options of a subcommand, whose help begins with a text.
func newFlags(name, text string, stderr io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, text)
		flags.PrintDefaults()
	}
	return flags
}

// parse parses arguments. It returns flag.ErrHelp if help was asked for, and errUsage for wrong ones; both are said.
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
	fmt.Fprint(w, "\ncasement COMMAND -h says more about one of them.\n")
}
