package webview_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"casement/internal/webview"
	"casement/internal/windowtest"
)

func TestInputStandsBehindOneOpening(t *testing.T) {
	t.Parallel()
	const key, other = 36, 65
	for name, test := range map[string]func(t *testing.T, i *webview.Input, expect func(bool)){
		"nothing": func(_ *testing.T, i *webview.Input, expect func(bool)) {
			expect(false)
			i.Release(key) // pressed elsewhere
			expect(false)
		},
		"time": func(_ *testing.T, i *webview.Input, expect func(bool)) {
			i.Press(key, 1, false)
			expect(true)
			time.Sleep(webview.InputLasts)
			expect(true)
			time.Sleep(time.Nanosecond)
			expect(false)
			i.Release(key) // a long press is over now
			expect(true)
		},
		"spent": func(t *testing.T, i *webview.Input, expect func(bool)) {
			i.Press(key, 1, false)
			if !i.Spend() || i.Spend() {
				t.Error("it is not spent once")
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
			i.Press(key, 1, false) // as WebKit hands them back
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
			i.Left() // the release goes to somebody else
			i.Press(key, 1000, false)
			expect(true)
		},
		"in a menu": func(t *testing.T, i *webview.Input, expect func(bool)) {
			i.Press(key, 1, true)
			if !i.Backs(false) {
				t.Error("it backs nothing unless WebKit says so")
			}
			i.Press(other, 2, false)
			expect(true)
			if i.Backs(false) {
				t.Error("it backs what is not the user's")
			}
		},
		"the display's clock begins again": func(_ *testing.T, i *webview.Input, expect func(bool)) {
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
				time.Sleep(webview.InputLasts + time.Second/2) // the list is read before it is answered
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
				t.Errorf("the system's browser was given %q; logged\n%s", got, logged)
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
				t.Errorf("the system's browser was given %q", opened())
			}
		})
	}
}

// refused waits until so many navigations have been refused.
func refused(t *testing.T, logged *lines, n int) {
	t.Helper()
	eventually(t, fmt.Sprintf("%d refusals", n), func() bool {
		return strings.Count(logged.String(), "a navigation was refused") >= n
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
			link.target = "_blank" // for each of which WebKit asks, where a location follows another
			link.href = "mailto:someone@example.com?subject=" + how
			link.click()
		}
		for (const how of ["mousedown", "mouseup", "click"]) addEventListener(how, () => { go(how); setTimeout(go, 0, how + "-later") })
		addEventListener("click", () => setTimeout(post, 50, "clicked"))</script>` + painted)})
	a.expect("ready")
	click(t, "greedy")
	a.expect("clicked")
	for range 10 { // each of which WebKit takes for the user's
		a.eval(w, `go("script")`)
	}
	a.eval(w, `setTimeout(post, 50, "done")`)
	a.expect("done")
	refused(t, logged, 13) // at least
	if got := opened(); strings.Count(got, "mailto:") != 1 || strings.Count(logged.String(), "outside=true") != 1 {
		t.Errorf("the system's mail program was given\n%s\nlogged:\n%s", got, logged)
	}
}

// A click in one window is none in another.
func TestAClickIsItsWindows(t *testing.T) {
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
		t.Errorf("the system's browser was given %q", opened())
	}
}

func xdo(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("xdotool", args...).CombinedOutput(); err != nil {
		t.Fatalf("xdotool: %v: %s", err, out)
	}
}

// point moves the pointer to the middle of a window.
func point(t *testing.T, title string) {
	t.Helper()
	id := window(t, title)
	xdo(t, "windowactivate", "--sync", id)
	xdo(t, "mousemove", "--window", id, "200", "150")
}

// press presses keys in a window, or wherever they go.
func press(t *testing.T, title string, keys ...string) {
	t.Helper()
	if title != "" {
		xdo(t, "windowactivate", "--sync", window(t, title))
	}
	for _, key := range keys {
		xdo(t, "key", key)
		time.Sleep(100 * time.Millisecond) // as a person does
	}
}
