package assets

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// DefaultCSP allows a page to load and run everything from its own origin, and to load blob: and
// data: URLs that can't run as scripts or documents. Workers may be blob: URLs. It allows inline
// styles, because frameworks set them at run time, and WebAssembly, which only a running script can
// start. It does not allow other origins, eval, plugins, and inline scripts that are not in the
// app's HTML files.
const DefaultCSP = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; media-src 'self' data: blob:; " +
	"worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'; frame-src 'self'"

// DevPolicyPath is the URL path to which a program that shows pages of a development server sends
// the policy of the built app, by PUT. casement dev uses it to report what the built pages could not
// do.
const DevPolicyPath = "/__casement/policy"

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

// AddCSP returns csp with more sources, by directive. A directive that csp lacks starts with the
// sources of the one that it falls back to; without one, everything is allowed already and nothing
// changes. Unknown directives and invalid sources are errors.
func AddCSP(csp string, add map[string][]string) (string, error) {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(add)) {
		if _, ok := fallbacks[name]; !ok {
			errs = append(errs, fmt.Errorf("%q is not a directive that lists sources, such as connect-src", name))
			continue
		}
		for _, source := range add[name] {
			if err := checkSource(source); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", name, err))
			}
		}
		csp = eachPolicy(csp, func(p policy) policy { return p.add(name, add[name]) })
	}
	return csp, errors.Join(errs...)
}

var (
	keywords = []string{"self", "unsafe-inline", "unsafe-eval", "wasm-unsafe-eval", "unsafe-hashes", "strict-dynamic",
		"report-sample"}
	nonceOrHash = regexp.MustCompile(`^'(nonce|sha256|sha384|sha512)-[A-Za-z0-9+/_-]+={0,2}'$`)
	schemeOrURL = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*:|([A-Za-z][A-Za-z0-9+.-]*://)?` +
		`(\*|(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?|\[[0-9A-Fa-f:.]+\])(:([0-9]+|\*))?(/[^\s;,'"]*)?)$`)
)

func checkSource(source string) error {
	bare := strings.ToLower(strings.Trim(source, "'"))
	switch {
	case bare == "none":
		return fmt.Errorf("%s allows nothing and can't be added", source)
	case slices.Contains(keywords, bare):
		if source != "'"+bare+"'" {
			return fmt.Errorf("the source %s must be written '%s'", source, bare)
		}
		return nil
	case nonceOrHash.MatchString(source), schemeOrURL.MatchString(source):
		return nil
	}
	return fmt.Errorf("%q is not a source, such as https://api.example.com", source)
}

// A policy is the directives of one policy.
type policy []directive

// A directive has its name in lower case.
type directive struct {
	name    string
	sources []string
}

// eachPolicy applies change to each policy of a header value, which commas separate. Policies that
// do not change keep their text.
func eachPolicy(csp string, change func(policy) policy) string {
	all := strings.Split(csp, ",")
	for i, text := range all {
		p := parsePolicy(text)
		if changed := change(slices.Clone(p)); !slices.EqualFunc(p, changed, directive.equal) {
			all[i] = changed.String()
		}
	}
	return strings.Join(all, ",")
}

func parsePolicy(text string) (p policy) {
	for part := range strings.SplitSeq(text, ";") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		d := directive{strings.ToLower(words[0]), words[1:]}
		if p.find(d.name) < 0 { // browsers ignore repeated directives
			p = append(p, d)
		}
	}
	return p
}

func (p policy) String() string {
	parts := make([]string, len(p))
	for i, d := range p {
		parts[i] = strings.Join(append([]string{d.name}, d.sources...), " ")
	}
	return strings.Join(parts, "; ")
}

func (d directive) equal(other directive) bool {
	return d.name == other.name && slices.Equal(d.sources, other.sources)
}

func (p policy) find(name string) int {
	return slices.IndexFunc(p, func(d directive) bool { return d.name == name })
}

// governing returns the index of the directive that a browser applies for a name. It is negative if
// there is none, so that everything is allowed.
func (p policy) governing(name string) int {
	if at := p.find(name); at >= 0 {
		return at
	}
	for _, name := range fallbacks[name] {
		if at := p.find(name); at >= 0 {
			return at
		}
	}
	return -1
}

// add returns the policy with more sources in one directive.
func (p policy) add(name string, sources []string) policy {
	at := p.governing(name)
	if at < 0 || len(sources) == 0 {
		return p
	}
	have := p[at].sources
	if len(have) == 1 && strings.EqualFold(have[0], "'none'") {
		have = nil
	}
	d := directive{name, slices.Clone(have)}
	for _, source := range sources {
		if !slices.Contains(d.sources, source) {
			d.sources = append(d.sources, source)
		}
	}
	if p[at].name != name {
		return append(p, d)
	}
	p[at] = d
	return p
}

// allowInline returns the policy with the hashes of inline scripts, if it allows scripts of the
// app's origin: the inline ones could be files there. It does not change a list with
// 'unsafe-inline', which hashes would disable, or with 'strict-dynamic', which ignores origins.
func (p policy) allowInline(hashes []string) policy {
	at := p.governing("script-src-elem")
	if at < 0 || len(hashes) == 0 {
		return p
	}
	own := false
	for _, source := range p[at].sources {
		switch strings.ToLower(source) {
		case "'self'", "*":
			own = true
		case "'unsafe-inline'", "'strict-dynamic'":
			return p
		}
	}
	if !own {
		return p
	}
	if p[at].name == "default-src" {
		return p.add("script-src", hashes)
	}
	return p.add(p[at].name, hashes)
}
