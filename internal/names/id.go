package names

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// LongestID leaves room in paths, of sockets too, for the folder and the file name around an id.
const LongestID = 100

var idPart = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`)

// ID says what is wrong with an application's id, "" if nothing is. An id is three or more parts of a domain name turned
// round. It names folders, files, buses and modules on every system, so none of its parts may be a device's name.
func ID(id string) (problem string) {
	if id == "" {
		return "is missing: it is like com.example.hasher"
	}
	if len(id) > LongestID {
		return fmt.Sprintf("has %d characters, and may have %d", len(id), LongestID)
	}
	parts := strings.Split(id, ".")
	if len(parts) < 3 {
		return fmt.Sprintf("%q is not like com.example.hasher: it needs three parts or more", id)
	}
	for _, part := range parts {
		if !idPart.MatchString(part) {
			return fmt.Sprintf("%q is not like com.example.hasher: its parts are letters, digits and hyphens, a letter first", id)
		}
		if Device(part) {
			return fmt.Sprintf("%q has the part %q, which is a device's name on Windows", id, part)
		}
	}
	return ""
}

// Device reports whether Windows takes a file name for one of its devices, whatever follows a dot.
func Device(name string) bool {
	name, _, _ = strings.Cut(strings.ToLower(name), ".")
	name = strings.TrimRight(name, " ")
	if slices.Contains([]string{"con", "prn", "aux", "nul", "conin$", "conout$"}, name) {
		return true
	}
	number, found := strings.CutPrefix(name, "com")
	if !found {
		number, found = strings.CutPrefix(name, "lpt")
	}
	return found && slices.Contains(strings.Split("0123456789¹²³", ""), number)
}
