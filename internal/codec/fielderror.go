package codec

import "strconv"

// A FieldError says which field of a call's arguments is invalid, and why.
type FieldError struct {
	Path   string // such as "files[2].name"; empty for the value as a whole
	Reason string
	Err    error // what a type's own method returned, nil if none did
}

func (e *FieldError) Error() string {
	if e.Path == "" {
		return e.Reason
	}
	return e.Path + ": " + e.Reason
}

// Unwrap returns Err.
func (e *FieldError) Unwrap() error { return e.Err }

// in returns the error with step in front of its path.
func (e *FieldError) in(step string) *FieldError {
	switch {
	case e.Path == "" || e.Path[0] == '[':
		e.Path = step + e.Path
	default:
		e.Path = step + "." + e.Path
	}
	return e
}

// step returns a field's name for a path. Names that are not identifiers are in brackets.
func step(name string) string {
	if name == "" {
		return `[""]`
	}
	for i, r := range name {
		if r != '_' && r != '$' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			return "[" + strconv.Quote(clip(name)) + "]"
		}
	}
	return clip(name)
}
