package main

import (
	"context"
	"fmt"
	"io"
	"os/signal"
	"syscall"

	"casement/internal/dev"
)

var devCommand = subcommand{name: "dev", brief: "run an app, and renew it as it is edited", run: runDev}

const devUsage = `usage: casement dev [-frontend folder] [-generate file] [package [arguments]]

It starts the script "dev" of the frontend, which has to be Vite, and the program, the package in the current
directory if none is named, with the URL in its variable main.devURL. Vite renews the page as it is edited;
the program is built and started again when its Go changes. Ctrl-C, or closing the last window, ends it all.

`

func runDev(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o := dev.Options{Out: stderr}
	flags := newFlags("dev", devUsage, stderr)
	flags.StringVar(&o.Frontend, "frontend", "frontend", "the `folder` of the page's package.json")
	bindings := flags.String("generate", "", "keep this `file` of TypeScript up to date, as casement generate -o does")
	if err := parse(flags, args); err != nil {
		return err
	}
	if rest := flags.Args(); len(rest) > 0 {
		o.Package, o.Args = rest[0], rest[1:]
	}
	if *bindings != "" {
		write := []string{"-o", *bindings}
		if o.Package != "" {
			write = append(write, o.Package)
		}
		o.Generate = func(ctx context.Context) error { return runGenerate(ctx, write, stdout, stderr) }
	}
	// A terminal that is closed ends it as Ctrl-C does.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := dev.Run(ctx, o); err != nil && ctx.Err() == nil {
		return fmt.Errorf("casement dev: %w", err)
	}
	return nil
}
