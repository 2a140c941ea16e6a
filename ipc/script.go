package ipc

import (
	"fmt"
	"strings"
)

// Literal returns a JavaScript expression whose value is v as JSON. Whatever v holds, the expression
// can't be anything else than that value.
func Literal(v any) (string, error) {
	s := scratches.Get().(*scratch)
	defer s.free()
	text, err := s.encode(v)
	if err != nil {
		return "", err
	}
	literal := make([]byte, 0, len(text)+len("JSON.parse('')"))
	literal = append(literal, "JSON.parse('"...)
	literal = appendEscaped(literal, text)
	return string(append(literal, "')"...)), nil
}

// Scriptf returns a script for Eval in which each %v of the format stands for the Literal of the value
// in its place; %% is a percent sign. It is how Go values get into a script.
//
//	script, err := ipc.Scriptf("document.title = %v", title)
func Scriptf(format string, values ...any) (string, error) {
	var script strings.Builder
	used := 0
	for {
		before, after, found := strings.Cut(format, "%")
		script.WriteString(before)
		if !found {
			break
		}
		switch {
		case strings.HasPrefix(after, "%"):
			script.WriteByte('%')
		case !strings.HasPrefix(after, "v"):
			return "", fmt.Errorf("ipc: script format: only %%v and %%%% are known, not %%%s", clip(after))
		case used == len(values):
			return "", fmt.Errorf("ipc: script format: more %%v than the %d values", len(values))
		default:
			literal, err := Literal(values[used])
			if err != nil {
				return "", err
			}
			script.WriteString(literal)
			used++
		}
		format = after[1:]
	}
	if used < len(values) {
		return "", fmt.Errorf("ipc: script format: %d values, %d %%v", len(values), used)
	}
	return script.String(), nil
}
