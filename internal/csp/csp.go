// Package csp parses and changes Content-Security-Policies as browsers understand them.
package csp

import (
	"slices"
	"strings"
)

// A Policy is the directives of one policy, each name once.
type Policy []Directive

// A Directive has its name in lower case.
type Directive struct {
	Name    string
	Sources []string
}

// fallbacks has every directive that lists sources, with the directives that replace it in a policy
// without it, in order.
var fallbacks = map[string][]string{
	"default-src":     {},
	"child-src":       {"default-src"},
	"connect-src":     {"default-src"},
	"font-src":        {"default-src"},
	"frame-src":       {"child-src", "default-src"},
	"img-src":         {"default-src"},
	"manifest-src":    {"default-src"},
	"media-src":       {"default-src"},
	"object-src":      {"default-src"},
	"script-src":      {"default-src"},
	"script-src-attr": {"script-src", "default-src"},
	"script-src-elem": {"script-src", "default-src"},
	"style-src":       {"default-src"},
	"style-src-attr":  {"style-src", "default-src"},
	"style-src-elem":  {"style-src", "default-src"},
	"worker-src":      {"child-src", "script-src", "default-src"},
	"base-uri":        {},
	"form-action":     {},
	"frame-ancestors": {},
}

// ListsSources reports whether there is a directive of this name that lists sources.
func ListsSources(name string) bool {
	_, ok := fallbacks[name]
	return ok
}

// Each applies change to each policy of a header value, which commas separate. change gets a copy.
// Policies that do not change keep their text.
func Each(header string, change func(Policy) Policy) string {
	all := strings.Split(header, ",")
	for i, text := range all {
		p := parse(text)
		if changed := change(slices.Clone(p)); !slices.EqualFunc(p, changed, Directive.equal) {
			all[i] = changed.String()
		}
	}
	return strings.Join(all, ",")
}

func parse(text string) (p Policy) {
	for part := range strings.SplitSeq(text, ";") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		d := Directive{strings.ToLower(words[0]), words[1:]}
		if p.find(d.Name) < 0 { // browsers ignore repeated directives
			p = append(p, d)
		}
	}
	return p
}

// String returns the text of the policy.
func (p Policy) String() string {
	parts := make([]string, len(p))
	for i, d := range p {
		parts[i] = strings.Join(append([]string{d.Name}, d.Sources...), " ")
	}
	return strings.Join(parts, "; ")
}

func (d Directive) equal(other Directive) bool {
	return d.Name == other.Name && slices.Equal(d.Sources, other.Sources)
}

func (p Policy) find(name string) int {
	return slices.IndexFunc(p, func(d Directive) bool { return d.Name == name })
}

// Governing returns the directive that a browser applies for a name. ok is false if there is none,
// so that everything is allowed.
func (p Policy) Governing(name string) (d Directive, ok bool) {
	for _, name := range append([]string{name}, fallbacks[name]...) {
		if at := p.find(name); at >= 0 {
			return p[at], true
		}
	}
	return Directive{}, false
}

// With returns the policy with a directive set.
func (p Policy) With(d Directive) Policy {
	at := p.find(d.Name)
	if at < 0 {
		return append(p, d)
	}
	p[at] = d
	return p
}

// Add returns the policy with more sources in one directive. If the policy lacks the directive, it
// starts with the sources of the governing one. If that does not exist, nothing changes.
func (p Policy) Add(name string, sources []string) Policy {
	governing, ok := p.Governing(name)
	if !ok || len(sources) == 0 {
		return p
	}
	have := governing.Sources
	if len(have) == 1 && strings.EqualFold(have[0], "'none'") {
		have = nil
	}
	d := Directive{name, slices.Clone(have)}
	for _, source := range sources {
		if !slices.Contains(d.Sources, source) {
			d.Sources = append(d.Sources, source)
		}
	}
	return p.With(d)
}
