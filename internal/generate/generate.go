// Package generate writes the TypeScript of an app: a function for each command, an object for each
// event, and the types of all values that travel between Go and a page, in the form in which they
// arrive.
//
// It reads the app's source. Each registration is a call of ipc.Handle or events.Define with a
// constant name; the types are those of its instantiation. Nothing is built or run.
//
// A comment that begins with casement:ts in the Go source gives a type or a field its TypeScript
// type. It is needed where an UnmarshalJSON or MarshalJSON method decides the form on the wire:
//
//	//casement:ts `#${string}`
//	type Color struct{ … }
//
// A comment casement:ignore beside or above a registration leaves that registration out.
package generate

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
)

// Options select the source and describe the output.
type Options struct {
	// Dir is the directory to which the patterns are relative. Empty means the current directory.
	Dir string
	// Patterns name the packages of the app, in the go command's syntax. None means the package in
	// Dir. Packages that these import from the same module belong to the app too.
	Patterns []string
	// Command is the command that generates the file; the heading of the file shows it.
	Command string
	// OwnDocs leaves out the doc comments of other modules.
	OwnDocs bool
}

// TypeScript returns the TypeScript file of an app. The output depends on the source alone, not on
// the order of the patterns or the location of the source.
//
// The error joins a [Problem] for each construct that cannot be generated.
func TypeScript(ctx context.Context, o Options) ([]byte, error) {
	file, err := generate(ctx, o, false)
	if err != nil {
		return nil, err
	}
	return file.print(), nil
}

// ShellEvents returns the TypeScript file that maps the names of the shell's own events to their
// payloads. The patterns must name the shell's package.
func ShellEvents(ctx context.Context, o Options) ([]byte, error) {
	file, err := generate(ctx, o, true)
	if err != nil {
		return nil, err
	}
	return file.printMap("ShellEvents", "The shell's own events, and the payload of each."), nil
}

func generate(ctx context.Context, o Options, shell bool) (*file, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	patterns := o.Patterns
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	p, err := load(ctx, dir, patterns)
	if err != nil {
		return nil, err
	}
	p.ownDocs = o.OwnDocs
	found, problems := p.discover(shell)
	m := newMapper(p)
	var wrong []*Problem
	m.table, wrong = p.readTable()
	problems = append(problems, wrong...)
	file := m.file(found)
	problems = append(problems, m.problems...)
	if len(problems) > 0 {
		return nil, join(problems)
	}
	file.command = o.Command
	return file, nil
}

// join joins the problems in source order, without duplicates.
func join(problems []*Problem) error {
	slices.SortFunc(problems, func(a, b *Problem) int {
		return cmp.Or(
			strings.Compare(a.Position.Filename, b.Position.Filename),
			a.Position.Offset-b.Position.Offset,
			strings.Compare(a.Reason, b.Reason),
		)
	})
	problems = slices.CompactFunc(problems, func(a, b *Problem) bool { return *a == *b })
	errs := make([]error, len(problems))
	for i, problem := range problems {
		errs[i] = problem
	}
	return errors.Join(errs...)
}
