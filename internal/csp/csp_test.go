package csp_test

import (
	"slices"
	"testing"

	"casement/internal/csp"
)

func TestTheGoverningDirectiveIsTheBrowsers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ policy, name, want string }{
		{"default-src 'self'; img-src *", "img-src", "img-src"},
		{"default-src 'self'; img-src *", "media-src", "default-src"},
		{"default-src 'self'; script-src *; child-src *", "worker-src", "child-src"},
		{"default-src 'self'; script-src *", "worker-src", "script-src"},
		{"Script-Src 'self'; script-src-elem *", "script-src-attr", "script-src"},
		{"default-src 'self'", "base-uri", ""},
		{"img-src *", "media-src", ""},
		{"sandbox", "sandbox", "sandbox"},
		{"", "default-src", ""},
	} {
		csp.Each(c.policy, func(p csp.Policy) csp.Policy {
			if got, ok := p.Governing(c.name); got.Name != c.want || ok != (c.want != "") {
				t.Errorf("%q: %q governs %s, want %q", c.policy, got.Name, c.name, c.want)
			}
			return p
		})
	}
}

func TestOnlyPoliciesThatChangeGetNewText(t *testing.T) {
	t.Parallel()
	const header = " IMG-SRC  a; ;img-src b,  default-src c ;"
	set := func(name string) string {
		return csp.Each(header, func(p csp.Policy) csp.Policy {
			if _, ok := p.Governing(name); !ok {
				return p
			}
			return p.With(csp.Directive{Name: name, Sources: []string{"x"}})
		})
	}
	for name, want := range map[string]string{
		"base-uri":    header,
		"default-src": " IMG-SRC  a; ;img-src b,default-src x",
		"img-src":     "img-src x,default-src c; img-src x",
	} {
		if got := set(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestAddKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	for policy, want := range map[string][]string{
		"img-src a":               {"a", "b"},
		"img-src b a":             {"b", "a"},
		"img-src 'NONE'":          {"b"},
		"default-src c":           {"c", "b"},
		"script-src c; media-src": nil,
	} {
		csp.Each(policy, func(p csp.Policy) csp.Policy {
			before := p.String()
			p = p.Add("img-src", []string{"b"})
			if want == nil {
				if p.String() != before {
					t.Errorf("%q: %q", policy, p)
				}
				return p
			}
			if d, _ := p.Governing("img-src"); d.Name != "img-src" || !slices.Equal(d.Sources, want) {
				t.Errorf("%q: %q, want %q", policy, p, want)
			}
			return p
		})
	}
}
