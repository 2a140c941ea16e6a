package dev

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// sources are the source files of a program that a developer may edit: those of its own module, and
// of modules that a replace directive maps to folders.
type sources struct {
	pkg     string
	folders []string // folders of packages, where new files count too
	files   []string // other files: embedded ones, and go.mod
	seen    map[string]stamp
}

type stamp struct {
	modified time.Time
	size     int64
}

func newSources(pkg string) *sources { return &sources{pkg: pkg} }

// A listed is the go list output for a package.
type listed struct {
	Dir        string
	Standard   bool
	EmbedFiles []string
	Module     *struct {
		Main    bool
		GoMod   string
		Replace *struct{ Version string }
	}
}

// edited reports whether a developer may edit the package.
func (l *listed) edited() bool {
	m := l.Module
	return m != nil && (m.Main || (m.Replace != nil && m.Replace.Version == ""))
}

// find updates the list of files to watch. If go list fails, the list stays as it was.
func (s *sources) find(ctx context.Context) {
	cmd := exec.CommandContext(ctx, "go", "list", "-deps", "-json=Dir,Standard,EmbedFiles,Module", s.pkg)
	lead(cmd)
	out, err := cmd.Output()
	if err != nil && len(s.folders) > 0 {
		return
	}
	var folders, files []string
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var l listed
		if d.Decode(&l) != nil {
			break
		}
		if !l.edited() {
			continue
		}
		folders = append(folders, l.Dir)
		for _, name := range l.EmbedFiles {
			files = append(files, filepath.Join(l.Dir, filepath.FromSlash(name)))
		}
		if mod := l.Module.GoMod; mod != "" && !slices.Contains(files, mod) {
			files = append(files, mod)
		}
	}
	if len(folders) == 0 {
		folders = []string{s.pkg} // The package does not parse. Watch pkg as a folder until it does.
	}
	before := s.seen
	s.folders, s.files = folders, files
	s.seen = s.look()
	// A change during the build must still count as a change.
	for name, was := range before {
		if now, ok := s.seen[name]; ok && now != was {
			s.seen[name] = was
		}
	}
}

// changed reports whether any file has changed since the last call.
func (s *sources) changed() bool {
	now := s.look()
	same := maps.Equal(now, s.seen)
	s.seen = now
	return !same
}

// look returns the current state of all files.
func (s *sources) look() map[string]stamp {
	seen := map[string]stamp{}
	note := func(name string) {
		if info, err := os.Stat(name); err == nil {
			seen[name] = stamp{info.ModTime(), info.Size()}
		}
	}
	for _, dir := range s.folders {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			if slices.Contains(extensions, filepath.Ext(e.Name())) && e.Name()[0] != '.' {
				note(filepath.Join(dir, e.Name()))
			}
		}
	}
	for _, name := range s.files {
		note(name)
	}
	return seen
}

// extensions are those of files in a package's folder that the go command compiles.
var extensions = []string{".go", ".c", ".cc", ".cpp", ".h", ".hh", ".m", ".mm", ".s", ".syso"}
