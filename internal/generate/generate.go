// Package generate writes the TypeScript of an app: a function for each command, an object for each event,
// and the types of all that travels between Go and a page, as it really arrives.
//
// It reads the app's source. What is registered has to be named by a constant, at a call of ipc.Handle or
// events.Define; the types are those that these calls are instantiated with. Nothing is built or run.
//
// In Go's source, a comment that begins casement:ts gives a type, or a field, its type in TypeScript,
// where its own UnmarshalJSON or MarshalJSON decides what is on the wire:
//
//	//casement:ts `#${string}`
//	type Color struct{ … }
//
// One that says casement:ignore, beside a registration or above it, leaves that one out.
package generate

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
)

// Options say what to generate.
type Options struct {
	// Dir is where the patterns count from. Empty means the current directory.
	Dir string
	// Patterns name the packages of the app, as the go command takes them. None means the one in Dir.
	// What the packages import from their own module counts as the app's as well.
	Patterns []string
	// Command is how to generate the file again, for its heading.
	Command string
}

// TypeScript returns the TypeScript file of an app. It depends on nothing but the source: the order of
// the patterns, and where the source lies, make no difference.
//
// The error joins a [Problem] for each thing that can't be generated.
func TypeScript(ctx context.Context, o Options) ([]byte, error) {
	file, err := generate(ctx, o, false)
	if err != nil {
		return nil, err
	}
	return file.print(), nil
}

// ShellEvents returns the TypeScript file that maps the names of the shell's own events to their payloads. The patterns
// name the package of the shell.
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
	found, problems := p.discover(shell)
	m := newMapper(p)
	file := m.file(found)
	problems = append(problems, m.problems...)
	if len(problems) > 0 {
		return nil, join(problems)
	}
	file.command = o.Command
	return file, nil
}

// join returns the problems in the order of the source, each once.
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
