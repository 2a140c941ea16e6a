package wire

// A Host is the window behind a page, as far as the wire needs it.
type Host interface {
	// Post runs f on the UI thread, in the order of the calls. It never blocks. It returns false if
	// the window is gone and f will not run.
	Post(f func()) bool
	// Eval runs a script in the window's document. It is called only on the UI thread, and must not
	// keep the slice.
	Eval(script []byte)
	// Trusted reports whether a script that is evaluated now runs in a document of the app's
	// origin, or in none. It is called on the UI thread.
	Trusted() bool
	// UIThread reports whether the caller is on the UI thread, which must not block. It is called
	// on any thread, only before a wait.
	UIThread() bool
}
