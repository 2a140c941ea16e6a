// Package events is an app's event bus. An event is a name and a JSON payload. It is delivered to
// its listeners, in Go and in the pages of all windows, without acknowledgement.
//
// A target is the app or a window. Each listener listens on one target, or on any. An event is
// emitted for all targets, for one, or for those that a filter accepts. A listener on any receives
// the events of all targets.
//
//	emitted ↓  listener →   app   window L   any
//	Emit                    yes   yes        yes
//	EmitTo(L)               –     yes        yes
//	EmitTo(other)           –     –          yes
//	EmitFilter(f)           f(App) f(L)      if f accepts a live target
//
// A page listens on its own window by default.
package events
