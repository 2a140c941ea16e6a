package main

import (
	"context"
	"fmt"
	"io"
	"os/signal"
	"syscall"

	"casement/internal/dev"
)

var devCommand = subcommand{name: "dev", brief: "run an app and reload it on every change", run: runDev}

const devUsage = `usage: casement dev [-frontend folder] [-generate file] [package [arguments]]

Starts the frontend's script "dev", which must run Vite, and the program, by default the package in the
current directory. The program gets the server's URL in its variable main.devURL. Vite reloads the page when
it changes; the program is rebuilt and restarted when its Go source changes. Ctrl-C or closing the last window ends both.

`

func runDev(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o := dev.Options{Out: stderr}
	flags := newFlags("dev", devUsage, stderr)
	flags.StringVar(&o.Frontend, "frontend", "frontend", "the `folder` of the page's package.json")
	bindings := flags.String("generate", "", "regenerate this TypeScript `file` before each build, as casement generate -o does")
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
	// Closing the terminal ends the command, as Ctrl-C does.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := dev.Run(ctx, o); err != nil && ctx.Err() == nil {
		return fmt.Errorf("casement dev: %w", err)
	}
	return nil
}
