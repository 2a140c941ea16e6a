package main

import (
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
)

// fileOf returns the path for an argument of the command line: the argument itself, or PATH of
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
