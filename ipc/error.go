package ipc

import "errors"

// ErrPageGone is returned by whatever would reach a page that is over: reloaded, navigated away from,
// crashed, or its window closed.
var ErrPageGone = errors.New("ipc: the page is gone")

// ErrBacklog is returned when a page does not drain and what waits for it has reached its bound.
var ErrBacklog = errors.New("ipc: the page does not drain and its backlog is full")

// ErrUIThread is returned on the UI thread, where Inline commands run, by what would have to wait: it would wait for the
// UI thread itself, or keep all windows waiting.
var ErrUIThread = errors.New("ipc: this would have to wait, which the UI thread, where inline commands run, must not")

// An Error is a rejected call as the page sees it. A command may return one to choose the code and to
// add details; any other error a command returns reaches the page as CodeFailed with its message.
type Error struct {
	Code    Code
	Message string
	// Details reach the page as error.details. They must marshal to JSON; nil means none.
	Details any
	// Err is the cause. It stays in Go.
	Err error
}

// NewError returns a CodeFailed error with details for the page. It wraps err and keeps its message.
func NewError(err error, details any) *Error {
	return &Error{Code: CodeFailed, Message: err.Error(), Details: details, Err: err}
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// A ScriptError is what a script that Window.EvalResult evaluates threw.
type ScriptError struct {
	// Name is the JavaScript error's name, such as "TypeError".
	Name    string
	Message string
}

// Error returns the name and the message.
func (e *ScriptError) Error() string { return e.Name + ": " + e.Message }
