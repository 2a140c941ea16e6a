package main

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"
)

// A format is a kind of installer.
type format struct {
	name string
	// hosts are the systems on which it can be built.
	hosts []string
	tools []tool
	make  func(context.Context, *job) (artifact, error)
}

// A tool is a program that a format needs.
type tool struct {
	// names are alternatives.
	names []string
	// pkg is the Debian package that contains it.
	pkg string
}

var (
	cc       = tool{[]string{"g++", "c++"}, "g++"}
	pkgconf  = tool{[]string{"pkg-config"}, "pkg-config"}
	shlibs   = tool{[]string{"dpkg-shlibdeps"}, "dpkg-dev"}
	mingw    = tool{[]string{"x86_64-w64-mingw32-g++-win32", "x86_64-w64-mingw32-g++"}, "g++-mingw-w64-x86-64-win32"}
	makensis = tool{[]string{"makensis"}, "nsis"}
	wixl     = tool{[]string{"wixl"}, "wixl"}
	signtool = tool{[]string{"osslsigncode"}, "osslsigncode"}
)

var formats = []format{
	{"tar.gz", []string{"linux"}, []tool{cc, pkgconf}, makeTarball},
	{"deb", []string{"linux"}, []tool{cc, pkgconf, shlibs}, makeDeb},
	{"rpm", []string{"linux"}, []tool{cc, pkgconf}, makeRPM},
	{"pkg.tar.zst", []string{"linux"}, []tool{cc, pkgconf}, makeArch},
	{"exe", []string{"linux"}, []tool{mingw}, makeEXE},
	{"setup", []string{"linux"}, []tool{mingw, makensis}, makeSetup},
	{"msi", []string{"linux"}, []tool{mingw, wixl}, makeMSI},
	{"app", []string{"darwin"}, []tool{cc}, makeBundle},
}

// choose returns formats by their names, in the order in which they are built.
func choose(names []string) ([]format, error) {
	for _, name := range names {
		i := slices.IndexFunc(formats, func(f format) bool { return f.name == name })
		if i < 0 {
			return nil, fmt.Errorf("-formats: unknown format %q; the formats are %s", name, strings.Join(all(), ", "))
		}
		if !slices.Contains(formats[i].hosts, runtime.GOOS) {
			return nil, fmt.Errorf("-formats: %s can be built only on %s", name, strings.Join(formats[i].hosts, ", "))
		}
	}
	var chosen []format
	for _, f := range formats {
		if slices.Contains(names, f.name) {
			chosen = append(chosen, f)
		}
	}
	return chosen, nil
}

func all() []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.name)
	}
	return names
}

// find returns the first of the names that is installed.
func (t tool) find() (string, error) {
	for _, name := range t.names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is not installed; it is in the Debian package %s, which build/deps.sh dist installs",
		t.names[len(t.names)-1], t.pkg)
}

// lookForTools returns an error if a tool is missing, before anything is built.
func lookForTools(chosen []format, s *signer) error {
	for _, f := range chosen {
		tools := f.tools
		if s.pfx != "" && slices.Contains(f.tools[0].names, mingw.names[0]) {
			tools = append(slices.Clone(tools), signtool)
		}
		for _, t := range tools {
			if _, err := t.find(); err != nil {
				return fmt.Errorf("%s: %w", f.name, err)
			}
		}
	}
	return nil
}
