package shell_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"casement/events"
	"casement/internal/apptest"
	"casement/shell"
)

func TestWhatIsOpenedReachesThoseWhoListenLaterToo(t *testing.T) {
	// The path of a Unix socket must be short.
	runtime, err := os.MkdirTemp("/tmp", "open")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(runtime) })
	t.Setenv("XDG_RUNTIME_DIR", runtime)
	early := make(chan string, 8)
	options := shell.Options{
		SingleInstance: true, URLSchemes: []string{"test"},
		Open: []string{
			"/a/b", "test:x?y=1", "relative", "file:///c%20d", "file://otherhost/x", "file:relative", "file:///a%zz", "FILE:/e",
			"", "http://x/",
		},
	}
	a := apptest.Start(t, apptest.Config{Options: options, Setup: func(a *shell.App) {
		listenOpen(t, a, early)
	}})
	dir, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	files := `{"paths":["/a/b","` + dir + `/relative","/c d","/e","` + dir + `/http:/x"]}`
	want(t, early, files, `{"urls":["test:x?y=1"]}`)
	for _, refused := range []string{"file://otherhost/x", "file:relative", "file:///a%zz"} {
		if !a.Log.Has("an argument is not a file and cannot be opened") || !strings.Contains(a.Log.String(), refused) {
			t.Errorf("%s is not logged:\n%s", refused, a.Log)
		}
	}
	late := make(chan string, 8)
	listenOpen(t, a.App, late)
	want(t, late, files, `{"urls":["test:x?y=1"]}`)

	// A second start of the same app passes its files on, and opens nothing.
	options.ID, options.Open = apptest.ID, []string{"TEST:z"}
	options.Assets = fstest.MapFS{"index.html": {}}
	second := shell.New(options)
	window, err := second.OpenWindow(shell.WindowOptions{Label: "main"})
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Run(t.Context()); err != nil {
		t.Errorf("the second: %v", err)
	}
	want(t, early, `{"urls":["TEST:z"]}`)
	want(t, late, `{"urls":["TEST:z"]}`)
	if window.Page() != nil {
		t.Error("the second process opened a page")
	}
	select {
	case <-window.Done():
	default:
		t.Error("the second's window is not closed")
	}

	// An instance that has ended does not block the next one.
	if err := a.Stop(); err != nil {
		t.Error(err)
	}
	third := apptest.Start(t, apptest.Config{Options: options})
	if got := third.JS(third.Window, "1 + 1"); got != "2" {
		t.Errorf("the third process answers %s", got)
	}
	if strings.Contains(third.Log.String(), "instance") {
		t.Error(third.Log.String())
	}
}

func listenOpen(t *testing.T, a *shell.App, heard chan string) {
	t.Helper()
	note := func(payload any) {
		text, err := json.Marshal(payload)
		if err != nil {
			t.Error(err)
		}
		heard <- string(text)
	}
	if _, err := shell.FilesOpened.Listen(a, func(_ events.Event, f shell.Files) { note(f) }); err != nil {
		t.Fatal(err)
	}
	if _, err := shell.URLsOpened.Listen(a, func(_ events.Event, u shell.URLs) { note(u) }); err != nil {
		t.Fatal(err)
	}
	// Only the shell may emit them.
	if err := shell.FilesOpened.Emit(a, shell.Files{}); err == nil || !strings.Contains(err.Error(), "only the shell emits") {
		t.Errorf("emitting the shell's event from the app: %v", err)
	}
}

func want(t *testing.T, heard chan string, payloads ...string) {
	t.Helper()
	for _, payload := range payloads {
		select {
		case got := <-heard:
			if got != payload {
				t.Errorf("received %s, want %s", got, payload)
			}
		case <-time.After(apptest.Patience):
			t.Fatalf("%s was not received", payload)
		}
	}
}
