package shell

import (
	"errors"
	"io"
	"net/http"

	"casement/internal/wire"
	"casement/ipc"
)

// uploads is the path to which pages upload the bodies of large messages. It hides any file of the
// app's at this path.
const uploads = "/__ipc/upload"

// A front serves an app's files to its windows and receives the uploads of their pages.
type front struct {
	app   *App
	files http.Handler
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != uploads {
		f.files.ServeHTTP(w, r)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	if r.ContentLength > int64(f.app.options.MaxMessage) {
		http.Error(w, "the body is too large", http.StatusRequestEntityTooLarge)
		return
	}
	body, err := readBody(r)
	if err != nil {
		http.Error(w, "the Content-Length is missing or does not match the body", http.StatusBadRequest)
		return
	}
	switch err := f.app.upload(r.Header.Get("ipc"), body); {
	case err == nil:
		w.WriteHeader(http.StatusNoContent)
	case errors.Is(err, ipc.ErrBacklog):
		http.Error(w, err.Error(), http.StatusInsufficientStorage)
	default:
		f.app.gate.Warn(f.app.log, "an upload is rejected", "error", err, "size", len(body)) // Frames of any origin can upload.
		http.Error(w, err.Error(), http.StatusForbidden)
	}
}

// readBody returns the whole body of a request. Requests from the native window hold it in one
// piece.
func readBody(r *http.Request) ([]byte, error) {
	if b, ok := r.Body.(interface{ Whole() []byte }); ok {
		return b.Whole(), nil
	}
	if r.ContentLength < 0 {
		return nil, io.ErrUnexpectedEOF
	}
	body := make([]byte, r.ContentLength)
	_, err := io.ReadFull(r.Body, body)
	return body, err
}

// upload passes a body to the window that expects it.
func (a *App) upload(header string, body []byte) error {
	for _, w := range a.Windows() {
		e, err := w.wire()
		if err != nil || e == nil {
			continue
		}
		if err := e.Upload(header, body); !errors.Is(err, wire.ErrUpload) {
			return err
		}
	}
	return wire.ErrUpload
}

// uploadPath returns the path to which the window's pages upload, or "" if the app does not serve
// them itself.
func (w *Window) uploadPath() string {
	if w.options.URL != "" {
		return ""
	}
	return uploads
}
