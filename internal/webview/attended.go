package webview

import "os"

// Attended reports whether somebody is likely to read standard error now: a person at a terminal,
// or a program at the other end of a pipe. A program that a desktop has started writes to a socket
// of the journal, a log file, nothing, or the console below the desktop, which nobody watches.
func Attended() bool {
	info, err := os.Stderr.Stat()
	return err == nil && (info.Mode()&os.ModeNamedPipe != 0 || terminal(info))
}
