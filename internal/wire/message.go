package wire

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"

	"casement/internal/codec"
	"casement/internal/names"
	"casement/ipc"
)

// A Message is one encoded message for a page's outbox. One goroutine uses it at a time. It may be
// sent to several pages. After the last send, its owner calls Free, and its memory is reused once
// all outboxes are done with it.
type Message struct {
	// text is the message as JSON, escaped for a single-quoted JavaScript string.
	text []byte
	// bytes is set if the message has bytes: size of them, in blob as base64.
	bytes bool
	blob  []byte
	size  int
	// refs counts the users of text and blob: the owner and outboxes.
	refs atomic.Int32
}

// maxPooledMessage is the largest memory of a message or a script that is kept for reuse: 1 MiB of
// bytes are 1.4 MB of base64, and a script has at most 2 MiB.
const maxPooledMessage = 3 << 20

var messages = sync.Pool{New: func() any { return new(Message) }}

// Size returns the message's size on the wire, in bytes.
func (m *Message) Size() int { return len(m.text) + len(m.blob) }

// Free releases the message for reuse. Its owner must not use it afterwards. A message that is not
// freed is garbage collected.
func (m *Message) Free() {
	switch left := m.refs.Add(-1); {
	case left < 0:
		panic("ipc: a message is freed twice")
	case left > 0 || cap(m.text)+cap(m.blob) > maxPooledMessage:
		return
	}
	m.text, m.blob, m.bytes, m.size = m.text[:0], m.blob[:0], false, 0
	messages.Put(m)
}

// hold keeps the message unchanged until one more Free.
func (m *Message) hold() { m.refs.Add(1) }

// emptyMessage returns a message without text. The caller owns it.
func emptyMessage() *Message {
	m := messages.Get().(*Message)
	m.refs.Store(1)
	return m
}

// newMessage begins a message: "[kind,id".
func newMessage(kind outbound, id uint64) *Message {
	m := emptyMessage()
	m.text = append(m.text, '[', '0'+byte(kind), ',')
	m.text = strconv.AppendUint(m.text, id, 10)
	return m
}

func (m *Message) appendJSON(text []byte) {
	m.text = append(m.text, ',')
	m.text = codec.AppendEscaped(m.text, text)
}

// appendLabel appends a label. A valid label needs no escaping.
func (m *Message) appendLabel(l ipc.Label) {
	if names.Label(string(l)) != nil {
		e := codec.NewEncoder()
		defer e.Free()
		text, _ := e.Encode(string(l)) // Encoding a string never fails.
		m.appendJSON(text)
		return
	}
	m.text = append(m.text, `,"`...)
	m.text = append(m.text, l...)
	m.text = append(m.text, '"')
}

func (m *Message) appendBlob(data []byte) {
	m.bytes, m.size = true, len(data)
	m.blob = codec.AppendBase64(m.blob, data)
}

// valueMessage returns a message that ends with v.
func valueMessage(kind outbound, id uint64, v any) (*Message, error) {
	e := codec.NewEncoder()
	defer e.Free()
	text, err := e.Encode(v)
	if err != nil {
		return nil, err
	}
	m := newMessage(kind, id)
	m.appendJSON(text)
	m.text = append(m.text, ']')
	return m, nil
}

func bytesMessage(kind outbound, id uint64, data []byte) *Message {
	m := newMessage(kind, id)
	m.appendBlob(data)
	m.text = append(m.text, ']')
	return m
}

func failureMessage(kind outbound, id uint64, f failure) *Message {
	if m, err := valueMessage(kind, id, f); err == nil {
		return m
	}
	// The details can't be marshalled, but the rest can.
	f.Details = nil
	m, _ := valueMessage(kind, id, f)
	return m
}

// NewValue returns the message that carries v, as JSON, over a channel.
func NewValue(channel ChannelID, v any) (*Message, error) {
	return valueMessage(outValue, uint64(channel), v)
}

// NewBytes returns the message that carries data, unencoded, over a channel. It copies data.
func NewBytes(channel ChannelID, data []byte) *Message {
	return bytesMessage(outBytes, uint64(channel), data)
}

// NewEnd returns the message that ends a channel: successfully if err is nil.
func NewEnd(channel ChannelID, err error) *Message { return endMessage(outEnd, channel, err) }

func endMessage(kind outbound, id ChannelID, err error) *Message {
	if err != nil {
		return failureMessage(kind, uint64(id), failureOf(context.Background(), err))
	}
	m := newMessage(kind, uint64(id))
	m.text = append(m.text, ']')
	return m
}

// AskGrant makes the page grant credit once it has consumed this value or these bytes. Call it at
// most once.
func (m *Message) AskGrant() {
	m.text = append(m.text[:len(m.text)-1], ",1]"...)
}
