package events

// An Option configures an emit.
type Option struct{ apply func(*emission) }

// Retain retains the event for later listeners: a new listener receives the newest event that was
// retained for its target.
func Retain() Option { return Option{func(e *emission) { e.retain = true }} }
