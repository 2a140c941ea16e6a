package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// An entry is a file of a Linux installation.
type entry struct {
	path string // relative to the prefix, such as bin/hasher
	mode fs.FileMode
	from string // the file with its content
}

// tree returns the files of every Linux installation, in order, and builds those that are missing.
func (j *job) tree(ctx context.Context) ([]entry, error) {
	if j.entries != nil {
		return j.entries, nil
	}
	program, err := j.build(ctx, "linux")
	if err != nil {
		return nil, err
	}
	entries := []entry{{"bin/" + j.Executable, 0o755, program}}
	add := func(name string, data []byte) {
		if err != nil || data == nil {
			return
		}
		var e entry
		e, err = j.entry(name, data)
		entries = append(entries, e)
	}
	add("share/applications/"+j.ID+".desktop", j.desktopEntry())
	add("share/metainfo/"+j.ID+".metainfo.xml", j.metainfo())
	add("share/mime/packages/"+j.ID+".xml", j.mimeTypes())
	add("share/man/man1/"+j.Executable+".1.gz", compress(j.manual()))
	for _, size := range iconSizes {
		if size <= 512 && size != 20 && size != 40 { // Only Windows uses those two.
			add(fmt.Sprintf("share/icons/hicolor/%[1]dx%[1]d/apps/%[2]s.png", size, j.ID), j.icons[size])
		}
	}
	if err != nil {
		return nil, err
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.path, b.path) })
	j.entries = entries
	return entries, j.checkDesktop(ctx, entries)
}

// entry writes a file for the installation.
func (j *job) entry(name string, data []byte) (entry, error) {
	e := entry{name, 0o644, filepath.Join(j.work, "tree", filepath.FromSlash(name))}
	if err := os.MkdirAll(filepath.Dir(e.from), 0o777); err != nil {
		return e, err
	}
	return e, os.WriteFile(e.from, data, 0o666)
}

// checkDesktop runs the desktop's own checkers, if they are installed, on the files of every Linux
// installation.
func (j *job) checkDesktop(ctx context.Context, entries []entry) error {
	var one artifact
	for _, e := range entries {
		var err error
		switch {
		case path.Ext(e.path) == ".desktop":
			err = j.look(ctx, &one, "desktop-file-validate", "desktop-file-validate", e.from)
		case strings.HasPrefix(e.path, "share/metainfo/"):
			err = j.look(ctx, &one, "appstreamcli", "appstreamcli", "validate", "--no-net", e.from)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path.Base(e.path), err)
		}
	}
	j.looked = one.checked
	return nil
}

// compress returns data as gzip, without a time or a name.
func compress(data []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // The level is valid.
	_, _ = w.Write(data)                                  // A buffer never fails.
	_ = w.Close()
	return b.Bytes()
}
