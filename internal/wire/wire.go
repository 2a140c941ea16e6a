package wire

import (
	json "github.com/goccy/go-json"

	"casement/ipc"
)

// The wire between Go and one page. The page's half is frontend/api/src/wire.ts: the same names in
// the same order. The tests of both sides read testdata/wire/*.json.
//
// A batch from the page to Go is text: a line "KEY PAGE", then for each message a header line
// (JSON, see header) and a body line (JSON, base64 or empty). JSON never contains a raw newline, so
// a batch is split without reading the bodies. A large body may travel beside the batch, as an
// upload.
//
// A batch from Go to the page is one script:
//
//	__ipc.dispatch([PAGE, '[message,TABmessage…]', 'base64', …])
//
// Each message is a tuple that begins with one of the outbound kinds. It contains no raw tab, so
// one that is invalid JSON does not affect the others. A message larger than a script is split, and
// its pieces go ahead of the batch:
//
//	__ipc.part([PAGE, SIZE, 'piece'])

// The kinds of messages from a page.
const (
	// kindHello is a page's first message: the document has started, and Go may send to it.
	kindHello = "hello"
	// kindBye is a page's last message: the document is going away, or belongs to another origin.
	kindBye = "bye"
	// kindCall calls a command. The body holds the arguments; one settle message answers.
	kindCall = "call"
	// kindBody is the body of an earlier message that could not be uploaded, or the failure in its
	// place.
	kindBody = "body"
	// kindCancel cancels a call. The page has already settled the promise.
	kindCancel = "cancel"
	// kindGrant reports the number of a channel's messages that the page has consumed since it
	// began.
	kindGrant = "grant"
	// kindClose reports that the page no longer reads this channel.
	kindClose = "close"
	// kindAck acknowledges all scripts up to and including this one.
	kindAck = "ack"
	// kindEvaluated answers an evaluation. The body is its value, or its failure.
	kindEvaluated = "evaluated"
	// kindListen adds a listener for an event. One settle message confirms it.
	kindListen = "listen"
	// kindUnlisten removes a listener. It has no answer.
	kindUnlisten = "unlisten"
	// kindEmit emits an event. The body is its payload; one settle message answers.
	kindEmit = "emit"
	// kindPush is a sink's next value: JSON, or base64 if the header says "bytes".
	kindPush = "push"
	// kindEnd is the end of a sink. The body is its failure, if any.
	kindEnd = "end"
	// kindLog is a problem in the page, for the app's log. The body is its text.
	kindLog = "log"
)

// A header is the first line of a message from a page: its kind, and the fields of that kind.
type header struct {
	Kind string `json:"kind"`
	// ID identifies a call (call, cancel), the promise to settle (listen, emit), an evaluation
	// (evaluated) or an upload (body).
	ID      uint64 `json:"id"`
	Command string `json:"command"`
	// Body is "bytes" if the body (call, push) is binary: base64 unless it is uploaded.
	Body string `json:"body"`
	// Uploaded names the body (call, push) if it is not here. The body is uploaded, see
	// Endpoint.Upload, or follows in a kindBody message.
	Uploaded uint64            `json:"uploaded"`
	Headers  map[string]string `json:"headers"`
	// Channels and Sinks are the ids of those among a call's arguments.
	Channels []ChannelID `json:"channels"`
	Sinks    []ChannelID `json:"sinks"`
	Channel  ChannelID   `json:"channel"`
	Messages uint64      `json:"messages"`
	Scripts  uint64      `json:"scripts"`
	Failed   bool        `json:"failed"`
	// Ask is set if the page wants a grant once this value is consumed (push).
	Ask bool `json:"ask"`
	// Event is the name of an event. Target is its target (emit) or the target to listen on
	// (listen).
	Event    string          `json:"event"`
	Target   json.RawMessage `json:"target"`
	Listener ListenerID      `json:"listener"`
	// URL is the new address of the window when it shows a foreign document (bye), or the script or
	// file of a problem (log); Line and Column are the place in it.
	URL    string `json:"url"`
	Line   uint64 `json:"line"`
	Column uint64 `json:"column"`
	// Log is one of console, error, rejection, policy, resource and omitted. omitted reports that
	// the page omitted Messages reports.
	Log string `json:"log"`

	// size is the size of the line, in bytes, which bounds the memory of the decoded fields.
	size int
}

// An outbound is the kind of a message to a page, and its first element.
type outbound byte

const (
	// outSettle settles a call with a value: [settle, id, value].
	outSettle outbound = iota
	// outSettleBytes settles a call with bytes, the batch's next blob: [settleBytes, id].
	outSettleBytes
	// outSettleError settles a call with an error: [settleError, id, failure].
	outSettleError
	// outValue is a channel's next value: [value, channel, value], followed by a 1 to ask for a
	// grant.
	outValue
	// outBytes is a channel's next bytes, the batch's next blob: [bytes, channel], followed by a 1
	// to ask for a grant.
	outBytes
	// outEnd is the end of a channel: [end, channel], followed by its failure, if any.
	outEnd
	// outEvent is an event: [event, listeners, payload, source]. source is a window's label or
	// null.
	outEvent
	// outGrant reports the number of values of a sink that Go has consumed since it began:
	// [grant, sink, messages].
	outGrant
	// outStop reports that Go no longer reads this sink: [stop, sink], followed by the failure, if
	// any.
	outStop
)

// neverRan reports whether the code means that the command did not run. The page then ends the
// channels and sinks among the call's arguments.
func neverRan(c ipc.Code) bool {
	switch c {
	case ipc.CodeUnknownCommand, ipc.CodeBadArguments, ipc.CodeDenied, ipc.CodeTooLarge, ipc.CodeBusy, ipc.CodeDisconnected:
		return true
	}
	return false
}

// A failure is an error in its wire form.
type failure struct {
	Code    ipc.Code `json:"code"`
	Message string   `json:"message"`
	Details any      `json:"details,omitempty"`
}
