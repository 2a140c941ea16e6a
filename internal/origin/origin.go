// Package origin parses origins of documents, and URLs below one, as browsers do.
package origin

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// An Origin is a scheme, a host and, unless it is the scheme's default, a port, such as "http://localhost:5173". It is what
// location.origin says in a document of that origin: two Origins are the same if they are equal.
type Origin string

var (
	// ErrOutside is the error for a reference that leads to another origin.
	ErrOutside = errors.New("it leads out of the app's own origin")

	errRelative = errors.New("it is not an absolute http or https URL")
)

// Parse parses an http or https origin. What an origin has not is an error: a path other than "/", a query, a fragment, a user.
func Parse(text string) (Origin, error) {
	o, u, err := parse(text)
	switch {
	case err != nil:
	case u.User != nil:
		err = fmt.Errorf("%q is not an origin: it names a user", u.Redacted())
	case u.Path != "" && u.Path != "/":
		err = fmt.Errorf("%q is not an origin: it has a path; the origin is %q", text, o)
	case u.RawQuery != "" || u.ForceQuery:
		err = fmt.Errorf("%q is not an origin: it has a query; the origin is %q", text, o)
	case strings.Contains(text, "#"):
		err = fmt.Errorf("%q is not an origin: it has a fragment; the origin is %q", text, o)
	}
	if err != nil {
		return "", err
	}
	return o, nil
}

// Of returns the origin of an absolute http or https URL.
func Of(text string) (Origin, error) {
	o, _, err := parse(text)
	return o, err
}

func parse(text string) (Origin, *url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return "", nil, readable(err)
	}
	scheme := strings.ToLower(u.Scheme)
	if (scheme != "http" && scheme != "https") || u.Host == "" {
		return "", nil, fmt.Errorf("%q: %w", text, errRelative)
	}
	host, err := normalHost(u.Hostname())
	if err != nil {
		return "", nil, fmt.Errorf("%q: %w", text, err)
	}
	if port := u.Port(); port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return "", nil, fmt.Errorf("%q: there is no port %s", text, port)
		}
		if n != map[string]uint64{"http": 80, "https": 443}[scheme] {
			host += ":" + strconv.FormatUint(n, 10)
		}
	}
	return Origin(scheme + "://" + host), u, nil
}

// hosts maps names as browsers do, by UTS 46: those with an underscore or a double hyphen are none of ours to refuse.
var hosts = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false),
	idna.BidiRule())

// normalHost returns a host as it is in a URL that a browser has parsed.
func normalHost(host string) (string, error) {
	if strings.Contains(host, ":") {
		a, err := netip.ParseAddr(host)
		if err != nil || a.Zone() != "" {
			return "", fmt.Errorf("%q is not an IPv6 address that a browser takes", host)
		}
		return "[" + ipv6(a) + "]", nil
	}
	name, err := hosts.ToASCII(host)
	switch {
	case err != nil || name == "":
		return "", fmt.Errorf("%q is not a host's name", host)
	case strings.Contains(name, "*"):
		return "", fmt.Errorf("%q: each host has to be named, there are no patterns", host)
	case strings.ContainsAny(name, "\x00\t\n\r #%/:<>?@[\\]^`{|}\x7f"):
		return "", fmt.Errorf("%q is not a host's name", host)
	}
	// Browsers read 127.1 and 0x7f000001 as addresses: only one way of writing them is an origin's.
	last := strings.TrimSuffix(name, ".")
	if last = last[strings.LastIndexByte(last, '.')+1:]; last != "" && number(last) {
		if a, err := netip.ParseAddr(name); err != nil || !a.Is4() {
			return "", fmt.Errorf("%q is not an IPv4 address of four decimal numbers", host)
		}
	}
	return name, nil
}

func number(label string) bool {
	if digits := strings.Trim(label, "0123456789"); digits == "" {
		return true
	}
	hex, ok := strings.CutPrefix(label, "0x")
	return ok && strings.Trim(hex, "0123456789abcdef") == ""
}

// ipv6 is an address in hexadecimal throughout, which netip's text is not for one that holds an IPv4 address.
func ipv6(a netip.Addr) string {
	if !a.Is4In6() {
		return a.String()
	}
	b := a.As16()
	return fmt.Sprintf("::ffff:%x:%x", uint(b[12])<<8|uint(b[13]), uint(b[14])<<8|uint(b[15]))
}

// Has reports whether a document at this URL is of the origin. Unlike Parse it knows the schemes of an app's own.
func (o Origin) Has(text string) bool {
	rest, ok := strings.CutPrefix(text, string(o))
	if ok && (rest == "" || strings.IndexByte("/?#", rest[0]) >= 0) {
		return true
	}
	other, err := Of(text)
	return err == nil && other == o
}

// Path returns what a reference such as "settings.html", "#about" or "/a?b=c#d" is in a document at the top of an origin:
// a path that begins with a slash, with its query and fragment. The empty reference is "/". One that leads out of the
// origin is an error that wraps [ErrOutside].
func Path(reference string) (string, error) {
	for _, r := range reference {
		if r < ' ' || r == 0x7f { // browsers leave some of them out, so that they hide what begins the reference
			return "", fmt.Errorf("%q has a control character", reference)
		}
	}
	// With a scheme that browsers know, a backslash is a slash to them.
	begin := strings.ReplaceAll(strings.TrimLeft(reference, " "), `\`, "/")
	if strings.HasPrefix(begin, "//") || hasScheme(begin) {
		return "", fmt.Errorf("%q: %w", reference, ErrOutside)
	}
	if !strings.HasPrefix(begin, "/") {
		reference = "/" + strings.TrimLeft(reference, " ")
	}
	if _, err := url.Parse(reference); err != nil {
		return "", readable(err)
	}
	return reference, nil
}

// hasScheme reports whether a reference is absolute, such as "javascript:x".
func hasScheme(reference string) bool {
	before, _, found := strings.Cut(reference, ":")
	if !found || before == "" {
		return false
	}
	for i, c := range []byte(before) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return true
}

// readable says what is the matter with a URL without Go's word for what it did with it.
func readable(err error) error {
	if e := (*url.Error)(nil); errors.As(err, &e) {
		return fmt.Errorf("%q: %w", e.URL, e.Err)
	}
	return err
}
