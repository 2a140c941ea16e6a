package ipc

import (
	"context"
	"errors"
	"reflect"

	"casement/internal/codec"
	"casement/internal/registry"
)

// A Router holds commands by name. It is safe for concurrent use; the zero value is empty and ready.
type Router struct {
	registered // whose Find and Near are for the wire to the pages
}

type registered = registry.Registry

// Err returns what went wrong with the registrations so far, nil if nothing did.
func (r *Router) Err() error { return r.registered.Err() }

// Names returns the names of all commands, sorted.
func (r *Router) Names() []string { return r.registered.Names() }

// An Option changes how a command is registered.
type Option struct{ apply func(*registry.Command) }

// AllowWindows lets only the windows with these labels call the command; for all others it is denied.
func AllowWindows(labels ...Label) Option {
	return Option{func(c *registry.Command) {
		c.Restricted = true
		for _, label := range labels {
			c.Windows = append(c.Windows, string(label))
		}
	}}
}

// Inline runs the command on the UI thread, where the call arrives, and spares it the way to a goroutine and back: up
// to a fifth of the time that a single call takes. It is for commands that only look something up. While one runs no
// window paints, hears its user or gets anything from Go, so it must not wait: not for a lock that is held for long, and not
// for a file. Whatever of this module would wait, as Channel.Send may for a page, returns ErrUIThread instead. One that
// takes longer than a frame is logged. One that ends its goroutine, by runtime.Goexit, is rejected as any command is, and
// runs on goroutines of its own from then on.
//
// A call with a body that is large runs on a goroutine all the same.
func Inline() Option { return Option{func(c *registry.Command) { c.Inline = true }} }

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
	c := &registry.Command{Name: name}
	c.Serve = func(ctx context.Context, in registry.Arguments) (any, error) {
		var args A
		if err := decode(ctx, name, in, &args); err != nil {
			return nil, err
		}
		return f(ctx, args)
	}
	c.Flaws = append(c.Flaws,
		codec.CanDecode(reflect.TypeFor[A](), "its arguments"), codec.CanEncode(reflect.TypeFor[R](), "its result"))
	for _, option := range options {
		option.apply(c)
	}
	r.Add(c)
}

// decode decodes the arguments of a command into args, a pointer.
func decode(ctx context.Context, command string, in registry.Arguments, args any) error {
	if whole, ok := args.(*[]byte); ok {
		if !in.Raw {
			return badArguments(command, errors.New("want bytes, got an object"))
		}
		*whole = in.Body
		return nil
	}
	if in.Raw {
		return badArguments(command, errors.New("want an object, got bytes"))
	}
	if err := codec.Decode(ctx, in.Body, args); err != nil {
		return badArguments(command, err)
	}
	return nil
}

// badArguments returns the error that rejects a call because of its arguments.
func badArguments(command string, err error) error {
	bad := &Error{Code: CodeBadArguments, Message: command + ": " + err.Error(), Err: err}
	var at *codec.FieldError
	if errors.As(err, &at) {
		bad.Details = map[string]string{"path": at.Path, "reason": at.Reason}
	}
	return bad
}
