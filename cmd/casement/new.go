package main

import (
	"context"
	"fmt"
	"io"

	"casement/internal/scaffold"
)

var newCommand = subcommand{name: "new", brief: "make the module of a new app", run: runNew}

const newUsage = `usage: casement new [-id id] [-name name] folder

It makes a folder with the module of a new app: a program in Go, a page in TypeScript, tests of both and a
Makefile. It is run in a checkout of Casement, which the app then uses.

`

func runNew(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o := scaffold.Options{Again: func(out string) string { return again(out, nil) }}
	flags := newFlags("new", newUsage, stderr)
	flags.StringVar(&o.ID, "id", "", "what the system knows the app by, such as com.example.hasher")
	flags.StringVar(&o.Name, "name", "", "what a person calls the app; without it, what the folder is called")
	var folders []string
	for more := args; ; {
		if err := parse(flags, more); err != nil {
			return err
		}
		// Options may stand behind the folder as well.
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
	fmt.Fprintf(stdout, "%s is made. In it, make dev opens the app, and make test checks it.\n", o.Dir)
	return nil
}
