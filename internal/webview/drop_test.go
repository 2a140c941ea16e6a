package webview_test

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"casement/internal/webview"
)

func TestFilesCanBeDroppedOnThePage(t *testing.T) {
	desktop(t)
	source := filepath.Join(t.TempDir(), "dragsource")
	build := exec.Command("sh", "-c", `cc -o "$0" testdata/dragsource.c $(pkg-config --cflags --libs gtk+-3.0)`, source)
	if out, err := build.CombinedOutput(); err != nil {
		t.Skipf("the drag source can't be built: %v: %s", err, out)
	}
	files := []string{filepath.Join(t.TempDir(), "a file.txt"), "/tmp/100% é.bin"}
	drag := exec.Command(source, files...)
	if err := drag.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = drag.Process.Kill()
		_ = drag.Wait()
	}()

	a := start(t, false)
	dropped := make(chan []string, 1)
	w := a.open(webview.WindowOptions{
		Title: "drop target",
		Assets: page(post + `<body style="height:300px"><script>
			addEventListener("dragover", e => e.preventDefault())
			requestAnimationFrame(()=>requestAnimationFrame(()=>post("ready")))</script>`),
		Handlers: webview.Handlers{Dropped: func(paths []string, x, y int) {
			if x < 0 || x > 400 || y < 0 || y > 300 {
				t.Errorf("dropped at %d, %d", x, y)
			}
			dropped <- slices.Clone(paths)
		}},
	})
	a.expect("ready")
	from, to := window(t, "drag source"), window(t, "drop target")
	xdo := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("xdotool", args...).CombinedOutput(); err != nil {
			t.Fatalf("xdotool: %v: %s", err, out)
		}
		time.Sleep(50 * time.Millisecond)
	}
	xdo("windowmove", from, "700", "400")
	xdo("windowmove", to, "50", "50")
	time.Sleep(300 * time.Millisecond)
	xdo("mousemove", "--window", from, "100", "100")
	xdo("mousedown", "1")
	for _, d := range []string{"110", "130", "160"} {
		xdo("mousemove", "--window", from, d, d)
	}
	for _, d := range []string{"180", "190", "200", "210"} {
		xdo("mousemove", "--window", to, d, d)
	}
	time.Sleep(200 * time.Millisecond)
	xdo("mouseup", "1")
	if got := wait(t, dropped, "the drop"); !slices.Equal(got, files) {
		t.Errorf("dropped %q, want %q", got, files)
	}
	a.quiet()
	a.eval(w, `post(location.href)`) // a dropped file is not gone to
	a.expect("app://localhost/")
}

// window returns the X id of the window with this title.
func window(t *testing.T, title string) string {
	t.Helper()
	id, err := exec.Command("xdotool", "search", "--sync", "--onlyvisible", "--name", "^"+title+"$").Output()
	if err != nil {
		t.Fatalf("xdotool: %v", err)
	}
	return strings.Fields(string(id))[0]
}
