//go:build !linux

package webview

import "unsafe"

// newNative returns nil: only Linux has the native path.
func newNative(*Loop) backend { return nil }

func afterNew(*Loop) {}

// answerDialogs does nothing: the dialogs of a page close with its window.
func answerDialogs(unsafe.Pointer) {}
