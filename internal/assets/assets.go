// Package assets serves an app's built frontend out of an fs.FS to the app's own windows.
package assets

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"syscall"
	"time"
)

// DefaultCSP lets a page load and run what comes from its own origin and nothing else. Inline styles are allowed, since
// frameworks set them at run time; inline scripts, eval and plugins are not.
const DefaultCSP = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"font-src 'self' data:; connect-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; object-src 'none'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; frame-src 'self'"

// Options change what Handler answers.
type Options struct {
	// CSP is the Content-Security-Policy of every response. Empty means DefaultCSP.
	CSP string
}

// Handler serves the files of fsys, which must have an index.html at its top for "/" to be found.
//
// GET and HEAD are answered, with ranges and conditional requests. A path that names no file is a client-side route if a
// document is asked for and the path's last element has no extension: it gets the top index.html. Everything else that is
// missing is a 404. A folder is served only as the index.html in it, and never listed. The handler may be used concurrently.
func Handler(fsys fs.FS, o Options) http.Handler {
	if o.CSP == "" {
		o.CSP = DefaultCSP
	}
	return &handler{fsys: fsys, csp: o.CSP, tags: map[string]tag{}}
}

type handler struct {
	fsys fs.FS
	csp  string

	mu   sync.Mutex
	tags map[string]tag // by file name
}

// tag is a file's entity tag, and what it was made from.
type tag struct {
	etag    string
	size    int64
	modTime time.Time
}

const index = "index.html"

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", h.csp)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-cache") // ask each time: the answer is mostly 304, and an updated app is never half old
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/") // no ".." is left
	if name == "" || strings.HasSuffix(r.URL.Path, "/") {
		name = path.Join(name, index)
	}
	err := h.file(w, r, name)
	if errors.Is(err, fs.ErrNotExist) && route(r) {
		err = h.file(w, r, index)
	}
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrInvalid):
		http.Error(w, "not found", http.StatusNotFound)
	case errors.Is(err, fs.ErrPermission):
		http.Error(w, "forbidden", http.StatusForbidden)
	default:
		http.Error(w, "the file can't be read", http.StatusInternalServerError)
	}
}

// route tells whether a request is for a document that a client-side router makes up.
func route(r *http.Request) bool {
	return path.Ext(path.Base(r.URL.Path)) == "" && strings.Contains(r.Header.Get("Accept"), "text/html")
}

// file serves one file. Nothing has been written if it returns an error.
func (h *handler) file(w http.ResponseWriter, r *http.Request, name string) error {
	if !fs.ValidPath(name) {
		return fs.ErrInvalid
	}
	f, err := h.fsys.Open(name)
	if errors.Is(err, syscall.ENOTDIR) { // below a file
		return fs.ErrNotExist
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fs.ErrNotExist
	}
	content, ok := f.(io.ReadSeeker)
	if !ok { // embed.FS and os.DirFS have it, some zip-like ones don't
		data, err := io.ReadAll(f)
		if err != nil {
			return err
		}
		content = strings.NewReader(string(data))
	}
	etag, err := h.tag(name, info, content)
	if err != nil {
		return err
	}
	w.Header().Set("Etag", etag)
	w.Header().Set("Content-Type", contentType(name))
	http.ServeContent(w, r, name, time.Time{}, content) // no time: an embedded file has none, and the tag is exact
	return nil
}

// tag returns the entity tag of a file's content: hashed once, and again when its size or time has changed.
func (h *handler) tag(name string, info fs.FileInfo, content io.ReadSeeker) (string, error) {
	h.mu.Lock()
	t, ok := h.tags[name]
	h.mu.Unlock()
	if ok && t.size == info.Size() && t.modTime.Equal(info.ModTime()) {
		return t.etag, nil
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, content); err != nil {
		return "", err
	}
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	t = tag{`"` + hex.EncodeToString(sum.Sum(nil)[:16]) + `"`, info.Size(), info.ModTime()}
	h.mu.Lock()
	h.tags[name] = t
	h.mu.Unlock()
	return t.etag, nil
}
