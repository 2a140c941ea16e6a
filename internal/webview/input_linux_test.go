package webview_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"casement/internal/webview"
	"casement/internal/windowtest"
)

func TestInputAllowsOneOpening(t *testing.T) {
	t.Parallel()
	const key, other = 36, 65
	for name, test := range map[string]func(t *testing.T, i *webview.Input, expect func(bool)){
		"nothing": func(_ *testing.T, i *webview.Input, expect func(bool)) {
			expect(false)
			i.Release(key) // it was pressed in another window
			expect(false)
		},
		"time": func(_ *testing.T, i *webview.Input, expect func(bool)) {
			i.Press(key, 1, false)
			expect(true)
			time.Sleep(webview.InputLasts)
			expect(true)
			time.Sleep(time.Nanosecond)
			expect(false)
			i.Release(key) // the end of a long press
			expect(true)
		},
		"spent": func(t *testing.T, i *webview.Input, expect func(bool)) {
			i.Press(key, 1, false)
			if !i.Spend() || i.Spend() {
				t.Error("the input was not spent exactly once")
			}
			expect(false)
			i.Release(key) // of the same press
			expect(false)
			i.Press(key, 2, false)
			expect(true)
		},
		"again": func(_ *testing.T, i *webview.Input, expect func(bool)) {
			i.Press(key, 1, false)
			i.Press(other, 2, false)
			i.Release(other)
			i.Spend()
			time.Sleep(10 * time.Second)
			i.Press(key, 1, false) // WebKit delivers them again
			i.Press(other, 2, false)
			expect(false)
		},
		"repeat": func(_ *testing.T, i *webview.Input, expect func(bool)) {
			i.Press(key, 1, false)
			i.Spend()
			for at := range uint32(10) {
				i.Press(key, 500+at, false)
				expect(false)
			}
			i.Left() // the release goes to another window
			i.Press(key, 1000, false)
			expect(true)
		},
		"in a menu": func(t *testing.T, i *webview.Input, expect func(bool)) {
			i.Press(key, 1, true)
			if !i.Backs(false) {
				t.Error("input in a menu backs nothing without a gesture of WebKit")
			}
			i.Press(other, 2, false)
			expect(true)
			if i.Backs(false) {
				t.Error("input in the window backs an action without a gesture of WebKit")
			}
		},
		"the display's clock wraps": func(_ *testing.T, i *webview.Input, expect func(bool)) {
			i.Press(key, 1<<32-1, false)
			i.Release(key)
			i.Spend()
			time.Sleep(2 * time.Millisecond)
			i.Press(key, 1, false)
			expect(true)
			i.Release(key)
			time.Sleep(30 * 24 * time.Hour)
			i.Press(key, 1+1<<31, false)
			expect(true)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				i := new(webview.Input)
				test(t, i, func(want bool) {
					t.Helper()
					if got := i.Backs(true); got != want {
						t.Errorf("backs: %v, want %v", got, want)
					}
				})
			})
		})
	}
}

func TestALinkThatAPersonFollowsOpensOutside(t *testing.T) {
	windowtest.Desktop(t)
	const cover = `<div style="position:fixed;inset:0">link</div></a>`
	for name, c := range map[string]struct {
		html string
		act  func(t *testing.T, a *app, w *webview.Window, title string)
	}{
		"click":             {`<a href="https://example.com/there">` + cover, nil},
		"click on new tab":  {`<a target=_blank href="https://example.com/there">` + cover, nil},
		"click on mail":     {`<a href="mailto:someone@example.com">` + cover, nil},
		"click on a button": {`<form action="https://example.com/there"><button style="position:fixed;inset:0">go</button></form>`, nil},
		"click with a script's answer": {`<div style="position:fixed;inset:0" onclick="post('asks')">go</div>`,
			func(t *testing.T, a *app, w *webview.Window, title string) {
				click(t, title)
				a.expect("asks")
				a.eval(w, `location = "https://example.com/there"`)
			}},
		"click opens a window": {`<div style="position:fixed;inset:0" onclick="window.open('https://example.com/there')">go</div>`, nil},
		"enter": {`<a id=link href="https://example.com/there">link</a><script>link.focus()</script>`,
			func(t *testing.T, _ *app, _ *webview.Window, title string) { press(t, title, "Return") }},
		"tab and enter": {`<a href="https://example.com/there">link</a>`,
			func(t *testing.T, _ *app, _ *webview.Window, title string) { press(t, title, "Tab", "Return") }},
		"space": {`<button id=b onclick="location='https://example.com/there'">go</button><script>b.focus()</script>`,
			func(t *testing.T, _ *app, _ *webview.Window, title string) { press(t, title, "space") }},
		"choice in a list": {`<select id=s onchange="location=s.value" style="position:fixed;inset:0"><option>x<option>https://example.com/there</select>`,
			func(t *testing.T, _ *app, _ *webview.Window, title string) {
				click(t, title)
				time.Sleep(webview.InputLasts + time.Second/2) // a person reads the list first
				press(t, "", "Down", "Return")
			}},
		"answer to a question": {`<div style="position:fixed;inset:0" onclick="post('asks');if(confirm('go?'))location='https://example.com/there'">go</div>`,
			func(t *testing.T, a *app, _ *webview.Window, title string) {
				click(t, title)
				a.expect("asks")
				time.Sleep(webview.InputLasts + time.Second/2)
				press(t, title, "Return")
			}},
		"context menu": {`<a href="https://example.com/there">` + cover,
			func(t *testing.T, _ *app, _ *webview.Window, title string) {
				point(t, title)
				xdo(t, "click", "3")
				time.Sleep(webview.InputLasts + time.Second/2)
				press(t, "", "Down", "Return")
			}},
	} {
		t.Run(name, func(t *testing.T) {
			opened := browser(t)
			logged := new(lines)
			a := start(t, false, logged)
			title := "followed by " + name
			w := a.open(webview.WindowOptions{Title: title, Assets: page(post + c.html + painted)})
			a.expect("ready")
			if c.act != nil {
				c.act(t, a, w, title)
			} else {
				click(t, title)
			}
			if got := opened(); !strings.Contains(got, "example.com") || strings.Contains(got, "\n") {
				t.Errorf("the system's browser got %q; logged\n%s", got, logged)
			}
		})
	}
}

func TestNoLinkOpensOutsideWithoutAPerson(t *testing.T) {
	windowtest.Desktop(t)
	const link = `<a id=link href="https://example.com/there">link</a><a id=tab target=_blank href="https://example.com/there">tab</a>` +
		`<a id=mail href="mailto:someone@example.com">mail</a><form id=form action="https://example.com/there"></form>`
	for name, script := range map[string]string{
		"location":           `location = "https://example.com/there"`,
		"location, later":    `Promise.resolve().then(() => setTimeout(() => location = "https://example.com/there"))`,
		"click":              `link.click()`,
		"event":              `link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, view: window }))`,
		"click on new tab":   `tab.click()`,
		"new window":         `open("https://example.com/there")`,
		"click on mail":      `mail.click()`,
		"location of a mail": `location = "mailto:someone@example.com"`,
		"form":               `form.requestSubmit()`,
		"form in a new tab":  `form.target = "_blank"; form.submit()`,
	} {
		t.Run(name, func(t *testing.T) {
			opened := browser(t)
			logged := new(lines)
			a := start(t, false, logged)
			w := a.open(webview.WindowOptions{Title: "alone", Assets: page(post + link + painted)})
			a.expect("ready")
			window(t, "alone")
			a.eval(w, script)
			refused(t, logged, 1)
			if strings.Contains(logged.String(), "outside=true") {
				t.Errorf("the system's browser got %q", opened())
			}
		})
	}
}

// refused waits until n navigations have been refused.
func refused(t *testing.T, logged *lines, n int) {
	t.Helper()
	eventually(t, fmt.Sprintf("%d refusals", n), func() bool {
		return strings.Count(logged.String(), "refused a navigation") >= n
	})
}

func TestOneClickOpensOneLink(t *testing.T) {
	windowtest.Desktop(t)
	opened := browser(t)
	logged := new(lines)
	a := start(t, false, logged)
	w := a.open(webview.WindowOptions{Title: "greedy", Assets: page(post + `<div style="position:fixed;inset:0">go</div><script>
		const go = how => {
			const link = document.createElement("a")
			// WebKit asks about each of these; of several location changes, only about the last.
			link.target = "_blank"
			link.href = "mailto:someone@example.com?subject=" + how
			link.click()
		}
		for (const how of ["mousedown", "mouseup", "click"]) addEventListener(how, () => { go(how); setTimeout(go, 0, how + "-later") })
		addEventListener("click", () => setTimeout(post, 50, "clicked"))</script>` + painted)})
	a.expect("ready")
	click(t, "greedy")
	a.expect("clicked")
	for range 10 { // WebKit takes each for a user gesture
		a.eval(w, `go("script")`)
	}
	a.eval(w, `setTimeout(post, 50, "done")`)
	a.expect("done")
	refused(t, logged, 13) // at least
	if got := opened(); strings.Count(got, "mailto:") != 1 || strings.Count(logged.String(), "outside=true") != 1 {
		t.Errorf("the system's mail program got\n%s\nlogged:\n%s", got, logged)
	}
}

// A click in one window must not allow another window to open a link.
func TestAClickCountsForItsWindowOnly(t *testing.T) {
	windowtest.Desktop(t)
	opened := browser(t)
	logged := new(lines)
	a := start(t, false, logged)
	other := a.open(webview.WindowOptions{Title: "not clicked", Assets: page(post + painted)})
	a.expect("ready")
	a.open(webview.WindowOptions{Title: "clicked", Assets: page(post + `<body onclick="post('clicked')" style="height:100vh">` + painted)})
	a.expect("ready")
	click(t, "clicked")
	a.expect("clicked")
	a.eval(other, `location = "https://example.com/there"`)
	refused(t, logged, 1)
	if strings.Contains(logged.String(), "outside=true") {
		t.Errorf("the system's browser got %q", opened())
	}
}
