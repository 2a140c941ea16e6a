package events

import (
	"fmt"
	"strings"

	"casement/internal/names"
)

// reserved begins the names of the shell's own events. They can be listened for and not emitted.
const reserved = "casement://"

// A Name is the name of an event.
type Name string

// ParseName returns s as a name, or an error that says what a name is made of.
func ParseName(s string) (Name, error) {
	if !names.Valid(s, names.Marks) {
		if len(s) > 64 {
			s = s[:64] + "…"
		}
		return "", fmt.Errorf("events: name %q: want 1 to 256 letters, digits and any of - / : _", s)
	}
	return Name(s), nil
}

// parseOwn returns s as a name that users may emit.
func parseOwn(s string) (Name, error) {
	if strings.HasPrefix(s, reserved) {
		return "", fmt.Errorf("events: name %q: names that begin %s are the shell's own", s, reserved)
	}
	return ParseName(s)
}
