// Package assets serves an app's built frontend out of an fs.FS to the app's own windows.
package assets

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"
)

// Options change what Handler answers.
type Options struct {
	// CSP is the Content-Security-Policy of every response. Empty means DefaultCSP. A document's also allows the inline
	// scripts that are in its file, as AllowInline does.
	CSP string
	// Header is added to every response, in place of what the handler would say. See CheckHeader.
	Header http.Header
	// Log takes the warnings about files that are asked for and missing: one for each, maxMissing at most. A conditional
	// request gives none: WebKit revalidates what a document of an earlier version used. Nil means that there are none.
	Log *slog.Logger
}

// maxMissing bounds how many missing files are logged.
const maxMissing = 100

// Handler serves the files of fsys, which must have an index.html at its top for "/" to be found.
//
// GET and HEAD are answered, with ranges and conditional requests. A path is resolved as a development server does it: to
// the file that it names, to that with .html after it, and, if it ends with a slash, to the index.html in that folder; a
// document is sent to a folder's by adding the slash. A path that names none of these is a client-side route if a document
// is asked for, which Accept tells: it gets the top 200.html or, without one, index.html. Everything else that is missing
// is a 404, and so is a path that is not UTF-8, whatever the system calls its files. A folder is never listed. The handler
// may be used concurrently.
func Handler(fsys fs.FS, o Options) http.Handler {
	if o.CSP == "" {
		o.CSP = DefaultCSP
	}
	return &handler{fsys: fsys, options: o, tags: map[string]tag{}, missing: map[string]bool{}}
}

type handler struct {
	fsys    fs.FS
	options Options

	mu      sync.Mutex
	tags    map[string]tag  // by file name
	missing map[string]bool // the paths that are logged
}

// tag is a file's entity tag and policy, and what they were made from.
type tag struct {
	etag    string
	csp     string
	size    int64
	modTime time.Time
}

const (
	index    = "index.html"
	fallback = "200.html" // where tools that render pages ahead put the page for all other routes
)

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", h.options.CSP)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-cache") // ask each time: the answer is mostly 304, and an updated app is never half old
	for name, values := range h.options.Header {
		header[http.CanonicalHeaderKey(name)] = slices.Clone(values)
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	if !utf8.ValidString(r.URL.Path) {
		h.logMissing(r)
		http.Error(w, "not found: the path is not UTF-8", http.StatusNotFound)
		return
	}
	err := h.resolve(w, r)
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist):
		h.logMissing(r)
		http.Error(w, "not found", http.StatusNotFound)
	case errors.Is(err, fs.ErrPermission):
		http.Error(w, "forbidden", http.StatusForbidden)
	default:
		http.Error(w, "the file can't be read", http.StatusInternalServerError)
	}
}

// resolve serves the first file that a path may mean. Nothing has been written if it returns an error.
func (h *handler) resolve(w http.ResponseWriter, r *http.Request) error {
	document := strings.Contains(r.Header.Get("Accept"), "text/html")
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/") // no ".." is left
	var names []string
	if name == "" || strings.HasSuffix(r.URL.Path, "/") {
		names = []string{path.Join(name, index)}
	} else {
		names = []string{name, name + ".html"}
	}
	for _, name := range names {
		if err := h.file(w, r, name); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if !document {
		return fs.ErrNotExist
	}
	// Without the slash, relative URLs in the folder's page would be wrong.
	if len(names) > 1 && h.exists(path.Join(name, index)) {
		to := url.URL{Path: "/" + name + "/", RawQuery: r.URL.RawQuery}
		http.Redirect(w, r, to.RequestURI(), http.StatusFound)
		return nil
	}
	if err := h.file(w, r, fallback); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return h.file(w, r, index)
}

// logMissing warns of a missing file, which a page does not say of itself: an img or a script just isn't there.
func (h *handler) logMissing(r *http.Request) {
	if h.options.Log == nil || r.URL.Path == "/favicon.ico" { // which some webviews ask for unasked
		return
	}
	if r.Header.Get("If-None-Match") != "" { // of the webview's cache, which has an earlier version's file
		return
	}
	h.mu.Lock()
	known := h.missing[r.URL.Path] || len(h.missing) >= maxMissing
	if !known {
		h.missing[r.URL.Path] = true
	}
	h.mu.Unlock()
	if !known {
		h.options.Log.Warn("the app has no such file", "path", r.URL.Path)
	}
}

// open opens a regular file.
func (h *handler) open(name string) (fs.File, fs.FileInfo, error) {
	if !fs.ValidPath(name) {
		return nil, nil, fs.ErrNotExist
	}
	f, err := h.fsys.Open(name)
	switch {
	// Below a file, or what no file can be called.
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.ENAMETOOLONG), errors.Is(err, syscall.EINVAL),
		errors.Is(err, fs.ErrInvalid):
		return nil, nil, fs.ErrNotExist
	case err != nil:
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

func (h *handler) exists(name string) bool {
	f, _, err := h.open(name)
	if err != nil {
		return false
	}
	_ = f.Close()
	return true
}

// file serves one file. Nothing has been written if it returns an error.
func (h *handler) file(w http.ResponseWriter, r *http.Request, name string) error {
	f, info, err := h.open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	content, ok := f.(io.ReadSeeker)
	if !ok { // embed.FS and os.DirFS have it, some zip-like ones don't
		data, err := io.ReadAll(f)
		if err != nil {
			return err
		}
		content = strings.NewReader(string(data))
	}
	t, err := h.tag(name, info, content)
	if err != nil {
		return err
	}
	w.Header().Set("Etag", t.etag)
	w.Header().Set("Content-Type", contentType(name))
	w.Header().Set("Content-Security-Policy", t.csp)
	http.ServeContent(w, r, name, time.Time{}, content) // no time: an embedded file has none, and the tag is exact
	return nil
}

// tag returns what belongs to a file's content: made once, and again when its size or time has changed.
func (h *handler) tag(name string, info fs.FileInfo, content io.ReadSeeker) (tag, error) {
	h.mu.Lock()
	t, ok := h.tags[name]
	h.mu.Unlock()
	if ok && t.size == info.Size() && t.modTime.Equal(info.ModTime()) {
		return t, nil
	}
	t = tag{csp: h.options.CSP, size: info.Size(), modTime: info.ModTime()}
	sum := sha256.New()
	if strings.HasPrefix(contentType(name), "text/html") {
		data, err := io.ReadAll(content)
		if err != nil {
			return tag{}, err
		}
		if t.csp, err = AllowInline(t.csp, data); err != nil && h.options.Log != nil {
			h.options.Log.Error("the inline scripts of a document stay refused", "file", name, "error", err)
		}
		// A browser keeps the policy of a document that it keeps.
		_, _ = io.WriteString(sum, t.csp)
		_, _ = sum.Write(data)
	} else if _, err := io.Copy(sum, content); err != nil {
		return tag{}, err
	}
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return tag{}, err
	}
	t.etag = `"` + hex.EncodeToString(sum.Sum(nil)[:16]) + `"`
	h.mu.Lock()
	h.tags[name] = t
	h.mu.Unlock()
	return t, nil
}
