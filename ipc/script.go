package ipc

import (
	"fmt"
	"strings"

	"casement/internal/codec"
	"casement/internal/names"
)

// Scriptf returns a script for Eval in which each %v of the format stands for the value in its place, as
// a JavaScript expression that can be nothing else than that value; %% is a percent sign. It is how Go values get into a script.
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
			return "", fmt.Errorf("ipc: script format: only %%v and %%%% are known, not %%%s", names.Clip(after))
		case used == len(values):
			return "", fmt.Errorf("ipc: script format: more %%v than the %d values", len(values))
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
		return "", fmt.Errorf("ipc: script format: %d values, %d %%v", len(values), used)
	}
	return script.String(), nil
}
