package wire

// A Host is the window behind a page, as far as the wire needs it.
type Host interface {
	// Post runs f on the UI thread, in the order of the calls. It never blocks. False means that the
	// window is gone and f will not run.
	Post(f func()) bool
	// Eval runs a script in the window's document. It is called on the UI thread only, and must not
	// keep the slice.
	Eval(script []byte)
	// Trusted reports whether a script that is evaluated now meets a document of the app's origin, or none. It
	// is called on the UI thread.
	Trusted() bool
	// UIThread reports whether the caller is on the UI thread, which must not wait. It is called on any thread, and only
	// where something would wait.
	UIThread() bool
}
