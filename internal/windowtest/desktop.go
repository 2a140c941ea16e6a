package windowtest

import (
	"errors"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// manager starts a window manager if the display has none, as a virtual one does. It ends with the
// display.
var manager = sync.OnceValue(func() error {
	if exec.Command("wmctrl", "-m").Run() == nil {
		return nil // the desktop has one
	}
	if err := exec.Command("openbox").Start(); err != nil {
		return err
	}
	for range 500 {
		if exec.Command("wmctrl", "-m").Run() == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return errors.New("openbox does not answer")
})

// Desktop ensures that the display has a window manager, which handles the user's clicks on a title
// bar. It skips the test if a tool is missing.
func Desktop(t *testing.T) {
	t.Helper()
	for _, tool := range []string{"openbox", "wmctrl", "xdotool"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool, "is not installed")
		}
	}
	if err := manager(); err != nil {
		t.Fatal(err)
	}
}

// PressX waits for the window with this title and asks it to close, as its close button does.
func PressX(t *testing.T, title string) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if list, err := exec.Command("wmctrl", "-l").Output(); err == nil && strings.Contains(string(list), title) {
			if out, err := exec.Command("wmctrl", "-F", "-c", title).CombinedOutput(); err != nil {
				t.Fatalf("wmctrl: %v: %s", err, out)
			}
			return
		}
	}
	list, err := exec.Command("wmctrl", "-l").CombinedOutput()
	t.Fatalf("no window has the title %q: %s %v", title, list, err)
}
