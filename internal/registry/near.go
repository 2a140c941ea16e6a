package registry

import "strings"

// maxNear is the longest name, in bytes, to which another one is looked for.
const maxNear = 64

// Near returns the command whose name is most like the one that was called, among those that the window may call. It
// returns none if that is not like it at all.
func (r *Registry) Near(name, window string) (best string) {
	if len(name) > maxNear {
		return ""
	}
	called := bare(name)
	least := len(called)/3 + 1 // One edit in three is still the same word, as a rule.
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

// separators are what people write between the words of a name.
var separators = strings.NewReplacer("-", "", "_", "", ".", "", ":", "", "/", "", "|", "")

// bare returns a name without what people write in different ways.
func bare(name string) []rune { return []rune(separators.Replace(strings.ToLower(name))) }

// distance returns how many characters have to be inserted, removed, replaced or swapped to make b of a.
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
