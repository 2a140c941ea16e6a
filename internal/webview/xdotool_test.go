package webview_test

import (
	"os/exec"
	"strings"
	"testing"
	"time"
)

// xdo runs xdotool.
func xdo(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("xdotool", args...).CombinedOutput(); err != nil {
		t.Fatalf("xdotool: %v: %s", err, out)
	}
}

// window returns the X id of the window with this title.
func window(t *testing.T, title string) string {
	t.Helper()
	var id []byte
	var err error
	for range 200 { // the search fails if any window closes meanwhile
		id, err = exec.CommandContext(t.Context(), "xdotool", "search", "--onlyvisible", "--name", "^"+title+"$").Output()
		if err == nil && len(id) > 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil || len(id) == 0 {
		t.Fatalf("xdotool finds no window %q: %v", title, err)
	}
	return strings.Fields(string(id))[0]
}

// point moves the pointer to the middle of a window.
func point(t *testing.T, title string) {
	t.Helper()
	id := window(t, title)
	xdo(t, "windowactivate", "--sync", id)
	xdo(t, "mousemove", "--window", id, "200", "150")
}

// click presses the left button in the middle of the window with this title.
func click(t *testing.T, title string) {
	t.Helper()
	id := window(t, title)
	time.Sleep(200 * time.Millisecond) // until the window manager has placed it
	xdo(t, "mousemove", "--window", id, "200", "150", "click", "1")
}

// press presses keys in the window with this title, or in the focused one if the title is empty.
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
