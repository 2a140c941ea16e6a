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

// ErrUpload is returned for an upload that is not from the page that the window shows.
var ErrUpload = errors.New("ipc: the upload is not from this window's page")

// An arrival is the body of a message that the page has uploaded, or meant to.
type arrival struct {
	body []byte // the page's own, so that whoever has it may keep it
	// uploaded is false if the body came in a message after all: bytes are base64 then.
	uploaded bool
	// err says why there is none.
	err error
}

// bytes returns a body that stands for bytes, which take its place.
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

// json returns a body that stands for JSON as Go would write it: see normal. It is where everything that a page sends as
// JSON passes before anybody reads it, so it is safe to hand on. It may still turn out to be no JSON.
func (a arrival) json() ([]byte, error) { return codec.Normalize(a.body) }

// uploads are the bodies that travel beside a page's messages. A message names its body by a number, and each
// number is named once, in ascending order. Either may come first.
type uploads struct {
	bodies  map[uint64][]byte        // those that no message has named
	awaited map[uint64]func(arrival) // who waits for those that are named and have not come
	named   uint64                   // the last number that was named
}

// claim takes a body that a message names, and off the page's books. If it has not come, then is called when it does,
// without the page's lock, which the caller of claim holds.
func (p *Page) claim(number uint64, then func(arrival)) (a arrival, here bool) {
	u := &p.uploads
	body, here := u.bodies[number]
	p.let(u.forget(number))
	if here {
		return arrival{body: body, uploaded: true}, true
	}
	if u.awaited == nil {
		u.awaited = map[uint64]func(arrival){}
	}
	u.awaited[number] = then
	return arrival{}, false
}

// forget drops a body that a message names, now or when it comes. It returns what that was on the page's books with.
func (u *uploads) forget(number uint64) (cost int) {
	u.named = max(u.named, number)
	body, here := u.bodies[number]
	if !here {
		return 0
	}
	delete(u.bodies, number)
	return costUpload + len(body)
}

// await returns who waits for a body, who then does not any more. It returns nil if nobody does.
func (u *uploads) await(number uint64) (then func(arrival)) {
	then = u.awaited[number]
	delete(u.awaited, number)
	return then
}

// keep keeps a body until a message names it, if it may. The page's lock must be held.
func (p *Page) keep(number uint64, body []byte) error {
	u := &p.uploads
	_, twice := u.bodies[number]
	switch {
	case p.gone || twice:
		return ErrUpload
	case number <= u.named:
		return nil // Who has waited for it has been cancelled, or got it in a message.
	case !p.hold(costUpload + len(body)):
		return ipc.ErrBacklog
	}
	if u.bodies == nil {
		u.bodies = map[uint64][]byte{}
	}
	u.bodies[number] = body
	return nil
}

// arrived hands what has become of a body to who waits for it, if anybody does.
func (p *Page) arrived(number uint64, a arrival) {
	p.mu.Lock()
	then := p.uploads.await(number)
	p.mu.Unlock()
	if then != nil {
		then(a)
	}
}

// Upload takes the body of a message of the page, from a request to EndpointOptions.Upload. The request's header
// "ipc" says whose it is. Upload keeps the body. It returns ErrUpload if the body is not from the page that this
// window shows, and ipc.ErrBacklog if it is too much to hold: the page then sends it in a message.
//
// It may be called on any goroutine.
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
