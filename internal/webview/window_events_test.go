package webview_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"casement/internal/webview"
	"casement/internal/windowtest"
)

func TestAWindowReportsItsSizeAndFocus(t *testing.T) {
	windowtest.Desktop(t)
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

// compiled builds a C program of testdata and returns its path.
func compiled(t *testing.T, name string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), name)
	build := exec.Command("sh", "-c", `cc -o "$0" "testdata/$1.c" $(pkg-config --cflags --libs gtk+-3.0 x11)`, program, name)
	if out, err := build.CombinedOutput(); err != nil {
		t.Skipf("building %s failed: %v: %s", name, err, out)
	}
	return program
}

func TestAWindowReportsItsScaleAndTheme(t *testing.T) {
	daemon := exec.Command(compiled(t, "xsettings"))
	desktop, err := daemon.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	reply, err := daemon.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = daemon.Process.Kill()
		_ = daemon.Wait()
	}()
	set := func(scale int, theme string) {
		t.Helper()
		if _, err := fmt.Fprintln(desktop, scale, theme); err != nil {
			t.Fatal(err)
		}
		if _, err := reply.Read(make([]byte, 100)); err != nil {
			t.Skip("this display has a settings daemon")
		}
	}
	set(1, "Adwaita")

	a := start(t, false)
	scales, themes := make(chan float64, 100), make(chan bool, 100)
	w := a.open(webview.WindowOptions{
		Title: "scaled",
		Assets: page(post + `<script>
			const scale = () => post("page " + devicePixelRatio)
			const theme = matchMedia("(prefers-color-scheme: dark)")
			const ratio = () => matchMedia("(resolution: " + devicePixelRatio + "dppx)").addEventListener("change", () => { scale(); ratio() }, { once: true })
			theme.addEventListener("change", () => post("page " + theme.matches))
			ratio()
			scale()
			post("page " + theme.matches)</script>`),
		Handlers: webview.Handlers{
			ScaleChanged: func(scale float64) { scales <- scale },
			ThemeChanged: func(dark bool) { themes <- dark },
		},
	})
	a.expect("page 1")
	a.expect("page false")
	for range 2 {
		set(2, "Adwaita")
		if got := wait(t, scales, "ScaleChanged"); got != 2 {
			t.Errorf("the scale is %v, want 2", got)
		}
		a.expect("page 2")
		set(1, "Adwaita")
		if got := wait(t, scales, "ScaleChanged"); got != 1 {
			t.Errorf("the scale is %v, want 1", got)
		}
		a.expect("page 1")
		set(1, "Adwaita-dark")
		if !wait(t, themes, "ThemeChanged") {
			t.Error("the theme is light")
		}
		a.expect("page true")
		set(1, "HighContrast-dark") // still dark: no event
		set(1, "Adwaita")
		if wait(t, themes, "ThemeChanged") {
			t.Error("the theme is dark")
		}
		a.expect("page false")
	}
	a.ui(func() { w.Close() })
	set(2, "Adwaita-dark")
	a.ui(func() {})
	b := a.open(webview.WindowOptions{Assets: page(post + `<script>post("next " + devicePixelRatio)</script>`)})
	a.expect("next 2") // by now the closed window would have got its events
	set(1, "Adwaita")
	a.ui(func() { b.Close() })
	if len(scales)+len(themes) > 0 {
		t.Errorf("%d scale and %d theme events too many", len(scales), len(themes))
	}
}
