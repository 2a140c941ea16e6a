// Package registry holds commands by name: what package ipc registers and package wire calls. It is a package of its own
// so that neither of them has to show the other's side to apps.
package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"casement/internal/names"
)

// A Command is a registered function behind a signature that all commands share.
type Command struct {
	Name string
	// Restricted says that only Windows may call it.
	Restricted bool
	Windows    []string
	// Inline says that it runs on the UI thread.
	Inline bool
	// Exits says that it has ended its goroutine as an inline command.
	Exits atomic.Bool
	// Flaws are why its types have no JSON; nil ones are none.
	Flaws []error
	// Serve decodes the arguments, calls the function and returns its result, which is []byte or has JSON.
	Serve func(ctx context.Context, args Arguments) (result any, err error)
}

// Arguments are what came with a call, not yet decoded. The command may keep Body.
type Arguments struct {
	Body []byte
	// Raw says that Body is bytes and not JSON.
	Raw bool
}

// A Registry holds commands by name. It is safe for concurrent use; the zero value is empty and ready.
type Registry struct {
	mu       sync.RWMutex
	commands map[string]*Command
	errs     []error
}

// Add registers a command, or notes for Err why it can't.
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

// Err returns what is wrong with the commands that were added so far, nil if nothing is.
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

// Find returns the command with this name, nil if there is none, and whether the window may call it.
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

// A CallKey is the key under which a command's context has its *ipc.Call.
type CallKey struct{}
