package wire

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	json "github.com/goccy/go-json"

	"casement/internal/codec"
	"casement/internal/flood"
	"casement/internal/names"
	"casement/ipc"
)

const (
	// DefaultMaxMessage bounds a message from a page, in bytes.
	DefaultMaxMessage = 64 << 20
	// DefaultMaxBacklog bounds the outbox of a page, in bytes: 100,000 events of 50 bytes take 10
	// MiB.
	DefaultMaxBacklog = 64 << 20
	// DefaultMaxCalls bounds the calls that a page has in flight. A waiting goroutine takes some 4
	// KiB, so this is 256 MiB in the worst case.
	DefaultMaxCalls = 1 << 16
	// defaultMaxScript suits the webview of every platform.
	defaultMaxScript = 8 << 10
	// DefaultMaxHeld bounds the memory that a window's pages make Go hold, in bytes: at least four
	// of the largest messages.
	DefaultMaxHeld = 4 * DefaultMaxMessage
)

// EndpointOptions configure an Endpoint. Label, Host, Router and Origin are required. Zero means
// the default for all others.
type EndpointOptions struct {
	Label  ipc.Label
	Host   Host
	Router *ipc.Router
	// Origin is the only origin whose documents may talk to Go, such as "app://localhost".
	Origin string
	// Arrived, if not nil, is called with each page as it begins, on the UI thread. It must not
	// block.
	Arrived func(*Page)
	// Bus handles the event messages of pages. Without one, pages can't listen or emit.
	Bus    Bus
	Logger *slog.Logger

	// Upload is the path, below Origin, of requests that carry the bodies of large messages. The
	// server of that path passes them to [Endpoint.Upload]. If it is empty, those bodies travel in
	// messages.
	Upload string

	// MaxMessage bounds a message from a page, in bytes.
	MaxMessage int
	// MaxBacklog bounds the outbox of a page, in bytes.
	MaxBacklog int
	// MaxCalls bounds the calls that a page has in flight.
	MaxCalls int
	// MaxScript is the largest script worth evaluating at once, in bytes. It depends on the
	// platform.
	MaxScript int
	// MaxHeld bounds the memory that the window's pages make Go hold, in bytes: bodies of calls in
	// flight, events queued for Go's listeners, uploads, values in sinks, listeners. Beyond it,
	// calls, emits and listens are rejected with ipc.CodeBusy, a sink is stopped and an upload is
	// refused. Zero means the larger of DefaultMaxHeld and four times MaxMessage.
	MaxHeld int
}

// An Endpoint is Go's end of the wire to one window. It admits the pages that the window shows, one
// after the other: only documents of the app's origin that know the window's key.
type Endpoint struct {
	options EndpointOptions
	log     *slog.Logger
	ctx     context.Context
	cancel  context.CancelCauseFunc
	key     string
	script  string
	guard   string
	calls   pool
	account account
	gate    flood.Gate // throttles the log of refused messages
	// complaints throttles the log records that pages cause.
	complaints throttle

	mu       sync.Mutex
	page     *Page
	arrived  chan struct{} // closed when the next page arrives
	scripts  []string      // queued for the next page
	waiting  int           // their memory, in bytes
	lastEval uint64
	closed   bool
}

// NewEndpoint returns an endpoint without a page. The contexts of its pages and calls derive from
// ctx: when ctx is done, calls are cancelled, but pages stay to receive the answers. Close ends the
// endpoint.
func NewEndpoint(ctx context.Context, options EndpointOptions) (*Endpoint, error) {
	if err := names.Label(string(options.Label)); err != nil {
		return nil, err
	}
	e := &Endpoint{options: options, log: options.Logger, arrived: make(chan struct{})}
	o := &e.options
	if o.MaxMessage <= 0 {
		o.MaxMessage = DefaultMaxMessage
	}
	if o.MaxBacklog <= 0 {
		o.MaxBacklog = DefaultMaxBacklog
	}
	if o.MaxCalls <= 0 {
		o.MaxCalls = DefaultMaxCalls
	}
	if o.MaxHeld <= 0 {
		o.MaxHeld = max(DefaultMaxHeld, 4*o.MaxMessage)
	}
	e.account.limit = int64(o.MaxHeld)
	if o.MaxScript < 2*scriptOverhead {
		o.MaxScript = defaultMaxScript
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	e.log = e.log.With("window", o.Label)
	var key [16]byte
	_, _ = rand.Read(key[:]) // It never fails.
	e.key = hex.EncodeToString(key[:])
	var err error
	e.script, err = runtimeScript(runtimeConfig{Key: e.key, Origin: o.Origin, Label: o.Label, MaxMessage: o.MaxMessage,
		Upload: o.Upload})
	if err != nil {
		return nil, err
	}
	// A script may reach the window when it has just begun to show a foreign document, unless the
	// host knows better. The guard compares location.origin, which a foreign document cannot forge.
	origin, err := json.Marshal(o.Origin)
	if err != nil {
		return nil, err
	}
	e.guard = "if(location.origin===" + string(origin) + "){"
	e.ctx, e.cancel = context.WithCancelCause(ctx)
	return e, nil
}

// Script returns the page runtime. The window must run it at the start of each document in its top
// frame.
func (e *Endpoint) Script() string { return e.script }

// Page returns the page that the window shows, or nil if it shows none of the app's.
func (e *Endpoint) Page() *Page {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.page
}

// Owns reports whether a page is, or was, a page of this window.
func (e *Endpoint) Owns(p *Page) bool { return p != nil && p.endpoint == e }

// Gone ends the current page, if any: the window shows another document, or its web process is
// gone.
func (e *Endpoint) Gone() { e.replace(nil) }

// Close ends the current page and admits no more pages. The contexts of running commands are
// cancelled; Wait waits for the commands.
func (e *Endpoint) Close() {
	e.mu.Lock()
	if !e.closed {
		e.closed = true
		close(e.arrived)
	}
	e.mu.Unlock()
	e.calls.close()
	e.replace(nil)
	e.omitted(e.complaints.flush())
	e.cancel(ipc.ErrPageGone)
}

// Wait waits until the last command of this window has returned. Call it after Close.
func (e *Endpoint) Wait() { e.calls.wait() }

// InFlight returns how many calls of the current page have not been settled.
func (e *Endpoint) InFlight() int {
	if p := e.Page(); p != nil {
		return p.inFlight()
	}
	return 0
}

// replace makes next the current page and ends the one before it.
func (e *Endpoint) replace(next *Page) {
	e.mu.Lock()
	if next != nil && !e.closed {
		// The scripts go first, before any other sender has the page.
		for _, script := range e.scripts {
			_ = next.outbox.putScripts(script) // They fit: Eval bounded them.
		}
		e.scripts, e.waiting = nil, 0
	}
	last := e.page
	if e.closed && next != nil {
		e.mu.Unlock()
		next.close(ipc.ErrPageGone)
		return
	}
	e.page = next
	if next != nil {
		close(e.arrived)
		e.arrived = make(chan struct{})
	}
	e.mu.Unlock()
	if last != nil {
		last.close(ipc.ErrPageGone)
	}
}

// Receive handles a batch that a document in the window sent. It is called on the UI thread and
// keeps no part of raw. A malformed or oversized message, or one that is not from the app's own
// page, is refused and logged, and the promises that it names are settled.
func (e *Endpoint) Receive(raw []byte) {
	head, rest, _ := bytes.Cut(raw, []byte{'\n'})
	key, name, _ := bytes.Cut(head, []byte{' '})
	if subtle.ConstantTimeCompare(key, []byte(e.key)) != 1 {
		e.refused(errors.New("the window's key is missing or wrong"), raw)
		return
	}
	if string(name) == "-" {
		e.left(rest)
		return
	}
	id, err := parsePageID(string(name))
	if err != nil {
		e.refused(err, raw)
		return
	}
	h := new(header)
	for len(rest) > 0 {
		var line, body []byte
		line, rest, _ = bytes.Cut(rest, []byte{'\n'})
		body, rest, _ = bytes.Cut(rest, []byte{'\n'})
		*h = header{}
		e.receiveOne(id, h, line, body, len(raw) > e.options.MaxMessage)
	}
}

// receiveOne handles one message of a batch and decodes its header into h, which is zero.
func (e *Endpoint) receiveOne(id PageID, h *header, line, body []byte, oversized bool) {
	err := decodeHeader(line, h)
	if err == nil && h.Kind == kindHello {
		e.hello(id)
		return
	}
	p := e.Page()
	if p == nil || p.id != id {
		// It is from the end of an earlier page.
		e.gate.Debug(e.log, "a message of an earlier page is ignored", "page", id, "kind", names.Clip(h.Kind))
		return
	}
	switch {
	case err != nil:
	case h.Kind == kindBye:
		e.replace(nil)
		return
	case oversized && len(body) > 0:
		err = errorf(ipc.CodeTooLarge, "the batch has more than the app's limit of %d bytes", e.options.MaxMessage)
	default:
		h.size = len(line)
		// The clone lets its keeper keep the body alone, not the batch.
		err = p.receive(h, bytes.Clone(body))
	}
	if err == nil {
		return
	}
	e.refused(err, line)
	p.mu.Lock()
	p.unhold(p.uploads.forget(h.Uploaded)) // No message will claim it.
	p.mu.Unlock()
	switch {
	case h.Kind == kindPush:
		p.refusePush(h.Channel, err)
	case h.ID == 0 || h.ID > codec.MaxSafeInteger:
	case h.Kind == kindBody:
		p.arrived(h.ID, arrival{err: err})
	case h.Kind == kindEvaluated:
		p.answer(h.ID, evalResult{err: err})
	default:
		p.refuse(h.ID, err)
	}
}

// decodeHeader decodes the first line of a message. After an error, the fields decoded before it
// count: they may name the promise to settle.
func decodeHeader(line []byte, h *header) error {
	switch err := json.Unmarshal(line, h); {
	case err != nil:
		return errorf(ipc.CodeBadArguments, "malformed header: %w", err)
	case len(line) > maxHeader:
		return errorf(ipc.CodeTooLarge, "the header has %d bytes, more than the limit of %d", len(line), maxHeader)
	case h.Kind == "":
		return errorf(ipc.CodeBadArguments, "the header has no kind")
	}
	return nil
}

// maxHeader bounds the header of a message, in bytes. It includes Call.Headers.
const maxHeader = 64 << 10

// hello begins a page.
func (e *Endpoint) hello(id PageID) {
	if p := e.Page(); p != nil && p.id == id {
		e.refused(errors.New("a second hello"), nil)
		return
	}
	p := newPage(e, id)
	e.replace(p)
	if e.options.Arrived != nil {
		e.options.Arrived(p)
	}
}

// left handles the message that the window shows a document of another origin.
func (e *Endpoint) left(rest []byte) {
	line, _, _ := bytes.Cut(rest, []byte{'\n'})
	var h header
	if err := decodeHeader(line, &h); err != nil {
		e.refused(err, line)
		return
	}
	e.gate.Warn(e.log, "the window shows a foreign document, which has no access to the app", "url", names.Clip(h.URL))
	e.replace(nil)
}

// refused logs a refused message. A page that floods Go does not flood the log.
func (e *Endpoint) refused(err error, message []byte) {
	e.gate.Warn(e.log, "a message from a document is refused", "error", err, "size", len(message))
}

// Eval runs a script in the window's page, in order with all other messages to it. If the window
// has no page yet, the script waits for one. Use Scriptf to put values into a script.
func (e *Endpoint) Eval(script string) error {
	e.mu.Lock()
	p := e.page
	if p == nil {
		defer e.mu.Unlock()
		switch {
		case e.closed:
			return ipc.ErrPageGone
		case e.waiting > 0 && e.waiting+len(script)+costScript > e.options.MaxBacklog:
			return ipc.ErrBacklog
		}
		e.scripts = append(e.scripts, script)
		e.waiting += len(script) + costScript
		return nil
	}
	e.mu.Unlock()
	return p.outbox.putScripts(script)
}

// awaitPage returns the window's page as soon as there is one.
func (e *Endpoint) awaitPage(ctx context.Context) (*Page, error) {
	for {
		e.mu.Lock()
		p, arrived, closed := e.page, e.arrived, e.closed
		e.mu.Unlock()
		switch {
		case closed:
			return nil, ipc.ErrPageGone
		case p != nil:
			return p, nil
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return nil, fmt.Errorf("ipc: waiting for the window's page: %w", context.Cause(ctx))
		}
	}
}
