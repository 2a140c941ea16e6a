package webview

import "os"

// Attended tells whether what the program writes to its standard error is likely to be read now: by a person at a terminal,
// or by a program at the other end of a pipe. What a desktop starts has a socket of its journal there, a log file, nothing,
// or the console that the desktop was started from, and nobody looks at these.
func Attended() bool {
	info, err := os.Stderr.Stat()
	return err == nil && (info.Mode()&os.ModeNamedPipe != 0 || terminal(info))
}
