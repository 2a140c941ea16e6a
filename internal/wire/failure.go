package wire

import (
	"context"
	"errors"
	"fmt"

	"casement/ipc"
)

func errorf(code ipc.Code, format string, args ...any) *ipc.Error {
	err := fmt.Errorf(format, args...)
	return &ipc.Error{Code: code, Message: err.Error(), Err: errors.Unwrap(err)}
}

// failureOf converts a Go error to the form that a page gets. No other function does. An error
// whose own methods panic, as those of a nil pointer do, counts as a panic.
func failureOf(ctx context.Context, err error) (f failure) {
	defer func() {
		if p := recover(); p != nil {
			f = failure{Code: ipc.CodePanicked, Message: fmt.Sprintf("an error of type %T: panic: %v", err, p)}
		}
	}()
	var known *ipc.Error
	switch {
	case errors.As(err, &known):
		code := known.Code
		if code == "" {
			code = ipc.CodeFailed
		}
		return failure{Code: code, Message: err.Error(), Details: known.Details}
	case errors.Is(err, context.DeadlineExceeded):
		return failure{Code: ipc.CodeTimedOut, Message: err.Error()}
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return failure{Code: ipc.CodeCancelled, Message: err.Error()}
	default:
		return failure{Code: ipc.CodeFailed, Message: err.Error()}
	}
}
