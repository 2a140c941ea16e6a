package ipc

import (
	"errors"
	"strings"
)

// refused logs that a page has called a command which it can't call, and returns the error that says so.
func (c *running) refused() error {
	endpoint := c.page.endpoint
	var refusal *Error
	unknown := errors.As(c.refusal, &refusal) && refusal.Code == CodeUnknownCommand
	near := ""
	if endpoint.mayComplain() { // A page that floods us is not worth the search either.
		if unknown {
			near = endpoint.options.Router.near(&c.Call)
		}
		name := printable(clip(c.Command), maxComplaint)
		switch {
		case !unknown:
			endpoint.log.Warn("the page called a command that its window may not call", "command", name)
		case near == "":
			endpoint.log.Warn("the page called a command that does not exist", "command", name)
		default:
			endpoint.log.Warn("the page called a command that does not exist", "command", name, "near", near)
		}
	}
	if near == "" {
		return c.refusal
	}
	return errorf(refusal.Code, "%s; did you mean %q?", refusal.Message, near)
}

// maxNear is the longest name, in bytes, to which another one is looked for.
const maxNear = 64

// near returns the command whose name is most like the one that was called, among those that the window may call. It
// returns none if that is not like it at all.
func (r *Router) near(call *Call) (best string) {
	if len(call.Command) > maxNear {
		return ""
	}
	called := bare(call.Command)
	least := len(called)/3 + 1 // One edit in three is still the same word, as a rule.
	r.mu.RLock()
	defer r.mu.RUnlock()
	for name, c := range r.commands {
		if len(name) > maxNear || !c.allows(call.Window) {
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
