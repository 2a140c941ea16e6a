// Package channels streams from Go to a page: ordered, with backpressure, and with an end that both
// sides learn of.
//
// A command takes a [Channel] as a field of its arguments, sends over it for as long as it likes, even
// after it has returned, and closes it. The page grants credit as it consumes: a producer that is ahead
// of its reader waits, so that memory is bounded on both sides whatever either does.
//
// In the page, an open channel that has a handler, a pending call, a waiting reader or a watched end is held until the
// stream ends, whether or not the page keeps the object. One that nobody can observe ends when it is collected.
package channels
