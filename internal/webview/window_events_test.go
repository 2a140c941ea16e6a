package webview_test

import (
	"testing"

	"casement/internal/webview"
)

func TestAWindowTellsItsSizeAndFocus(t *testing.T) {
	desktop(t)
	a := start(t, false)
	type size struct{ w, h int }
	resized, focused, moved := make(chan size, 100), make(chan bool, 100), make(chan size, 100)
	w := a.open(webview.WindowOptions{Title: "sized", Assets: page(post + `<script>
			post("ready"); addEventListener("resize", () => post(innerWidth + "x" + innerHeight))</script>`),
		Handlers: webview.Handlers{
			Resized: func(w, h int) { resized <- size{w, h} },
			Focused: func(on bool) { focused <- on },
			Moved:   func(x, y int) { moved <- size{x, y} },
		}})
	a.expect("ready")
	a.ui(func() { w.Focus() })
	for !wait(t, focused, "Focused(true)") {
	}
	a.ui(func() { w.SetSize(500, 350) })
	for wait(t, resized, "Resized") != (size{500, 350}) {
	}
	for a.message() != "500x350" {
	}
	b := a.open(webview.WindowOptions{Title: "in front", Assets: page("")})
	a.ui(func() { b.Focus() })
	for wait(t, focused, "Focused(false)") {
	}
	wait(t, moved, "Moved")
}
