// Package assets serves the built frontend of an app from an fs.FS to the app's own windows.
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

// Options configure Handler.
type Options struct {
	// CSP is the Content-Security-Policy of every response. Empty means DefaultCSP. The policy of a
	// document also allows the inline scripts in its file, see AllowInline.
	CSP string
	// Header is added to every response. It replaces headers that the handler sets itself. See
	// CheckHeader.
	Header http.Header
	// Log receives a warning for each missing file, up to maxMissing of them. A conditional request
	// causes none: WebKit revalidates files of an earlier version of the app. Nil means no warnings.
	Log *slog.Logger
}

// maxMissing is how many missing files are logged, so that a page can't flood the log.
const maxMissing = 100

// Handler serves the files of fsys. For "/" to be found, fsys must have an index.html at its root.
//
// It answers GET and HEAD, with ranges and conditional requests. It resolves a path as a
// development server does: to the file of that name, then to the file with .html appended, and, for
// a path that ends with a slash, to the folder's index.html. A request for a document at a folder
// without the slash is redirected to the slash.
//
// If no file matches and the request is for a document, by its Accept header, the path is a
// client-side route: the answer is the root's 200.html or, without one, index.html. All other
// missing files are 404 Not Found, and so are paths that are not valid UTF-8. Folders are never
// listed. The handler is safe for concurrent use.
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
	missing map[string]bool // paths that were logged
}

// tag is the entity tag and the policy of a file, with the size and time for which they are valid.
type tag struct {
	etag    string
	csp     string
	size    int64
	modTime time.Time
}

const (
	index    = "index.html"
	fallback = "200.html" // prerendering tools write the page for all other routes here
)

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", h.options.CSP)
	header.Set("X-Content-Type-Options", "nosniff")
	// Revalidate each time: the answer is mostly 304, and an updated app never mixes old and new
	// files.
	header.Set("Cache-Control", "no-cache")
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

// resolve serves the first file that matches the path. If it returns an error, it has written
// nothing.
func (h *handler) resolve(w http.ResponseWriter, r *http.Request) error {
	document := strings.Contains(r.Header.Get("Accept"), "text/html")
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/") // has no ".."
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
	// Without the slash, relative URLs in the folder's page would resolve wrongly.
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

// logMissing logs a missing file once. Pages rarely report one: an image or a script is just
// absent.
func (h *handler) logMissing(r *http.Request) {
	// Some web views request favicon.ico on their own.
	if h.options.Log == nil || r.URL.Path == "/favicon.ico" {
		return
	}
	if r.Header.Get("If-None-Match") != "" { // The web view has cached an earlier version's file.
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
	// A path below a file, or a name that no file can have.
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

// file serves one file. If it returns an error, it has written nothing.
func (h *handler) file(w http.ResponseWriter, r *http.Request, name string) error {
	f, info, err := h.open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	content, ok := f.(io.ReadSeeker)
	if !ok { // files of embed.FS and os.DirFS can seek, those of some archives can't
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
	// No time: embedded files have none, and the tag is exact.
	http.ServeContent(w, r, name, time.Time{}, content)
	return nil
}

// tag returns the tag of a file. It computes it once, and again when the size or time has changed.
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
			h.options.Log.Error("the inline scripts of a document can't be allowed", "file", name, "error", err)
		}
		// A browser caches the policy with the document, so another policy needs another tag.
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
