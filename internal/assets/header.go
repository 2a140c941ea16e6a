package assets

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
)

// ownHeaders are the handler's to set, or the connection's.
var ownHeaders = []string{
	"Accept-Ranges", "Connection", "Content-Encoding", "Content-Length", "Content-Range", "Content-Security-Policy",
	"Content-Type", "Date", "Etag", "Keep-Alive", "Last-Modified", "Location", "Proxy-Connection", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade",
}

var (
	fieldName  = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
	fieldValue = regexp.MustCompile(`^[\t\x20-\x7e]*$`)
)

// CheckHeader returns an error for what can't be Options.Header: malformed fields, and those that say how a response is
// to be read or are set by the handler.
func CheckHeader(h http.Header) error {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		switch {
		case !fieldName.MatchString(name):
			return fmt.Errorf("%q is no name of a header", name)
		case http.CanonicalHeaderKey(name) == "Content-Security-Policy":
			return errors.New("Content-Security-Policy is set by options of its own")
		case slices.Contains(ownHeaders, http.CanonicalHeaderKey(name)):
			return fmt.Errorf("%s is not the app's to set", name)
		}
		for _, value := range h[name] {
			if !fieldValue.MatchString(value) {
				return fmt.Errorf("%s: %q is no value of a header", name, value)
			}
		}
	}
	return nil
}
