package main

import (
	"context"
	"fmt"
	"io"

	"casement/internal/scaffold"
)

var newCommand = subcommand{name: "new", brief: "create the module of a new app", run: runNew}

const newUsage = `usage: casement new [-id id] [-name name] folder

Creates a folder with the module of a new app: a program in Go, a page in TypeScript, tests of both and a
Makefile. Run it in a checkout of Casement, which the app then uses.

`

func runNew(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o := scaffold.Options{Again: func(out string) string { return again(out, "all", nil) }}
	flags := newFlags("new", newUsage, stderr)
	flags.StringVar(&o.ID, "id", "", "the app's `id` for the system, such as com.example.hasher")
	flags.StringVar(&o.Name, "name", "", "the app's `name` for users; without it, the folder's name")
	var folders []string
	for more := args; ; {
		if err := parse(flags, more); err != nil {
			return err
		}
		// Options may also follow the folder.
		if more = flags.Args(); len(more) == 0 {
			break
		}
		folders, more = append(folders, more[0]), more[1:]
	}
	if len(folders) != 1 {
		flags.Usage()
		return errUsage
	}
	o.Dir = folders[0]
	if err := scaffold.New(ctx, o); err != nil {
		return fmt.Errorf("casement new: %w", err)
	}
	fmt.Fprintf(stdout, "Created %s. Run make dev there to open the app, and make test to test it.\n", o.Dir)
	return nil
}
