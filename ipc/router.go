package ipc

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

// A Router holds commands by name. It is safe for concurrent use; the zero value is empty and ready.
type Router struct {
	mu       sync.RWMutex
	commands map[string]*command
	errs     []error
}

// A command is a registered function behind a signature that all commands share.
type command struct {
	name       string
	restricted bool    // to windows
	windows    []Label // that may call it, if it is restricted
	inline     bool
	exits      atomic.Bool // it has ended its goroutine as an inline command
	flaws      []error     // why its types have no JSON; nil ones are none
	serve      func(ctx context.Context, args arguments) (*Message, error)
}

// arguments are what came with a call, still undecoded.
type arguments struct {
	call *Call
	body []byte
	// raw says that body is bytes and not JSON.
	raw bool
}

// An Option changes how a command is registered.
type Option func(*command)

// AllowWindows lets only the windows with these labels call the command; for all others it is denied.
func AllowWindows(labels ...Label) Option {
	return func(c *command) {
		c.restricted = true
		c.windows = append(c.windows, labels...)
	}
}

// Inline runs the command on the UI thread, where the call arrives, and spares it the way to a goroutine and back: up
// to a fifth of the time that a single call takes. It is for commands that only look something up. While one runs no
// window paints, hears its user or gets anything from Go, so it must not wait: not for a lock that is held for long, and not
// for a file. Whatever of this module would wait, as Channel.Send may for a page, returns ErrUIThread instead. One that
// takes longer than a frame is logged. One that ends its goroutine, by runtime.Goexit, is rejected as any command is, and
// runs on goroutines of its own from then on.
//
// A call with a body that is large runs on a goroutine all the same.
func Inline() Option { return func(c *command) { c.inline = true } }

// Handle registers f as the command name. Pages call it with invoke(name, args).
//
// A is what the command takes. JSON arguments are decoded into it strictly: a field is required unless
// it is a pointer or says omitempty or omitzero, and unknown fields are errors. A command whose A is
// []byte takes the bytes of the call as they are. R is what it returns: []byte reaches the page as an
// ArrayBuffer, anything else as JSON, struct{} as null.
//
// f runs once per call, on a goroutine of its own unless it is Inline, concurrently with all others. Its context carries
// the Call, and is cancelled when the caller aborts, the page goes or the app shuts down. A panic
// rejects that one call.
//
// A name that is taken or malformed, and an A or R that can't be JSON (a chan, a func, a struct whose fields are all
// unexported), are reported by the router's Err, which the app checks as it starts. If the name is a constant, casement generate writes a function for the command in TypeScript, with the doc comment of f.
func Handle[A, R any](r *Router, name string, f func(ctx context.Context, args A) (R, error), options ...Option) {
	c := &command{name: name}
	c.serve = func(ctx context.Context, in arguments) (*Message, error) {
		var args A
		if err := in.decode(ctx, &args); err != nil {
			return nil, err
		}
		result, err := f(ctx, args)
		if err != nil {
			return nil, err
		}
		m, err := resultMessage(in.call.id, result)
		if err != nil {
			return nil, &Error{Code: CodeBadResult, Message: name + ": " + err.Error(), Err: err}
		}
		return m, nil
	}
	if t := reflect.TypeFor[A](); t != bytesType {
		c.flaws = append(c.flaws, flawOf(t, toGo, "its arguments"))
	}
	if t := reflect.TypeFor[R](); t != bytesType {
		c.flaws = append(c.flaws, flawOf(t, toPage, "its result"))
	}
	for _, option := range options {
		option(c)
	}
	r.add(c)
}

func (r *Router) add(c *command) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case !names.Valid(c.name, names.CommandMarks):
		r.errs = append(r.errs, fmt.Errorf("ipc: command name %q: want letters, digits and any of - / : _ . |", clip(c.name)))
	case r.commands[c.name] != nil:
		r.errs = append(r.errs, fmt.Errorf("ipc: command %q is registered twice", c.name))
	case errors.Join(c.flaws...) != nil:
		for _, flaw := range c.flaws {
			if flaw != nil {
				r.errs = append(r.errs, fmt.Errorf("ipc: command %q: %w", c.name, flaw))
			}
		}
	default:
		if r.commands == nil {
			r.commands = map[string]*command{}
		}
		r.commands[c.name] = c
	}
}

// Err returns what went wrong with the registrations so far, nil if nothing did.
func (r *Router) Err() error {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return errors.Join(r.errs...)
}

// Names returns the names of all commands, sorted.
func (r *Router) Names() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	names := make([]string, 0, len(r.commands))
	for name := range r.commands {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// find returns the command that a call is for, if this window may call it.
func (r *Router) find(call *Call) (*command, error) {
	r.mu.RLock()
	c := r.commands[call.Command]
	r.mu.RUnlock()
	if c == nil {
		return nil, errorf(CodeUnknownCommand, "there is no command %q", clip(call.Command))
	}
	if !c.allows(call.Window) {
		return nil, errorf(CodeDenied, "window %q may not call %q", call.Window, c.name)
	}
	return c, nil
}

// allows reports whether a window may call the command.
func (c *command) allows(window Label) bool {
	return !c.restricted || slices.Contains(c.windows, window)
}

// decode decodes the arguments into args, a pointer.
func (in arguments) decode(ctx context.Context, args any) error {
	if whole, ok := args.(*[]byte); ok {
		if !in.raw {
			return errorf(CodeBadArguments, "%s: want bytes, got an object", in.call.Command)
		}
		*whole = in.body
		return nil
	}
	if in.raw {
		return errorf(CodeBadArguments, "%s: want an object, got bytes", in.call.Command)
	}
	err := decodeArgs(ctx, in.body, args)
	if err == nil {
		return nil
	}
	bad := &Error{Code: CodeBadArguments, Message: in.call.Command + ": " + err.Error(), Err: err}
	var at *fieldError
	if errors.As(err, &at) {
		bad.Details = map[string]string{"path": at.path, "reason": at.reason}
	}
	return bad
}

// resultMessage returns the message that settles a call with its result.
func resultMessage(id uint64, result any) (*Message, error) {
	if data, ok := result.([]byte); ok {
		return bytesMessage(outSettleBytes, id, data), nil
	}
	return valueMessage(outSettle, id, result)
}
