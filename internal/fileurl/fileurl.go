// Package fileurl turns the file: URLs that desktops and users hand over into paths.
package fileurl

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"strings"
)

// Path returns the path that a file: URL names. There is none for another machine's file, but on Windows.
func Path(text string) (string, error) {
	hostname, err := os.Hostname() // desktops may put it into what is dropped
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
		return "", errors.New("the scheme is not file")
	}
	path, escaped := u.Path, strings.ToLower(text)
	switch {
	case !strings.HasPrefix(path, "/"):
		return "", errors.New("a file: URL has an absolute path")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", errors.New("a file: URL has no query and no fragment; in a path, ? and # are %3F and %23")
	case strings.Contains(path, "\x00"):
		return "", errors.New("no path has a NUL")
	case strings.Contains(escaped, "%2f"), windows && strings.Contains(escaped, "%5c"):
		return "", errors.New("no file's name has a separator")
	}
	local := u.User == nil && (u.Host == "" || strings.EqualFold(u.Host, "localhost") || strings.EqualFold(u.Host, hostname))
	if !windows {
		if !local {
			return "", fmt.Errorf("%s is another machine", u.Host)
		}
		return path, nil
	}
	switch {
	case isDrive(u.Host): // file://C:/x
		path = u.Host[:1] + ":" + path
	case !local && u.User == nil && u.Port() == "": // file://server/share/x
		path = "//" + u.Host + path
	case !local:
		return "", fmt.Errorf("%s is no server's name", u.Host)
	case len(path) > 2 && isDrive(path[1:3]): // file:///C:/x, or /C|/x as it was once written
		path = path[1:2] + ":" + path[3:]
	}
	return strings.ReplaceAll(path, "/", `\`), nil
}

// isDrive reports whether s names a drive of Windows'.
func isDrive(s string) bool {
	letter := func(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
	return len(s) == 2 && letter(s[0]) && (s[1] == ':' || s[1] == '|')
}
