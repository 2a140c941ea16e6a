// Package channels streams from Go to a page: ordered, with backpressure, and with an end that both
// sides learn of.
//
// A command takes a [Channel] as a field of its arguments, sends over it for as long as it likes, even
// after it has returned, and closes it. The page grants credit as it consumes: a producer that is ahead
// of its reader waits, so that memory is bounded on both sides whatever either does.
package channels
