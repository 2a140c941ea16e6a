package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"casement/internal/windowtest"
)

// TestMain runs the program itself when a test starts it as a process, so that the tests cover its
// flags and its exit code.
func TestMain(m *testing.M) {
	if os.Getenv("HASHER_TEST_MAIN") != "" {
		main()
		os.Exit(0)
	}
	windowtest.Main(m)
}

const patience = 60 * time.Second

// program returns a command that runs the program.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	if _, err := fs.Stat(dist, "dist/index.html"); err != nil {
		t.Fatal("the page is not embedded: run make frontend")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), "HASHER_TEST_MAIN=1")
	return cmd
}

func digestOf(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func write(t *testing.T, name string, size int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	data := bytes.Repeat([]byte("casement"), size/8+1)[:size]
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDrivingHashesAFileThroughThePage(t *testing.T) {
	files := map[string]string{
		"large":           write(t, "large.bin", 40_000_000),
		"empty":           write(t, "empty", 0),
		"an awkward name": write(t, "it's \"quoted\" & <b>bold \u2028 日本語.txt", 1234),
	}
	for name, path := range files {
		for _, path2 := range []struct {
			name string
			args []string
		}{{"native", nil}, {"portable", []string{"--portable"}}} {
			t.Run(name+"/"+path2.name, func(t *testing.T) {
				picture := filepath.Join(t.TempDir(), "shot.png")
				cmd := program(t, append(path2.args, "--drive", "--screenshot", picture, "--", path)...)
				var stderr bytes.Buffer
				cmd.Stderr = &stderr
				out, err := cmd.Output()
				if err != nil {
					t.Fatalf("%v\n%s", err, &stderr)
				}
				if want := fmt.Sprintf("sha256  %s  %s\n", digestOf(t, path), path); string(out) != want {
					t.Errorf("printed %q, want %q", out, want)
				}
				if data, err := os.ReadFile(picture); err != nil || !bytes.HasPrefix(data, []byte("\x89PNG")) {
					t.Errorf("no picture: %v", err)
				}
			})
		}
	}
}

func TestDrivingPrintsTheErrorThatThePageShows(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if out, err := exec.Command("mkfifo", pipe).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, c := range map[string]struct{ path, want string }{
		"missing":       {filepath.Join(dir, "missing"), "no file"},
		"a directory":   {dir, "folder"},
		"a pipe":        {pipe, "regular"},
		"below a file":  {filepath.Join(write(t, "file", 1), "x"), "no file"},
		"an empty path": {"", "usage"},
	} {
		t.Run(name, func(t *testing.T) {
			args := []string{"--drive", "--", c.path}
			if c.path == "" {
				args = args[:1]
			}
			cmd := program(t, args...)
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if err := cmd.Run(); err == nil {
				t.Error("the program succeeded")
			}
			if stdout.Len() > 0 {
				t.Errorf("the program printed %q", &stdout)
			}
			if !strings.Contains(stderr.String(), c.want) {
				t.Errorf("stderr %q, want something about %q", &stderr, c.want)
			}
		})
	}
}

// xdotool presses keys as a user does.
func TestAPersonHashesAFileByKeyboard(t *testing.T) {
	for name, portable := range map[string]bool{"native": false, "portable": true} {
		t.Run(name, func(t *testing.T) {
			path := write(t, "typed.bin", 3_000_000)
			app, window, err := newApp(options{portable: portable})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			ended := make(chan error, 1)
			go windowtest.OnMain(func() { ended <- app.Run(ctx) })
			defer func() {
				app.Quit()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			}()
			js := func(script string) string {
				t.Helper()
				value, err := window.EvalResult(ctx, script)
				if err != nil {
					t.Fatalf("%s: %v", script, err)
				}
				return string(value)
			}
			xdotool := func(args ...string) {
				t.Helper()
				if out, err := exec.CommandContext(ctx, "xdotool", args...).CombinedOutput(); err != nil {
					t.Fatalf("xdotool %v: %v: %s", args, err, out)
				}
			}
			js(untilReady)
			xdotool("search", "--sync", "--onlyvisible", "--name", title, "windowfocus")
			js("while (!document.hasFocus()) await new Promise((go) => setTimeout(go, 10)); return 1")
			xdotool("key", "ctrl+a")
			xdotool("type", "--delay", "5", path)
			xdotool("key", "Return")
			js("while (document.body.dataset.state !== 'done') await new Promise((go) => setTimeout(go, 10)); return 1")
			want := digestOf(t, path)
			if got := js("document.querySelector('#digest').textContent.replaceAll(/\\s/g, '')"); got != `"`+want+`"` {
				t.Errorf("the page shows %s, want %s", got, want)
			}
			if got := js("document.querySelector('#progress').getAttribute('aria-valuenow')"); got != `"100"` {
				t.Errorf("the progress bar is at %s", got)
			}
		})
	}
}

func TestAnInterruptEndsTheProgram(t *testing.T) {
	cmd := program(t)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("xdotool", "search", "--sync", "--onlyvisible", "--name", title).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	said, _ := io.ReadAll(stderr)
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
}

func TestCancellingStopsTheHash(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := hashFile(ctx, HashFile{Path: write(t, "file", 1<<20)})
	if err == nil {
		t.Error("a cancelled hash returned a digest")
	}
}

func TestProgressIsATaggedUnion(t *testing.T) {
	for _, p := range []Progress{Started{}, Chunk{}, Done{}} {
		data, err := json.Marshal(p)
		if err != nil || !json.Valid(data) || p.Variant() == "" {
			t.Errorf("%T: %s, %v", p, data, err)
		}
	}
}
