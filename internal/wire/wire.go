package wire

import (
	json "github.com/goccy/go-json"

	"casement/ipc"
)

// The wire between Go and one page. The other half is frontend/api/src/wire.ts: the same names in the
// same order. Both sides' tests read testdata/wire/*.json.
//
// Page to Go, a batch is text: a line "KEY PAGE", then for each message a header line (JSON, see
// header) and a body line (JSON, base64 or empty). JSON never holds a raw newline, so a batch is cut
// apart without reading the bodies. A large body may travel beside the batch, as an upload.
//
// Go to page, a batch is one script: __ipc.dispatch([PAGE, '[message,TABmessage…]', 'base64', …]), where
// each message is a tuple that begins with one of the outbound kinds. A message holds no raw tab, so that
// one which is not JSON costs none of the others. What is larger than a script goes ahead of it in pieces:
// __ipc.part([PAGE, SIZE, 'piece']).

// The kinds of messages that a page sends.
const (
	// kindHello is a page's first message: the document has started, and Go may send to it.
	kindHello = "hello"
	// kindBye is a page's last message: the document is going away, or belongs to another origin.
	kindBye = "bye"
	// kindCall calls a command. The body holds the arguments; one settle message answers.
	kindCall = "call"
	// kindBody is the body of an earlier message that could not be uploaded, or the failure that stands for it.
	kindBody = "body"
	// kindCancel takes a call back. The page has settled the promise already.
	kindCancel = "cancel"
	// kindGrant says how many messages of a channel the page has consumed since it began.
	kindGrant = "grant"
	// kindClose says that nobody in the page reads this channel any more.
	kindClose = "close"
	// kindAck says that the page has taken in every script up to and including this one.
	kindAck = "ack"
	// kindEvaluated answers an evaluation. The body holds its value, or the failure it ended with.
	kindEvaluated = "evaluated"
	// kindListen begins to listen for an event. One settle message says that Go knows.
	kindListen = "listen"
	// kindUnlisten ends that. Nothing answers.
	kindUnlisten = "unlisten"
	// kindEmit emits an event. The body holds its payload; one settle message answers.
	kindEmit = "emit"
	// kindPush is a sink's next value: the body as JSON, or as base64 if the header says "bytes".
	kindPush = "push"
	// kindEnd is the end of a sink. The body holds the failure if it did not end well.
	kindEnd = "end"
	// kindLog is what went wrong in a page, for the app's log. The body holds the text.
	kindLog = "log"
)

// A header is the first line of a message from a page: its kind, and the fields that this kind has.
type header struct {
	Kind string `json:"kind"`
	// ID names a call (call, cancel), what is to be settled (listen, emit), an evaluation (evaluated) or what was
	// to be uploaded (body).
	ID      uint64 `json:"id"`
	Command string `json:"command"`
	// Body is "bytes" if the body (call, push) stands for raw bytes, and is base64 unless it is uploaded.
	Body string `json:"body"`
	// Uploaded names the body (call, push) if that is not here: it comes as it is, see Endpoint.Upload, or else in
	// a message of its own.
	Uploaded uint64            `json:"uploaded"`
	Headers  map[string]string `json:"headers"`
	// Channels and Sinks are the ids of those among a call's arguments.
	Channels []ChannelID `json:"channels"`
	Sinks    []ChannelID `json:"sinks"`
	Channel  ChannelID   `json:"channel"`
	Messages uint64      `json:"messages"`
	Scripts  uint64      `json:"scripts"`
	Failed   bool        `json:"failed"`
	// Ask is true if the page wants a grant once this value is consumed (push).
	Ask bool `json:"ask"`
	// Event is the name of an event, and Target the one it is for (emit) or whose events are heard (listen).
	Event    string          `json:"event"`
	Target   json.RawMessage `json:"target"`
	Listener ListenerID      `json:"listener"`
	// URL is where the window went instead, when it shows something that is not the app's (bye), or the script or file
	// that went wrong, and Line and Column the place in it (log).
	URL    string `json:"url"`
	Line   uint64 `json:"line"`
	Column uint64 `json:"column"`
	// Log is one of console, error, rejection, policy, resource and omitted. The last says that the page has left out
	// as many as Messages.
	Log string `json:"log"`

	// size is how many bytes the header has, which what is decoded from it may keep.
	size int
}

// An outbound kind begins each message to a page.
type outbound byte

const (
	// outSettle settles a call with a value: [settle, id, value].
	outSettle outbound = iota
	// outSettleBytes settles a call with bytes, the batch's next blob: [settleBytes, id].
	outSettleBytes
	// outSettleError settles a call with an error: [settleError, id, failure].
	outSettleError
	// outValue is a channel's next value: [value, channel, value], and a 1 behind it to ask for a grant.
	outValue
	// outBytes is a channel's next bytes, the batch's next blob: [bytes, channel], and a 1 to ask.
	outBytes
	// outEnd is the end of a channel: [end, channel], and the failure behind it if it did not end well.
	outEnd
	// outEvent is an event: [event, listeners, payload, source], the source being a window's label or null.
	outEvent
	// outGrant says how many values of a sink Go has consumed since it began: [grant, sink, messages].
	outGrant
	// outStop says that nobody in Go reads this sink any more: [stop, sink], and the failure behind it.
	outStop
)

// neverRan reports whether the code means that the command has not run. The page then gives up the
// channels among the call's arguments.
func neverRan(c ipc.Code) bool {
	switch c {
	case ipc.CodeUnknownCommand, ipc.CodeBadArguments, ipc.CodeDenied, ipc.CodeTooLarge, ipc.CodeBusy, ipc.CodeDisconnected:
		return true
	}
	return false
}

// A failure is an error as it crosses the wire.
type failure struct {
	Code    ipc.Code `json:"code"`
	Message string   `json:"message"`
	Details any      `json:"details,omitempty"`
}
