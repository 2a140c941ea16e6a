package windowtest

import (
	"errors"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// manager is the window manager of the display, if it is a virtual one: it goes with it.
var manager = sync.OnceValue(func() error {
	if exec.Command("wmctrl", "-m").Run() == nil {
		return nil // a desktop's own
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

// Desktop makes sure of a window manager: what a user's click on X goes through.
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

// PressX waits for the window with this title and asks it to close, as its X does.
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
	t.Fatalf("no window is called %q among %q %v", title, list, err)
}
