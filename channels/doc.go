// Package channels streams values between Go and a page, in both directions: in order, with flow
// control, and with an end that both sides observe.
//
// From Go to a page: a command takes a [Channel] as a field of its arguments, sends over it for as
// long as it likes, even after it has returned, and closes it. The page grants credit as it
// consumes. A producer that is ahead of its reader waits, so memory is bounded on both sides.
//
// From a page to Go: a command takes a [Receiver], for which the page passes a Sink. Go grants
// credit as the command receives. A page that is ahead of the command waits in write. The stream
// ends when the command returns, or earlier.
//
// In the page, the runtime keeps an open channel alive until the stream ends if the channel has a
// handler, a pending call, a waiting reader or a watched end, even if the page drops the object. A
// channel that nothing in the page can observe ends when it is garbage collected.
package channels
