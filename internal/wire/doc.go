// Package wire is Go's end of the wire between Go and the pages that an app's windows show.
//
// An [Endpoint] stands for one window. It admits the window's pages one after the other; each [Page] has
// a context, calls in flight, channels, and an ordered outbox through which everything that Go sends
// reaches it. The commands that pages call are those of an [ipc.Router].
//
// The package knows nothing of windows: a [Host] evaluates scripts and runs functions on the UI thread.
package wire
