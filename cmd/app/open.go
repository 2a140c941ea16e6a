package main

import (
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
)

// fileOf returns the path that an argument of the command line names: the argument itself, or the path of
// hasher:///PATH.
func fileOf(arg string) string {
	u, err := url.Parse(arg)
	if err != nil || u.Scheme != about.Scheme || u.Host != "" || !strings.HasPrefix(u.Path, "/") {
		return arg
	}
	if runtime.GOOS == "windows" {
		return filepath.FromSlash(strings.TrimPrefix(u.Path, "/"))
	}
	return u.Path
}
