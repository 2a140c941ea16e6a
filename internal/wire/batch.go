package wire

import (
	"slices"
	"strconv"
	"sync"
	"time"
)

const (
	// scriptOverhead is an upper bound for the size of a script without its messages.
	scriptOverhead = 256
	// costScript and costBlob are the memory of a queued script, and of a message with bytes,
	// beyond the bytes themselves, rounded up.
	costScript = 256
	costBlob   = 192
)

// A batch is the content of one script.
type batch struct {
	// text holds the messages, separated by commas and tabs (wire.go explains the tabs). blobs are
	// the messages that have bytes: these become further arguments of the script, of blobSize bytes
	// in total.
	text     []byte
	blobs    []*Message
	blobSize int
	// prefix is set if the batch is a piece of a message: the script is prefix, text and "')".
	prefix string
	// last is the message whose last piece text is.
	last *Message
	// continued is set if text continues a message whose pieces went before.
	continued bool
	// raw is set if text is a script of its own.
	raw bool
}

func (b *batch) size() int { return len(b.text) + b.blobSize }

// cost returns the memory of the queued batch, in bytes.
func (b *batch) cost() int {
	cost := b.size() + len(b.blobs)*costBlob
	if !b.open() {
		cost += costScript
	}
	return cost
}

// delay returns how long the page may take to acknowledge the batch.
func (b *batch) delay() time.Duration {
	if b.prefix != "" || b.blobSize > len(b.text) {
		return maxDelayBulk
	}
	return maxDelay
}

// open reports whether messages may be added to the batch.
func (b *batch) open() bool { return !b.raw && b.prefix == "" }

func (b *batch) add(m *Message) {
	if len(b.text) > 0 {
		b.text = append(b.text, ",\t"...)
	}
	b.text = append(b.text, m.text...)
	if m.bytes {
		m.hold()
		b.blobs = append(b.blobs, m)
		b.blobSize += len(m.blob) + len(",''")
	}
}

// batches and scripts are pools. An idle element is dropped at the second garbage collection.
var (
	batches = sync.Pool{New: func() any { return new(batch) }}
	scripts = sync.Pool{New: func() any { return new([]byte) }}
)

// done releases the messages that the batch refers to, and recycles the batch.
func (b *batch) done() {
	for i, m := range b.blobs {
		m.Free()
		b.blobs[i] = nil
	}
	b.blobs, b.blobSize = b.blobs[:0], 0
	if b.last != nil {
		b.last.Free()
	}
	if b.open() && cap(b.text) <= maxPooledMessage { // Otherwise text belongs to a message.
		*b = batch{text: b.text[:0], blobs: b.blobs}
		batches.Put(b)
	}
}

// eval evaluates a batch. Unless ask is 0, the script asks the page to acknowledge script number
// ask.
//
// A script without a guard consists only of calls of named functions, each with one literal.
// JavaScriptCore takes such scripts for JSONP and reads them with its JSON parser: it neither
// compiles them nor looks them up in its code cache. For large scripts that saves four fifths of
// the work, by make bench.
func (o *outbox) eval(b *batch, ask uint64) {
	buffer := scripts.Get().(*[]byte)
	script := slices.Grow((*buffer)[:0], scriptOverhead+len(o.guard)+len(b.prefix)+b.size())
	defer func() {
		if cap(script) <= maxPooledMessage {
			*buffer = script
			scripts.Put(buffer)
		}
	}()
	if b.raw {
		// The script may have a syntax error, so it is evaluated alone.
		script = append(script, o.guard...)
		script = append(script, '\n')
		script = append(script, b.text...)
		o.host.Eval(append(script, "\n}"...))
		if ask == 0 {
			return
		}
		script = script[:0]
	}
	guarded := !o.host.Trusted()
	if guarded {
		script = append(script, o.guard...)
	}
	if !b.raw {
		script = b.appendScript(script, o.page)
	}
	if ask != 0 {
		script = append(script, "__ipc.ack(['"...)
		script = append(script, o.page...)
		script = append(script, "',"...)
		script = strconv.AppendUint(script, ask, 10)
		script = append(script, "])"...)
	}
	if guarded {
		script = append(script, '}')
	}
	o.host.Eval(script)
}

// appendScript appends the call that passes the batch to the page's runtime.
func (b *batch) appendScript(script []byte, page PageID) []byte {
	if b.prefix != "" {
		script = append(script, b.prefix...)
		script = append(script, b.text...)
		return append(script, "']);"...)
	}
	script = append(script, "__ipc.dispatch(['"...)
	script = append(script, page...)
	script = append(script, "','"...)
	if !b.continued {
		script = append(script, '[')
	}
	script = append(script, b.text...)
	script = append(script, "]'"...)
	for _, m := range b.blobs {
		script = append(script, ",'"...)
		script = append(script, m.blob...)
		script = append(script, '\'')
	}
	return append(script, "]);"...)
}
