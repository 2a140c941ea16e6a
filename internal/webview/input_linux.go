package webview

/*
#include "native_linux.h"
*/
import "C"

import "time"

// inputLasts is how long a page may use a person's input. It is long enough for a page that calls a
// command for the URL first, and too short for a script that waits until the person does something
// else.
const inputLasts = 2 * time.Second

// redelivered is how late an event may come a second time: WebKit gives GTK back the events that
// the page did not handle.
const redelivered = time.Minute

// input records what a person did in a window lately. WebKit's own user gesture proves nothing: it
// counts a script that Go evaluates, and all that follows from it, as one.
//
// The zero input has no event. One press, with its release, allows one link to be opened.
type input struct {
	at    time.Time           // of the last press or its release; zero if it is spent
	aside bool                // the press was in a menu, popup or dialog of the window
	held  map[uint32]struct{} // keys and buttons that are down
	last  uint32              // the display's time of the last press
	when  time.Time           // our time of the last press
	known bool                // last and when are set
}

// press records that a key, button or touch went down. display is the display's time in
// milliseconds. The same event may come more than once: from each widget that it passes, and again
// from WebKit.
func (i *input) press(code, display uint32, aside bool) {
	now := time.Now()
	if i.known && now.Sub(i.when) < redelivered && int32(display-i.last) <= 0 {
		return
	}
	i.last, i.when, i.known = display, now, true
	if _, down := i.held[code]; down {
		return // auto-repeat
	}
	if i.held == nil {
		i.held = map[uint32]struct{}{}
	}
	i.held[code] = struct{}{}
	i.at, i.aside = now, aside
}

// release records that a key or button went up, which is when a click or the space bar takes
// effect.
func (i *input) release(code uint32) {
	if _, down := i.held[code]; !down {
		return
	}
	delete(i.held, code)
	if !i.at.IsZero() {
		i.at = time.Now()
	}
}

// left forgets all held keys and buttons: the window lost the focus and won't see their release.
func (i *input) left() { clear(i.held) }

// backs reports whether recent input that is not spent is behind an action of the page. gesture is
// WebKit's opinion. It is false for a choice in a list or context menu, which aside covers, and for
// a frame that nobody has touched.
func (i *input) backs(gesture bool) bool {
	return !i.at.IsZero() && time.Since(i.at) <= inputLasts && (gesture || i.aside)
}

// spend uses up the last input. It reports false if that was done before.
func (i *input) spend() bool {
	fresh := !i.at.IsZero()
	i.at = time.Time{}
	return fresh
}

//export casementInput
func casementInput(handle C.uintptr_t, kind C.int, code C.guint32, aside C.gboolean, display C.guint32) {
	v, leave := enter(handle)
	defer leave()
	switch kind {
	case C.CASEMENT_PRESS:
		v.input.press(uint32(code), uint32(display), aside != 0)
	case C.CASEMENT_RELEASE:
		v.input.release(uint32(code))
	case C.CASEMENT_LEFT:
		v.input.left()
	}
}
