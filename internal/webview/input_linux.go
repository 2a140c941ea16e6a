package webview

/*
#include "native_linux.h"
*/
import "C"

import "time"

// inputLasts is how long a person's input stands behind what the page does: long enough for a command that the page asks
// for an address before it goes there, too short for a script that waits until the person has turned to something else.
const inputLasts = 2 * time.Second

// redelivered is how long an event that WebKit hands back to GTK, since the page had no use for it, may be on its way.
const redelivered = time.Minute

// input is what a person has lately done in a window. What WebKit calls a user's gesture is no proof: a script that Go
// evaluates counts as one, and all that follows it.
//
// The zero input is nothing done. One press, with its release, stands behind one opening of a link.
type input struct {
	at    time.Time           // of the last press that is not spent, or of its release
	aside bool                // it was in a menu, popup or dialog of the window's
	held  map[uint32]struct{} // keys and buttons that are down
	last  uint32              // the display's time of the last press
	when  time.Time           // that press, by our clock
	known bool                // there was one
}

// press notes that a key, button or touch has gone down at the display's time, in milliseconds. Each may come more than
// once: from every widget that it passes, and from WebKit again.
func (i *input) press(code, display uint32, aside bool) {
	now := time.Now()
	if i.known && now.Sub(i.when) < redelivered && int32(display-i.last) <= 0 {
		return
	}
	i.last, i.when, i.known = display, now, true
	if _, down := i.held[code]; down {
		return // a key that repeats itself
	}
	if i.held == nil {
		i.held = map[uint32]struct{}{}
	}
	i.held[code] = struct{}{}
	i.at, i.aside = now, aside
}

// release notes that what was pressed has come up again: the click, or the space bar, is done now.
func (i *input) release(code uint32) {
	if _, down := i.held[code]; !down {
		return
	}
	delete(i.held, code)
	if !i.at.IsZero() {
		i.at = time.Now()
	}
}

// left forgets what is held: the window is not told of its release.
func (i *input) left() { clear(i.held) }

// backs tells whether there is input that is not spent and stands behind what a page does: gesture is whether WebKit takes
// that for the user's. It does not after a choice in a list or a context menu, and with a frame that nobody has touched.
func (i *input) backs(gesture bool) bool {
	return !i.at.IsZero() && time.Since(i.at) <= inputLasts && (gesture || i.aside)
}

// spend uses the last input up. It reports false if that was done before.
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
