// Package fileurl converts the file: URLs that desktops and users pass to a program into paths.
package fileurl

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"strings"
)

// Path returns the path of a file: URL. A URL that names another machine is an error, except on
// Windows, where the path begins with the server's name.
func Path(text string) (string, error) {
	hostname, err := os.Hostname() // desktops may use it as the host in URLs of dropped files
	if err != nil {
		hostname = "localhost"
	}
	return pathOf(text, hostname, runtime.GOOS == "windows")
}

func pathOf(text, hostname string, windows bool) (string, error) {
	u, err := url.Parse(text)
	if err != nil {
		return "", err
	}
	if u.Scheme != "file" {
		return "", errors.New("the URL's scheme is not file")
	}
	path, escaped := u.Path, strings.ToLower(text)
	switch {
	case !strings.HasPrefix(path, "/"):
		return "", errors.New("the path of a file: URL must be absolute")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", errors.New("a file: URL can't have a query or a fragment; write ? and # in a path as %3F and %23")
	case strings.Contains(path, "\x00"):
		return "", errors.New("a path can't have a NUL")
	case strings.Contains(escaped, "%2f"), windows && strings.Contains(escaped, "%5c"):
		return "", errors.New("a file name can't have an escaped separator")
	}
	local := u.User == nil && (u.Host == "" || strings.EqualFold(u.Host, "localhost") || strings.EqualFold(u.Host, hostname))
	if !windows {
		if !local {
			return "", fmt.Errorf("the host %s is another machine", u.Host)
		}
		return path, nil
	}
	switch {
	case isDrive(u.Host): // file://C:/x
		path = u.Host[:1] + ":" + path
	case !local && u.User == nil && u.Port() == "": // file://server/share/x
		path = "//" + u.Host + path
	case !local:
		return "", fmt.Errorf("%s is not the name of a server", u.Host)
	case len(path) > 2 && isDrive(path[1:3]): // file:///C:/x, or /C|/x in the old notation
		path = path[1:2] + ":" + path[3:]
	}
	return strings.ReplaceAll(path, "/", `\`), nil
}

// isDrive reports whether s is a drive of Windows, such as "C:".
func isDrive(s string) bool {
	letter := func(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
	return len(s) == 2 && letter(s[0]) && (s[1] == ':' || s[1] == '|')
}
