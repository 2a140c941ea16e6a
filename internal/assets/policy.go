package assets

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"casement/internal/csp"
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

// AddCSP returns a policy with more sources, by directive. A directive that the policy lacks starts
// with the sources of the one that it falls back to; without one, everything is allowed already and
// nothing changes. Unknown directives and invalid sources are errors.
func AddCSP(header string, add map[string][]string) (string, error) {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(add)) {
		if !csp.ListsSources(name) {
			errs = append(errs, fmt.Errorf("%q is not a directive that lists sources, such as connect-src", name))
			continue
		}
		for _, source := range add[name] {
			if err := checkSource(source); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", name, err))
			}
		}
		header = csp.Each(header, func(p csp.Policy) csp.Policy { return p.Add(name, add[name]) })
	}
	return header, errors.Join(errs...)
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

// allowInline returns the policy with the hashes of inline scripts, if it allows scripts of the
// app's origin: the inline ones could be files there. It does not change a list with
// 'unsafe-inline', which hashes would disable, or with 'strict-dynamic', which ignores origins.
func allowInline(p csp.Policy, hashes []string) csp.Policy {
	governing, ok := p.Governing("script-src-elem")
	if !ok || len(hashes) == 0 {
		return p
	}
	own := false
	for _, source := range governing.Sources {
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
	if governing.Name == "default-src" {
		return p.Add("script-src", hashes)
	}
	return p.Add(governing.Name, hashes)
}
