// Package origin parses the origins of documents and URLs below an origin as browsers do.
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

// An Origin is a scheme, a host and, unless it is the scheme's default, a port, such as
// "http://localhost:5173". It equals location.origin in documents of the origin, so Origins can be
// compared with ==.
type Origin string

var (
	// ErrOutside is returned for a reference to another origin.
	ErrOutside = errors.New("it is outside the app's own origin")

	errRelative = errors.New("it is not an absolute http or https URL")
)

// Parse parses an http or https origin. It returns an error for a path other than "/", a query, a
// fragment and a user name, which an origin can't have.
func Parse(text string) (Origin, error) {
	o, u, err := parse(text)
	switch {
	case err != nil:
	case u.User != nil:
		err = fmt.Errorf("%q is not an origin: it has a user name", u.Redacted())
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
			return "", nil, fmt.Errorf("%q: %s is not a valid port", text, port)
		}
		if n != map[string]uint64{"http": 80, "https": 443}[scheme] {
			host += ":" + strconv.FormatUint(n, 10)
		}
	}
	return Origin(scheme + "://" + host), u, nil
}

// hosts maps host names by UTS 46 as browsers do. It accepts underscores and double hyphens, which
// browsers accept.
var hosts = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false),
	idna.BidiRule())

// normalHost returns a host in the form that browsers give it.
func normalHost(host string) (string, error) {
	if strings.Contains(host, ":") {
		a, err := netip.ParseAddr(host)
		if err != nil || a.Zone() != "" {
			return "", fmt.Errorf("%q is not an IPv6 address that browsers accept", host)
		}
		return "[" + ipv6(a) + "]", nil
	}
	name, err := hosts.ToASCII(host)
	switch {
	case err != nil || name == "":
		return "", fmt.Errorf("%q is not a host name", host)
	case strings.Contains(name, "*"):
		return "", fmt.Errorf("%q: patterns are not supported, name each host", host)
	case strings.ContainsAny(name, "\x00\t\n\r #%/:<>?@[\\]^`{|}\x7f"):
		return "", fmt.Errorf("%q is not a host name", host)
	}
	// Browsers parse 127.1 and 0x7f000001 as addresses, too. An origin has the usual form only.
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

// ipv6 formats an address in hexadecimal only. netip formats the end of an IPv4-mapped address in
// decimal.
func ipv6(a netip.Addr) string {
	if !a.Is4In6() {
		return a.String()
	}
	b := a.As16()
	return fmt.Sprintf("::ffff:%x:%x", uint(b[12])<<8|uint(b[13]), uint(b[14])<<8|uint(b[15]))
}

// Has reports whether a URL is of this origin. Unlike Parse, it also accepts origins with a custom
// scheme, such as "app://localhost".
func (o Origin) Has(text string) bool {
	rest, ok := strings.CutPrefix(text, string(o))
	if ok && (rest == "" || strings.IndexByte("/?#", rest[0]) >= 0) {
		return true
	}
	other, err := Of(text)
	return err == nil && other == o
}

// Path resolves a reference such as "settings.html", "#about" or "/a?b=c#d" at the root of an
// origin. It returns a path that begins with a slash, with query and fragment. The empty reference
// is "/". A reference to another origin is an error that wraps [ErrOutside].
func Path(reference string) (string, error) {
	for _, r := range reference {
		if r < ' ' || r == 0x7f { // browsers drop some of them, so they could hide a scheme
			return "", fmt.Errorf("%q has a control character", reference)
		}
	}
	// In schemes that browsers know, a backslash counts as a slash.
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

// hasScheme reports whether a reference has a scheme, such as "javascript:x".
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

// readable removes the operation, such as "parse", from an error of net/url.
func readable(err error) error {
	if e := (*url.Error)(nil); errors.As(err, &e) {
		return fmt.Errorf("%q: %w", e.URL, e.Err)
	}
	return err
}
