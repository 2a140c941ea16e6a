package assets

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
)

// ownHeaders are set by the handler or belong to the connection.
var ownHeaders = []string{
	"Accept-Ranges", "Connection", "Content-Encoding", "Content-Length", "Content-Range", "Content-Security-Policy",
	"Content-Type", "Date", "Etag", "Keep-Alive", "Last-Modified", "Location", "Proxy-Connection", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade",
}

var (
	fieldName  = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
	fieldValue = regexp.MustCompile(`^[\t\x20-\x7e]*$`)
)

// CheckHeader validates Options.Header. Malformed fields are errors, and so are fields that define
// how a response is parsed or that the handler sets.
func CheckHeader(h http.Header) error {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		switch {
		case !fieldName.MatchString(name):
			return fmt.Errorf("%q is not a valid header name", name)
		case http.CanonicalHeaderKey(name) == "Content-Security-Policy":
			return errors.New("Content-Security-Policy has options of its own")
		case slices.Contains(ownHeaders, http.CanonicalHeaderKey(name)):
			return fmt.Errorf("%s can't be set by the app", name)
		}
		for _, value := range h[name] {
			if !fieldValue.MatchString(value) {
				return fmt.Errorf("%s: %q is not a valid header value", name, value)
			}
		}
	}
	return nil
}
