package events

// An Option changes how an event is emitted.
type Option struct{ apply func(*emission) }

// Retain keeps the event for later listeners: whoever begins to listen is told of the last one that was
// retained for its mailbox.
func Retain() Option { return Option{func(e *emission) { e.retain = true }} }
