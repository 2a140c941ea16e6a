package wire

import (
	"slices"
	"strconv"
	"sync"
	"time"
)

const (
	// scriptOverhead is more than what a script holds besides its messages.
	scriptOverhead = 256
	// costScript and costBlob are what a script that waits by itself, and a message with bytes, cost beyond their bytes,
	// rounded up.
	costScript = 256
	costBlob   = 192
)

// A batch becomes one script.
type batch struct {
	// text holds the messages, separated by commas and tabs; see wire.go for the tabs. blobs are those among them that
	// have bytes, which become the script's further arguments, and blobSize what they take there.
	text     []byte
	blobs    []*Message
	blobSize int
	// prefix makes the batch a piece of a message: the script is prefix, text and "')".
	prefix string
	// last is the message that the text is the last piece of.
	last *Message
	// continued says that the text has begun in pieces before it.
	continued bool
	// raw says that text is a script of its own.
	raw bool
}

func (b *batch) size() int { return len(b.text) + b.blobSize }

// cost returns how many bytes the batch takes while it waits.
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

// open says whether messages may be added to what the batch holds.
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

// batches and scripts are used again, and go when the garbage is collected twice and nobody has.
var (
	batches = sync.Pool{New: func() any { return new(batch) }}
	scripts = sync.Pool{New: func() any { return new([]byte) }}
)

// done gives back what the batch refers to, and the batch.
func (b *batch) done() {
	for i, m := range b.blobs {
		m.Free()
		b.blobs[i] = nil
	}
	b.blobs, b.blobSize = b.blobs[:0], 0
	if b.last != nil {
		b.last.Free()
	}
	if b.open() && cap(b.text) <= maxPooledMessage { // Otherwise the text is not the batch's own.
		*b = batch{text: b.text[:0], blobs: b.blobs}
		batches.Put(b)
	}
}

// eval evaluates a batch and, unless ask is 0, has the page acknowledge that script.
//
// A script without a guard is nothing but calls of functions by name, each with one literal. JavaScriptCore takes such
// scripts for JSONP and reads them with its parser of JSON: it neither compiles them nor looks for them in its cache of
// compiled code. That is a fifth of the work for large ones, by make bench.
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
		// It may not even be valid, so it stands alone.
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

// appendScript appends the call that hands the batch to the page's runtime.
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
