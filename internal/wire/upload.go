package wire

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"casement/internal/codec"
	"casement/ipc"
)

// ErrUpload reports an upload that is not from the page that the window shows.
var ErrUpload = errors.New("ipc: the upload is not from this window's page")

// An arrival is the body of a message that the page uploads or sends later, or the error in its
// place.
type arrival struct {
	body []byte // its holder may keep it
	// uploaded is false if the body came in a message after all. Bytes are base64 then.
	uploaded bool
	// err says why there is no body.
	err error
}

// bytes returns the bytes of a binary body. They overwrite the body.
func (a arrival) bytes() ([]byte, error) {
	if a.uploaded {
		return a.body, nil
	}
	n, err := base64.StdEncoding.Decode(a.body, a.body) // In place: base64 shrinks.
	if err != nil {
		return nil, fmt.Errorf("the bytes are not base64: %w", err)
	}
	return a.body[:n:n], nil
}

// json returns a JSON body as Go would write it: see codec.Normalize. All JSON from a page passes
// here before anything reads it, so the result is safe to pass on. It may still be invalid JSON.
func (a arrival) json() ([]byte, error) { return codec.Normalize(a.body) }

// uploads are the bodies that travel beside a page's messages. A message names its body by a
// number. Each number is named once, in ascending order. The message and the body may arrive in
// either order.
type uploads struct {
	bodies  map[uint64][]byte        // not named by a message yet
	awaited map[uint64]func(arrival) // callbacks for named bodies that have not arrived
	named   uint64                   // the last number that a message named
}

// claim returns the body that a message names, and releases its memory from the page. If the body
// has not arrived, then is called on its arrival, without the page's lock. p.mu must be held for
// claim.
func (p *Page) claim(number uint64, then func(arrival)) (a arrival, here bool) {
	u := &p.uploads
	body, here := u.bodies[number]
	p.unhold(u.forget(number))
	if here {
		return arrival{body: body, uploaded: true}, true
	}
	if u.awaited == nil {
		u.awaited = map[uint64]func(arrival){}
	}
	u.awaited[number] = then
	return arrival{}, false
}

// forget drops a body that a message names, now or on its arrival. It returns the bytes charged for
// it.
func (u *uploads) forget(number uint64) (cost int) {
	u.named = max(u.named, number)
	body, here := u.bodies[number]
	if !here {
		return 0
	}
	delete(u.bodies, number)
	return costUpload + len(body)
}

// await removes and returns the callback for a body, or nil if there is none.
func (u *uploads) await(number uint64) (then func(arrival)) {
	then = u.awaited[number]
	delete(u.awaited, number)
	return then
}

// keep stores a body until a message names it, if there is room for it. p.mu must be held.
func (p *Page) keep(number uint64, body []byte) error {
	u := &p.uploads
	_, twice := u.bodies[number]
	switch {
	case p.gone || twice:
		return ErrUpload
	case number <= u.named:
		return nil // The message was cancelled, or got the body in a message.
	case !p.hold(costUpload + len(body)):
		return ipc.ErrBacklog
	}
	if u.bodies == nil {
		u.bodies = map[uint64][]byte{}
	}
	u.bodies[number] = body
	return nil
}

// arrived passes a body, or its error, to the callback that waits for it, if any.
func (p *Page) arrived(number uint64, a arrival) {
	p.mu.Lock()
	then := p.uploads.await(number)
	p.mu.Unlock()
	if then != nil {
		then(a)
	}
}

// Upload handles the body of a message of the page, from a request to EndpointOptions.Upload.
// header is the request's header "ipc" and identifies the page and the body. Upload keeps body. It
// returns ErrUpload if the body is not from the page that this window shows, and ipc.ErrBacklog if
// the window's memory limit is reached: the page then sends the body in a message.
//
// Upload may be called on any goroutine.
func (e *Endpoint) Upload(header string, body []byte) error {
	key, rest, _ := strings.Cut(header, " ")
	if subtle.ConstantTimeCompare([]byte(key), []byte(e.key)) != 1 {
		return ErrUpload
	}
	name, digits, _ := strings.Cut(rest, " ")
	number, err := strconv.ParseUint(digits, 10, 64)
	p := e.Page()
	if err != nil || p == nil || string(p.id) != name || number == 0 || number > codec.MaxSafeInteger {
		return ErrUpload
	}
	if len(body) > e.options.MaxMessage {
		return ipc.ErrBacklog
	}
	p.mu.Lock()
	then := p.uploads.await(number)
	if then == nil {
		defer p.mu.Unlock()
		return p.keep(number, body)
	}
	p.mu.Unlock()
	then(arrival{body: body, uploaded: true})
	return nil
}
