package ipc

import (
	"crypto/subtle"
	"errors"
	"strconv"
	"strings"
)

// ErrUpload is returned for an upload that is not from the page that the window shows.
var ErrUpload = errors.New("ipc: the upload is not from this window's page")

// uploads are the bodies of calls that have not arrived.
type uploads struct {
	bodies map[uint64][]byte
	size   int
}

// take takes a body out.
func (u *uploads) take(id uint64) ([]byte, bool) {
	body, ok := u.bodies[id]
	if ok {
		delete(u.bodies, id)
		u.size -= len(body)
	}
	return body, ok
}

// Upload takes the body of a call that the page is about to make, from a request to EndpointOptions.Upload. The
// request's header "ipc" says whose it is. Upload keeps the body. It returns ErrUpload if the body is not from the
// page that this window shows, and ErrBacklog if it is too much to hold: the page then sends it with the call.
//
// It may be called on any goroutine.
func (e *Endpoint) Upload(header string, body []byte) error {
	key, rest, _ := strings.Cut(header, " ")
	if subtle.ConstantTimeCompare([]byte(key), []byte(e.key)) != 1 {
		return ErrUpload
	}
	name, number, _ := strings.Cut(rest, " ")
	id, err := strconv.ParseUint(number, 10, 64)
	p := e.Page()
	if err != nil || p == nil || string(p.id) != name {
		return ErrUpload
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.gone || id == 0 || id > maxSafeInteger || p.uploads.bodies[id] != nil || p.calls[id] != nil:
		return ErrUpload
	case len(body) > e.options.MaxMessage || p.uploads.size+len(body) > max(e.options.MaxMessage, e.options.MaxBacklog):
		return ErrBacklog
	}
	if p.uploads.bodies == nil {
		p.uploads.bodies = map[uint64][]byte{}
	}
	p.uploads.bodies[id] = body
	p.uploads.size += len(body)
	return nil
}
