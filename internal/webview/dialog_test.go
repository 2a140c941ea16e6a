package webview_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"casement/internal/webview"
	"casement/internal/windowtest"
)

// dialogs has a script for each dialog that a page can open, and the start of the dialog's title.
// The title is empty if the dialog is inside the page's window.
var dialogs = map[string]struct{ script, title string }{
	"print":   {`print()`, "Print"},
	"file":    {`file.click()`, "Select File"},
	"files":   {`file.multiple = true; file.click()`, "Select Files"},
	"colour":  {`colour.click()`, "Select Color"},
	"alert":   {`alert("read this")`, ""},
	"confirm": {`confirm("sure?")`, ""},
	"prompt":  {`prompt("who?")`, ""},
}

// shown waits until a dialog of the app is on the screen.
func shown(t *testing.T, title string) {
	t.Helper()
	if title == "" {
		time.Sleep(500 * time.Millisecond) // it has no window of its own to wait for
		return
	}
	window(t, title)
}

// onScreen lists the X ids of the app's windows. It leaves out small ones, which GTK uses for
// dragging and nobody sees.
func onScreen(t *testing.T) (ids []string) {
	t.Helper()
	all, _ := exec.CommandContext(t.Context(), "xdotool", "search", "--onlyvisible", "--class", testID).Output()
	for id := range strings.FieldsSeq(string(all)) {
		size, _ := exec.CommandContext(t.Context(), "xdotool", "getwindowgeometry", "--shell", id).Output()
		width, height := 0, 0
		for line := range strings.FieldsSeq(string(size)) {
			_, _ = fmt.Sscanf(line, "WIDTH=%d", &width)
			_, _ = fmt.Sscanf(line, "HEIGHT=%d", &height)
		}
		if width > 50 && height > 50 {
			ids = append(ids, id)
		}
	}
	return ids
}

// asking opens a window whose page shows a dialog.
func asking(t *testing.T, a *app, name string) *webview.Window {
	t.Helper()
	d := dialogs[name]
	w := a.open(webview.WindowOptions{Title: "asks", Assets: page(post +
		`<input id=file type=file><input id=colour type=color>` + painted)})
	a.expect("ready")
	a.eval(w, `post("asks");`+d.script)
	a.expect("asks")
	shown(t, d.title)
	return w
}

func eachDialog(t *testing.T, test func(t *testing.T, name string, portable bool)) {
	windowtest.Desktop(t)
	t.Setenv("GTK_USE_PORTAL", "0") // dialogs of the desktop portal belong to another program
	for name := range dialogs {
		t.Run(name, func(t *testing.T) {
			bothPaths(t, func(t *testing.T, portable bool) { test(t, name, portable) })
		})
	}
}

func TestQuitAnswersEveryDialog(t *testing.T) {
	eachDialog(t, func(t *testing.T, name string, portable bool) {
		a := start(t, portable)
		asking(t, a, name)
		a.quit()
		eventually(t, "the screen to be empty", func() bool { return len(onScreen(t)) == 0 })
	})
}

func TestClosingAWindowCancelsItsDialogs(t *testing.T) {
	eachDialog(t, func(t *testing.T, name string, portable bool) {
		a := start(t, portable)
		stays := a.open(webview.WindowOptions{Title: "stays", Assets: page(post + painted)})
		a.expect("ready")
		w := asking(t, a, name)
		a.ui(w.Close)
		eventually(t, "one window to be left", func() bool { return len(onScreen(t)) == 1 })
		a.eval(stays, `post("still here")`)
		a.expect("still here")
	})
}

// A print dialog runs an event loop of its own, in which the app goes on and may open another
// dialog.
func TestQuitEndsDialogsInsideDialogs(t *testing.T) {
	windowtest.Desktop(t)
	bothPaths(t, func(t *testing.T, portable bool) {
		a := start(t, portable)
		asking(t, a, "print")
		w := a.open(webview.WindowOptions{Title: "asks too", Assets: page(post + `<title>second</title>` + painted)})
		a.expect("ready")
		a.eval(w, `post("asks");print()`)
		a.expect("asks")
		eventually(t, "two dialogs and two windows", func() bool { return len(onScreen(t)) == 4 })
		a.quit()
		eventually(t, "the screen to be empty", func() bool { return len(onScreen(t)) == 0 })
	})
}
