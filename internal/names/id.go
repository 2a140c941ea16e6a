package names

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// LongestID is the maximum length of an id in bytes. It leaves room in paths, also those of
// sockets, for the folder and the file name around the id.
const LongestID = 100

var idPart = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`)

// ID validates the id of an application. It returns the problem, or "" if there is none. An id is a
// reversed domain name of three or more parts. It names folders, files, buses and modules on every
// system, so no part may be the name of a device on Windows.
func ID(id string) (problem string) {
	if id == "" {
		return "is missing; an example is com.example.hasher"
	}
	if len(id) > LongestID {
		return fmt.Sprintf("has %d characters; the maximum is %d", len(id), LongestID)
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

// Device reports whether a file name is the name of a device on Windows, with or without an
// extension.
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
