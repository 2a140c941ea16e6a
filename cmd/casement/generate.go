package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"casement/internal/generate"
)

var generateCommand = subcommand{
	name: "generate", brief: "write the TypeScript of an app's commands, events and types", run: runGenerate,
}

const generateUsage = `usage: casement generate [-o file] [-check] [-docs own] [packages]

Reads the packages, by default the one in the current directory, and the packages that they import from
their own module. Writes one TypeScript file: a function for each ipc.Handle, an object for each events.Define,
and their types. Leaves the file untouched if its content would not change.

In the doc comment of a type or a field that encodes its own JSON, a line "//casement:ts TYPE" gives its
TypeScript type. A line "//casement:ignore" above a registration leaves it out. "types" in casement.json, beside
the package, gives the TypeScript types of other modules' types, such as "example.com/money.Amount": "string".

`

func runGenerate(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := newFlags("generate", generateUsage, stderr)
	out := flags.String("o", "", "write to this `file` instead of the standard output")
	docs := flags.String("docs", "all", "copy all doc `comments`, or own: those of the app alone")
	check := flags.Bool("check", false, "write nothing; fail if the file is out of date")
	if err := parse(flags, args); err != nil {
		return err
	}
	if *check && *out == "" {
		return errors.New("casement generate: -check needs -o")
	}
	if *docs != "all" && *docs != "own" {
		return fmt.Errorf("casement generate: -docs is all or own, not %q", *docs)
	}
	command := again(*out, *docs, flags.Args())
	made, err := generate.TypeScript(ctx, generate.Options{
		Patterns: flags.Args(), Command: command, OwnDocs: *docs == "own",
	})
	if err != nil {
		return err
	}
	if *out == "" {
		_, err := stdout.Write(made)
		return err
	}
	there, err := os.ReadFile(*out)
	switch {
	case err == nil && bytes.Equal(there, made):
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case *check:
		return fmt.Errorf("%s is out of date; to regenerate it, run: %s", *out, command)
	}
	if err := os.MkdirAll(filepath.Dir(*out), 0o777); err != nil {
		return err
	}
	return os.WriteFile(*out, made, 0o666)
}

// again returns the command that generates the file. It is the same on every machine.
func again(out, docs string, patterns []string) string {
	words := []string{"go run casement/cmd/casement generate"}
	if out != "" {
		if filepath.IsAbs(out) {
			out = filepath.Base(out)
		}
		words = append(words, "-o", filepath.ToSlash(out))
	}
	if docs == "own" {
		words = append(words, "-docs", docs)
	}
	for _, pattern := range patterns {
		if filepath.IsAbs(pattern) {
			pattern = filepath.Base(pattern)
		}
		words = append(words, filepath.ToSlash(pattern))
	}
	return strings.Join(words, " ")
}
