package webview_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"casement/internal/webview"
	"casement/internal/windowtest"
)

func TestFilesCanBeDroppedOnThePage(t *testing.T) {
	windowtest.Desktop(t)
	files := []string{filepath.Join(t.TempDir(), "a file.txt"), "/tmp/100% é.bin"}
	drag := exec.Command(compiled(t, "dragsource"), append([]string{"file://otherhost/x"}, files...)...)
	if err := drag.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = drag.Process.Kill()
		_ = drag.Wait()
	}()

	a := start(t, false)
	type event struct {
		what  string
		paths []string
		x, y  int
	}
	events := make(chan event, 100)
	w := a.open(webview.WindowOptions{
		Title: "drop target",
		Assets: page(post + `<body style="height:300px"><script>
			addEventListener("dragover", e => e.preventDefault())
			addEventListener("drop", e => post("page " + e.clientX + " " + e.clientY))
			requestAnimationFrame(()=>requestAnimationFrame(()=>post("ready")))</script>`),
		Handlers: webview.Handlers{
			DragEntered: func(paths []string, x, y int) { events <- event{"enter", paths, x, y} },
			DraggedOver: func(x, y int) { events <- event{what: "over", x: x, y: y} },
			Dropped:     func(paths []string, x, y int) { events <- event{"drop", paths, x, y} },
			DragLeft:    func() { events <- event{what: "leave"} },
		},
	})
	// next returns the next event. It skips moves unless it waits for one.
	next := func(what string) (e event) {
		t.Helper()
		for e = wait(t, events, what); e.what == "over" && what != "over"; e = wait(t, events, what) {
		}
		if e.what != what {
			t.Fatalf("%+v, want %s", e, what)
		}
		if what != "leave" && (e.x < 150 || e.x > 250 || e.y < 150 || e.y > 250) {
			t.Errorf("%s at %d, %d", what, e.x, e.y)
		}
		if (what == "enter" || what == "drop") && !slices.Equal(e.paths, files) {
			t.Errorf("%s with %q, want %q", what, e.paths, files)
		}
		return e
	}
	a.expect("ready")
	from, to := window(t, "drag source"), window(t, "drop target")
	xdo := func(args ...string) {
		t.Helper()
		xdo(t, args...)
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
	above := func() {
		t.Helper()
		for _, d := range []string{"180", "190", "200", "210"} {
			xdo("mousemove", "--window", to, d, d)
		}
	}
	above()
	next("enter")
	next("over")
	xdo("mousemove", "--window", from, "160", "160") // away again
	next("leave")
	above()
	next("enter")
	time.Sleep(200 * time.Millisecond)
	xdo("mouseup", "1")
	drop := next("drop")
	a.expect(fmt.Sprintf("page %d %d", drop.x, drop.y))
	a.quiet()
	a.eval(w, `post(location.href)`) // the page must not navigate to the file
	a.expect("app://localhost/")
	if len(events) > 0 {
		t.Errorf("after the drop: %+v", <-events)
	}
}
