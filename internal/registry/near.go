package registry

import "strings"

// maxNear bounds the names that Near compares, in bytes.
const maxNear = 64

// Near returns the command with the name most like the called one, among those that the window may
// call. It returns "" if no name is similar enough.
func (r *Registry) Near(name, window string) (best string) {
	if len(name) > maxNear {
		return ""
	}
	called := bare(name)
	least := len(called)/3 + 1 // One edit in three usually leaves the same word.
	r.mu.RLock()
	defer r.mu.RUnlock()
	for name, c := range r.commands {
		if len(name) > maxNear || !c.allows(window) {
			continue
		}
		other := bare(name)
		if other, called := len(other), len(called); other-called > least || called-other > least {
			continue
		}
		d := distance(called, other)
		if d < least || d == least && best != "" && name < best {
			best, least = name, d
		}
	}
	return best
}

// separators are the characters that separate the words of a name.
var separators = strings.NewReplacer("-", "", "_", "", ".", "", ":", "", "/", "", "|", "")

// bare returns a name in lower case and without separators.
func bare(name string) []rune { return []rune(separators.Replace(strings.ToLower(name))) }

// distance returns the number of characters to insert, remove, replace or swap to turn a into b.
func distance(a, b []rune) int {
	before, last, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		next[0] = i + 1
		for j := range len(b) {
			edit := last[j]
			if a[i] != b[j] {
				edit++
			}
			edit = min(edit, last[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				edit = min(edit, before[j-1]+1)
			}
			next[j+1] = edit
		}
		before, last, next = last, next, before
	}
	return last[len(b)]
}
