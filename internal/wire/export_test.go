package wire

import (
	"context"
	"strconv"
	"unicode/utf8"

	"casement/internal/codec"
)

// What follows opens the package's insides to its tests.

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

// Raw returns a message that is this text, whatever it is.
func Raw(text string) *Message {
	m := emptyMessage()
	m.text = codec.AppendEscaped(m.text, []byte(text))
	return m
}

// RawBlob returns a message that says it has bytes, and these as base64, whatever they are.
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

// Backlog returns how many bytes wait for a page.
func (p *Page) Backlog() int {
	p.outbox.mu.Lock()
	defer p.outbox.mu.Unlock()
	return p.outbox.backlog
}

// Room returns how many bytes of messages a script for this page holds.
func (p *Page) Room() int { return p.outbox.maxScript }

// Held returns how many bytes the endpoint's pages make Go hold.
func (e *Endpoint) Held() int { return int(e.account.held.Load()) }

// DropBacklog forgets what waits for a page.
func (p *Page) DropBacklog() {
	p.outbox.mu.Lock()
	defer p.outbox.mu.Unlock()
	p.outbox.queue, p.outbox.backlog = nil, 0
	p.outbox.waiters.Init()
	p.outbox.waiting = 0
}
