package wire

import (
	"context"
	"strconv"
	"unicode/utf8"

	"casement/internal/codec"
)

// These functions open the package's internals to its tests.

const (
	MaxHeader        = maxHeader
	MaxFlightScripts = maxFlightScripts
	DefaultMaxScript = defaultMaxScript
)

type Header = header

// DecodeHeader decodes the first line of a message.
func DecodeHeader(line []byte) (Header, error) {
	var h header
	err := decodeHeader(line, &h)
	return h, err
}

// Settle returns the message that settles a call with v.
func Settle(id uint64, v any) (*Message, error) { return resultMessage(id, v) }

// SettleError returns the message that settles a call with an error.
func SettleError(ctx context.Context, id uint64, err error) *Message {
	return failureMessage(outSettleError, id, failureOf(ctx, err))
}

// Raw returns a message with this text, which need not be JSON.
func Raw(text string) *Message {
	m := emptyMessage()
	m.text = codec.AppendEscaped(m.text, []byte(text))
	return m
}

// RawBlob returns a message with this blob, which need not be base64.
func RawBlob(text, blob string) *Message {
	m := Raw(text)
	m.bytes, m.size, m.blob = true, 3, append(m.blob, blob...)
	return m
}

// Text returns the message as JSON, and its bytes as base64.
func (m *Message) Text() (text, blob string) {
	var raw []byte
	for i := 0; i < len(m.text); i++ {
		if m.text[i] == '\\' {
			if i++; m.text[i] == 'u' {
				r, _ := strconv.ParseUint(string(m.text[i+1:i+5]), 16, 16)
				raw = utf8.AppendRune(raw, rune(r))
				i += 4
				continue
			}
		}
		raw = append(raw, m.text[i])
	}
	return string(raw), string(m.blob)
}

// Backlog returns the bytes in the page's outbox.
func (p *Page) Backlog() int {
	p.outbox.mu.Lock()
	defer p.outbox.mu.Unlock()
	return p.outbox.backlog
}

// Room returns the size of a full script for this page, in bytes.
func (p *Page) Room() int { return p.outbox.maxScript }

// Held returns the bytes that the endpoint's pages make Go hold.
func (e *Endpoint) Held() int { return int(e.account.held.Load()) }

// DropBacklog empties the page's outbox.
func (p *Page) DropBacklog() {
	p.outbox.mu.Lock()
	defer p.outbox.mu.Unlock()
	p.outbox.queue, p.outbox.backlog = nil, 0
	p.outbox.waiters.Init()
	p.outbox.waiting = 0
}
