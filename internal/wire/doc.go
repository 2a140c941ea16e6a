// Package wire is Go's end of the wire between Go and the pages that an app's windows show.
//
// An [Endpoint] is the Go side of one window. It admits the window's pages one after the other.
// Each [Page] has a context, calls in flight, channels, and an ordered outbox for all messages from
// Go. Pages call the commands of an [ipc.Router].
//
// The package does not know windows: a [Host] evaluates scripts and runs functions on the UI
// thread.
package wire
