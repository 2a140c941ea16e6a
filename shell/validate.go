package shell

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"casement/internal/names"
)

// validate returns an error if an option that only Run checks is invalid.
func (o *Options) validate() error {
	if problem := names.ID(o.ID); problem != "" {
		return fmt.Errorf("shell: Options.ID %s", problem)
	}
	return nil
}

// document returns an error if the app's files have neither index.html nor a document at the
// window's Path.
func (w *Window) document() error {
	files := w.app.options.Assets
	if w.options.URL != "" || files == nil {
		return nil
	}
	err := readable(files, index)
	if err == nil {
		return nil
	}
	own, _, _ := strings.Cut(w.options.Path, "#")
	own, _, _ = strings.Cut(own, "?")
	own = strings.TrimPrefix(path.Clean("/"+own), "/")
	for _, name := range []string{own, own + ".html", path.Join(own, index)} {
		if fs.ValidPath(name) && readable(files, name) == nil {
			return nil
		}
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("shell: window %q: Options.Assets: %w", w.label, err)
	}
	return fmt.Errorf("shell: window %q: Options.Assets has no index.html at the top; %s", w.label, missingIndex(files))
}

const index = "index.html"

// readable returns an error if name is not a regular file that can be read.
func readable(files fs.FS, name string) error {
	f, err := files.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", name)
	}
	if _, err := f.Read(make([]byte, 1)); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

const (
	// remedyDepth is the number of folders to search for index.html: frontend/app/dist, the usual
	// argument of go:embed, needs three.
	remedyDepth = 4
	// remedyEntries bounds the search, in case the files are a whole disk.
	remedyEntries = 10000
	// remedyNames is the number of top-level entries that an error lists.
	remedyNames = 5
)

// missingIndex returns the remedy for files without index.html at the top.
func missingIndex(files fs.FS) string {
	var found string
	entries := 0
	_ = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if entries++; entries > remedyEntries {
			return fs.SkipAll
		}
		depth := strings.Count(name, "/")
		switch {
		case err != nil:
			return fs.SkipDir
		case d.IsDir() && (depth >= remedyDepth || d.Name() == "node_modules"):
			return fs.SkipDir
		case !d.IsDir() && d.Name() == index && (found == "" || depth < strings.Count(found, "/")):
			found = name
		}
		return nil
	})
	if found != "" {
		return fmt.Sprintf("there is %s: pass fs.Sub(files, %q)", found, path.Dir(found))
	}
	top, err := fs.ReadDir(files, ".")
	switch {
	case err != nil:
		return "the top folder cannot be read: " + err.Error()
	case len(top) == 0:
		return "it is empty: build the frontend before the program that embeds it"
	}
	var at []string
	for i, d := range top {
		if i == remedyNames {
			at = append(at, "…")
			break
		}
		at = append(at, d.Name())
	}
	return fmt.Sprintf("it has %s: build the frontend before the program that embeds it", strings.Join(at, ", "))
}
