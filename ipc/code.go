package ipc

// A Code says why a call was rejected or a channel ended. The set is closed.
type Code string

const (
	// CodeUnknownCommand: no command has this name.
	CodeUnknownCommand Code = "unknown_command"
	// CodeBadArguments: the arguments do not fit the command's type; the details name the field.
	CodeBadArguments Code = "bad_arguments"
	// CodeDenied: this window may not call this command.
	CodeDenied Code = "denied"
	// CodeCancelled: the caller's signal or the app's shutdown cancelled the call.
	CodeCancelled Code = "cancelled"
	// CodeTimedOut: the command's own deadline passed.
	CodeTimedOut Code = "timed_out"
	// CodePanicked: the command panicked. The app lives on.
	CodePanicked Code = "panicked"
	// CodeFailed: the command returned an error.
	CodeFailed Code = "failed"
	// CodeTooLarge: the message is larger than the app accepts.
	CodeTooLarge Code = "too_large"
	// CodeBusy: the page has too many calls in flight.
	CodeBusy Code = "busy"
	// CodeBadResult: the command's result can't be represented in JavaScript.
	CodeBadResult Code = "bad_result"
	// CodeDisconnected: the page is going away, or is not connected to Go.
	CodeDisconnected Code = "disconnected"
)
