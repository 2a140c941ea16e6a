package ipc

import (
	"fmt"
	"strings"

	"casement/internal/codec"
	"casement/internal/names"
)

// Scriptf returns a script for Eval. Each %v of the format is replaced by its value as a JavaScript
// literal, which cannot break out of its place; %% is a percent sign. Use it to put Go values into
// a script.
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
			return "", fmt.Errorf("ipc: script format: want %%v or %%%%, got %%%s", names.Clip(after))
		case used == len(values):
			return "", fmt.Errorf("ipc: script format: got more %%v than the %d values", len(values))
		default:
			literal, err := codec.Literal(values[used])
			if err != nil {
				return "", err
			}
			script.WriteString(literal)
			used++
		}
		format = after[1:]
	}
	if used < len(values) {
		return "", fmt.Errorf("ipc: script format: got %d values for %d %%v", len(values), used)
	}
	return script.String(), nil
}
