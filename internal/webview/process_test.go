package webview_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"casement/internal/processes"
	"casement/internal/webview"
)

// helpers are programs that run in their own process, on its main thread.
var helpers = map[string]func() int{
	"open":    helperOpen,
	"store":   helperStore,
	"signal":  helperSignal,
	"collect": helperCollect,
}

// helperOpen makes a loop and prints the error, if any.
func helperOpen() int {
	_, err := webview.NewLoop(webview.LoopOptions{ID: testID})
	switch {
	case errors.Is(err, webview.ErrNoDisplay):
		fmt.Println("ErrNoDisplay:", err)
	case err != nil:
		fmt.Println(err)
	default:
		fmt.Println("opened")
	}
	return 0
}

// helperStore counts its runs in localStorage and prints the count.
func helperStore() int {
	loop, err := webview.NewLoop(webview.LoopOptions{ID: os.Getenv("CASEMENT_ID"), Portable: os.Getenv("CASEMENT_PORTABLE") != ""})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	loop.Post(func() {
		var w *webview.Window
		w, err = loop.Open(webview.WindowOptions{
			Assets: page(post + `<script>const n = Number(localStorage.n || 0) + 1; localStorage.n = n; post("run")</script>`),
			Handlers: webview.Handlers{Message: func(raw []byte) {
				if string(raw) == "run" {
					w.Eval([]byte(`post("run " + n + " at " + location.origin)`))
					return
				}
				fmt.Println(string(raw))
				loop.Quit()
			}},
		})
	})
	time.AfterFunc(limit, loop.Quit)
	if err := errors.Join(err, loop.Run()); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// helperSignal recovers from nil dereferences in a message handler.
func helperSignal() int {
	loop, err := webview.NewLoop(webview.LoopOptions{ID: testID})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	n := 0
	loop.Post(func() {
		_, err = loop.Open(webview.WindowOptions{
			Assets: page(post + `<script>for (let i = 0; i < 100; i++) post("x".repeat(i * 1000))</script>`),
			Handlers: webview.Handlers{Message: func([]byte) {
				defer func() {
					if recover() == nil {
						fmt.Println("no panic")
					}
					if n++; n == 100 {
						fmt.Println("recovered", n)
						loop.Quit()
					}
				}()
				var p *int
				*p = 1
			}},
		})
	})
	time.AfterFunc(limit, loop.Quit)
	if err := errors.Join(err, loop.Run()); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// helperCollect uses every depth of a goroutine's stack on the UI thread and returns to C for each
// message.
func helperCollect() int {
	loop, err := webview.NewLoop(webview.LoopOptions{ID: testID, Portable: os.Getenv("CASEMENT_PORTABLE") != ""})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	const messages = 500
	n := 0
	loop.Post(func() {
		var w *webview.Window
		w, err = loop.Open(webview.WindowOptions{
			Assets: page(post + `<script>post("0")</script>`),
			Handlers: webview.Handlers{Message: func(raw []byte) {
				if string(raw) != fmt.Sprint(n) {
					fmt.Printf("message %q, want %d\n", raw, n)
				}
				for depth := range 50 {
					deep(depth * 7)
				}
				if n++; n == messages {
					fmt.Println("done")
					loop.Quit()
					return
				}
				if n%10 == 0 {
					runtime.GC() // shrinks the stack
				}
				loop.Post(func() { deep(n); w.Eval(fmt.Appendf(nil, `post("%d")`, n)) })
			}},
		})
	})
	time.AfterFunc(limit, loop.Quit)
	if err := errors.Join(err, loop.Run()); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// become runs this binary as a helper and returns what it printed.
func become(t *testing.T, name string, wrap []string, env ...string) string {
	t.Helper()
	args := append(wrap, os.Args[0])
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), append([]string{helper + "=" + name}, env...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the helper %s: %v\n%s\n%s", name, err, out, stderr.Bytes())
	}
	return strings.TrimSpace(string(out))
}

func TestWithoutADisplayThereIsAnError(t *testing.T) {
	got := become(t, "open", nil, "DISPLAY=", "WAYLAND_DISPLAY=")
	if !strings.HasPrefix(got, "ErrNoDisplay: ") {
		t.Errorf("%s", got)
	}
	if got := become(t, "open", nil, "DISPLAY=:65000", "WAYLAND_DISPLAY="); !strings.HasPrefix(got, "ErrNoDisplay: ") {
		t.Errorf("with a display that does not exist: %s", got)
	}
}

func TestStorageOutlivesARestartAndIsTheApplicationsOwn(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		data := t.TempDir()
		run := func(id string) string {
			env := []string{"CASEMENT_ID=" + id, "XDG_DATA_HOME=" + data, "XDG_CACHE_HOME=" + t.TempDir()}
			if portable {
				env = append(env, "CASEMENT_PORTABLE=1")
			}
			return become(t, "store", nil, env...)
		}
		first := run("com.example.one")
		if !strings.HasPrefix(first, "run 1 at ") {
			t.Fatal(first)
		}
		if got := run("com.example.two"); !strings.HasPrefix(got, "run 1 at ") {
			t.Errorf("another application: %s", got)
		}
		if got, want := run("com.example.one"), strings.Replace(first, "run 1", "run 2", 1); got != want {
			t.Errorf("again: %s, want %s", got, want)
		}
		if _, err := os.Stat(filepath.Join(data, "com.example.one")); err != nil {
			t.Error(err)
		}
	})
}

func TestItRunsWithoutWebKitsDevelopmentPackage(t *testing.T) {
	// The helper runs in a mount namespace without the files of the package.
	links, err := filepath.Glob("/usr/lib/*/libwebkit2gtk-4.?.so")
	if err != nil || len(links) == 0 {
		t.Skip("the package is not installed")
	}
	dir := filepath.Dir(links[0])
	script := fmt.Sprintf(`set -e
		up=$(mktemp -d); mount -t tmpfs tmpfs "$up"; mkdir "$up/u" "$up/w"
		mount -t overlay overlay -o lowerdir=%s,upperdir="$up/u",workdir="$up/w" %s
		rm %s/libwebkit2gtk-4.?.so
		exec "$0"`, dir, dir, dir)
	wrap := []string{"unshare", "--mount", "--propagation", "private", "sh", "-c", script}
	if out, err := exec.Command("unshare", "--mount", "--propagation", "private", "sh", "-c", script, "true").CombinedOutput(); err != nil {
		t.Skipf("no mount namespace with an overlay here: %v: %s", err, out)
	}
	got := become(t, "store", wrap, "CASEMENT_ID=com.example.nodev", "XDG_DATA_HOME="+t.TempDir())
	if !strings.HasPrefix(got, "run 1 at ") {
		t.Errorf("%s", got)
	}
	if _, err := os.Stat(links[0]); err != nil {
		t.Fatal("the machine's own link is gone: ", err)
	}
}

func TestANilDereferenceInAHandlerCanBeRecovered(t *testing.T) {
	if got := become(t, "signal", nil); got != "recovered 100" {
		t.Errorf("%s", got)
	}
}

// The option makes JavaScriptCore's collector stop the UI thread a thousand times a second. Without
// it, the collector runs once in minutes and the test would prove nothing.
func TestTheCollectorMayStopTheUIThreadAtAnyTime(t *testing.T) {
	bothPaths(t, func(t *testing.T, portable bool) {
		env := []string{"JSC_collectContinuously=1"}
		if portable {
			env = append(env, "CASEMENT_PORTABLE=1")
		}
		for range 3 {
			if got := become(t, "collect", nil, env...); got != "done" {
				t.Errorf("%s", got)
			}
		}
	})
}

func TestACrashedPageIsReportedAndCanBeReloaded(t *testing.T) {
	a := start(t, false)
	crashed := make(chan string, 10)
	w := a.open(webview.WindowOptions{
		Assets:   page(post + `<script>post("here")</script>`),
		Handlers: webview.Handlers{Crashed: func(why string) { crashed <- why }},
	})
	a.expect("here")
	for range 2 {
		pids := processes.Pages()
		if len(pids) == 0 {
			t.Fatal("no web process")
		}
		for _, pid := range pids {
			p, err := os.FindProcess(pid)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Kill(); err != nil {
				t.Fatal(err)
			}
		}
		if why := wait(t, crashed, "Crashed"); why != "crashed" {
			t.Errorf("reason %q", why)
		}
		a.eval(w, `1`)
		a.ui(func() {
			if !w.Alive() {
				t.Error("the window is gone")
			}
			w.Reload()
		})
		a.expect("here")
	}
}
