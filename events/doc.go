// Package events is an app's event bus: fire and forget, JSON, to every listener that an event is for, in
// Go and in the pages of all windows.
//
// Everybody who listens has a mailbox: the app, a window, or any. An event is emitted for all mailboxes,
// for one, or for those that a filter accepts; a listener on Any hears whatever is emitted for anybody.
//
//	emitted ↓  listener →   app   window L   any
//	Emit                    yes   yes        yes
//	EmitTo(L)               –     yes        yes
//	EmitTo(other)           –     –          yes
//	EmitFilter(f)           f(App) f(L)      if f accepts a live target
//
// A page's listeners are in its window's mailbox unless they say otherwise.
package events
