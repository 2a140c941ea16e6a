package ipc

import "errors"

// ErrPageGone reports that the page is gone: it reloaded, navigated away or crashed, or its window
// was closed.
var ErrPageGone = errors.New("ipc: the page is gone")

// ErrBacklog reports that the page does not drain its messages and its outbox is full.
var ErrBacklog = errors.New("ipc: the page does not drain its messages and its outbox is full")

// ErrUIThread reports an operation that would block the UI thread, where Inline commands run.
// Blocking there would freeze all windows, and deadlock if the operation needs the UI thread
// itself.
var ErrUIThread = errors.New("ipc: this would block the UI thread, where inline commands run")

// An Error is a rejected call as the page sees it. A command returns one to choose the code and to
// add details. Any other error reaches the page as CodeFailed with its message.
type Error struct {
	Code    Code
	Message string
	// Details reach the page as error.details. They must marshal to JSON. Nil means no details.
	Details any
	// Err is the cause. It stays in Go.
	Err error
}

// NewError returns a CodeFailed error with details for the page. It wraps err and keeps its
// message.
func NewError(err error, details any) *Error {
	return &Error{Code: CodeFailed, Message: err.Error(), Details: details, Err: err}
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// A ScriptError is the exception that a script passed to Window.EvalResult threw.
type ScriptError struct {
	// Name is the JavaScript error's name, such as "TypeError".
	Name    string
	Message string
}

// Error returns the name and the message.
func (e *ScriptError) Error() string { return e.Name + ": " + e.Message }
