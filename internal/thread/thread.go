// Package thread identifies operating-system threads.
package thread

// ID returns the id of the calling thread. The id means something only while the goroutine is
// locked to its thread, or in a comparison with the id of a thread to which another goroutine is
// locked: nothing else runs on that one.
func ID() uint64 { return id() }
