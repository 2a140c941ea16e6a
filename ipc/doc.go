// Package ipc holds the commands that an app's pages call.
//
// [Handle] registers a Go function as a command with the app's [Router]. A page calls it with
// invoke(name, args). An [Error] gives the page a code and details. [CallFrom] tells a command
// which window called it.
package ipc
