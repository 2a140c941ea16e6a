// Package panics describes recovered panics for the log.
package panics

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// maxFrames is how many frames of a stack are logged. The innermost ones show the fault.
const maxFrames = 12

// below are the prefixes of functions that call into an app. They end every stack and explain
// nothing.
var below = []string{"casement/ipc.", "casement/events.", "casement/channels.", "casement/shell.",
	"casement/internal/codec.", "casement/internal/registry.", "casement/internal/serial.",
	"casement/internal/webview.", "casement/internal/wire.", "golang.org/x/sync/", "testing.", "main.main"}

// Attributes returns the slog attributes of a panic: "panic" is its value, "at" the line that
// panicked, and "stack" the calls that led there, innermost first. All of it is on one line,
// without the frames of the Go runtime and of the app's callers. It must be called in the deferred
// function that has recovered v.
func Attributes(v any) []any {
	at, stack := trace()
	return []any{"panic", fmt.Sprint(v), "at", at, "stack", stack}
}

func trace() (at, stack string) {
	var pcs [128]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	var calls []runtime.Frame
	panicked := false
	for {
		frame, more := frames.Next()
		switch {
		case frame.Function == "runtime.gopanic":
			panicked = true
		case panicked && !strings.HasPrefix(frame.Function, "runtime."):
			calls = append(calls, frame)
		}
		if !more {
			break
		}
	}
	for last := len(calls) - 1; last > 0 && leads(calls[last].Function); last-- {
		calls = calls[:last]
	}
	if len(calls) == 0 {
		return "", ""
	}
	at = fmt.Sprintf("%s:%d", calls[0].File, calls[0].Line)
	var text strings.Builder
	for i, call := range calls {
		if i == maxFrames {
			fmt.Fprintf(&text, " < %d more", len(calls)-i)
			break
		}
		if i > 0 {
			text.WriteString(" < ")
		}
		fmt.Fprintf(&text, "%s (%s:%d)", call.Function, filepath.Base(call.File), call.Line)
	}
	return at, text.String()
}

// leads reports whether a function only calls into an app.
func leads(function string) bool {
	for _, prefix := range below {
		if strings.HasPrefix(function, prefix) {
			return true
		}
	}
	return false
}
