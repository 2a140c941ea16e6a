//go:build !linux

package webview

// newNative returns nil: only on Linux does the shell own its windows.
func newNative(*Loop) backend { return nil }
