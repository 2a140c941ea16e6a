// Package registry holds commands by name: package ipc registers them and package wire calls them.
// It is separate so that neither package exports the other's side to apps.
package registry

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"

	"casement/internal/names"
)

// A Command is a registered function behind a signature that all commands share.
type Command struct {
	Name string
	// Restricted is set if only Windows may call the command.
	Restricted bool
	Windows    []string
	// Inline is set if the command runs on the UI thread.
	Inline bool
	// Exits is set once the command has ended its goroutine while it ran inline.
	Exits atomic.Bool
	// Lenient is set if arguments may differ from their type as encoding/json lets them,
	// LenientTypes are the types for which that is so.
	Lenient      bool
	LenientTypes []reflect.Type
	// Flaws are the reasons why the command's types have no JSON. Nil elements are ignored.
	Flaws []error
	// Serve decodes the arguments, calls the function and returns its result: []byte, or a
	// value that is encoded as JSON.
	Serve func(ctx context.Context, args Arguments) (result any, err error)
}

// Arguments are the undecoded arguments of a call. The command may keep Body.
type Arguments struct {
	Body []byte
	// Raw is set if Body is bytes and not JSON.
	Raw bool
}

// A Registry holds commands by name. It is safe for concurrent use; the zero value is empty and
// ready.
type Registry struct {
	mu       sync.RWMutex
	commands map[string]*Command
	errs     []error
}

// Add registers a command. If the command is invalid, Add records the error for Err.
func (r *Registry) Add(c *Command) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case !names.Valid(c.Name, names.CommandMarks):
		r.errs = append(r.errs, fmt.Errorf("ipc: command name %q: want letters, digits and any of - / : _ . |", names.Clip(c.Name)))
	case r.commands[c.Name] != nil:
		r.errs = append(r.errs, fmt.Errorf("ipc: command %q is registered twice", c.Name))
	case errors.Join(c.Flaws...) != nil:
		for _, flaw := range c.Flaws {
			if flaw != nil {
				r.errs = append(r.errs, fmt.Errorf("ipc: command %q: %w", c.Name, flaw))
			}
		}
	default:
		if r.commands == nil {
			r.commands = map[string]*Command{}
		}
		r.commands[c.Name] = c
	}
}

// Err returns the errors of all commands added so far, joined. It returns nil if there are none.
func (r *Registry) Err() error {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return errors.Join(r.errs...)
}

// Names returns the names of all commands, sorted.
func (r *Registry) Names() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	all := make([]string, 0, len(r.commands))
	for name := range r.commands {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// Find returns the command with this name, or nil if there is none, and whether the window may call
// it.
func (r *Registry) Find(name, window string) (c *Command, allowed bool) {
	r.mu.RLock()
	c = r.commands[name]
	r.mu.RUnlock()
	return c, c != nil && c.allows(window)
}

// allows reports whether a window may call the command.
func (c *Command) allows(window string) bool {
	return !c.Restricted || slices.Contains(c.Windows, window)
}

// A CallKey is the context key of a command's *ipc.Call.
type CallKey struct{}
