package events

import (
	"fmt"
	"strings"

	"casement/internal/names"
)

// reserved is the prefix of the shell's own events. Apps and pages can listen for them, but not
// emit them.
const reserved = "casement://"

// A Name is the name of an event.
type Name string

// ParseName validates s as an event's name. The error says which characters a name may have.
func ParseName(s string) (Name, error) {
	if !names.Valid(s, names.Marks) {
		if len(s) > 64 {
			s = s[:64] + "…"
		}
		return "", fmt.Errorf("events: name %q: want 1 to 256 letters, digits and any of - / : _", s)
	}
	return Name(s), nil
}

// parseOwn validates s as a name that apps and pages may emit.
func parseOwn(s string) (Name, error) {
	if strings.HasPrefix(s, reserved) {
		return "", fmt.Errorf("events: name %q: only the shell emits names that begin with %s", s, reserved)
	}
	return ParseName(s)
}
