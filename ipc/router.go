package ipc

import (
	"context"
	"errors"
	"reflect"

	"casement/internal/codec"
	"casement/internal/registry"
)

// A Router holds commands by name. It is safe for concurrent use; the zero value is empty and
// ready.
type Router struct {
	registered // Find and Near serve internal/wire.
}

type registered = registry.Registry

// Err returns the errors of all registrations so far, joined. It returns nil if there are none.
func (r *Router) Err() error { return r.registered.Err() }

// Names returns the names of all commands, sorted.
func (r *Router) Names() []string { return r.registered.Names() }

// An Option configures a command at its registration.
type Option struct{ apply func(*registry.Command) }

// AllowWindows allows only the windows with these labels to call the command. A call from any other
// window is denied.
func AllowWindows(labels ...Label) Option {
	return Option{func(c *registry.Command) {
		c.Restricted = true
		for _, label := range labels {
			c.Windows = append(c.Windows, string(label))
		}
	}}
}

// Inline runs the command on the UI thread, where the call arrives, and saves two thread switches:
// up to a fifth of the duration of a single call. Use it for commands that only look something up.
//
// While the command runs, no window paints, handles input or receives anything from Go. So it must
// not block: not on a file, and not on a lock that is held for long. Operations of this module that
// would block, such as Channel.Send, return ErrUIThread instead. A command that takes longer than a
// frame is logged. One that ends its goroutine, by runtime.Goexit, is rejected as any command is,
// and runs on goroutines of its own from then on.
//
// A call with a large body always runs on a goroutine.
func Inline() Option { return Option{func(c *registry.Command) { c.Inline = true }} }

// Lenient accepts arguments as encoding/json does: unknown fields are ignored, and fields that are
// missing or null stay zero. Use it where a page passes on values that others define, such as the
// response of a web API. A value of another kind, such as a string for a number, is still an error.
func Lenient() Option { return Option{func(c *registry.Command) { c.Lenient = true }} }

// LenientFor is Lenient for arguments of type T and the values that they hold. Everything else stays
// strict.
func LenientFor[T any]() Option {
	return Option{func(c *registry.Command) { c.LenientTypes = append(c.LenientTypes, reflect.TypeFor[T]()) }}
}

// Handle registers f as the command name. Pages call it with invoke(name, args).
//
// A is the type of the arguments. JSON arguments are decoded into it strictly, unless the command
// is Lenient: a field is required unless it is a pointer or its tag has omitempty or omitzero, and
// unknown fields are errors. If A is []byte, the command gets the raw bytes of the call. R is the
// type of the result: []byte reaches the page as an ArrayBuffer, struct{} as null, anything else as
// JSON.
//
// f runs once per call, on a goroutine of its own unless it is Inline, concurrently with all other
// calls. Its context carries the Call. The context is cancelled when the caller aborts, the page
// goes or the app shuts down. A panic rejects only that call.
//
// The router's Err, which the app checks as it starts, reports a name that is taken or malformed,
// and an A or R that can't be JSON: a chan, a func, a struct whose fields are all unexported. If
// the name is a constant, casement generate writes a TypeScript function for the command, with the
// doc comment of f.
func Handle[A, R any](r *Router, name string, f func(ctx context.Context, args A) (R, error), options ...Option) {
	c := &registry.Command{Name: name}
	for _, option := range options {
		option.apply(c)
	}
	arguments := codec.NewDecoder(reflect.TypeFor[A](), codec.Leniency{All: c.Lenient, Types: c.LenientTypes})
	c.Serve = func(ctx context.Context, in registry.Arguments) (any, error) {
		var args A
		if err := decode(ctx, arguments, name, in, &args); err != nil {
			return nil, err
		}
		return f(ctx, args)
	}
	c.Flaws = append(c.Flaws,
		codec.CanDecode(reflect.TypeFor[A](), "its arguments"), codec.CanEncode(reflect.TypeFor[R](), "its result"))
	r.Add(c)
}

// decode decodes the arguments of a command into args, which is a pointer.
func decode(ctx context.Context, arguments *codec.Decoder, command string, in registry.Arguments, args any) error {
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
	if err := arguments.Decode(ctx, in.Body, args); err != nil {
		return badArguments(command, err)
	}
	return nil
}

// badArguments returns the error that rejects a call with invalid arguments.
func badArguments(command string, err error) error {
	bad := &Error{Code: CodeBadArguments, Message: command + ": " + err.Error(), Err: err}
	var at *codec.FieldError
	if errors.As(err, &at) {
		bad.Details = map[string]string{"path": at.Path, "reason": at.Reason}
	}
	return bad
}
