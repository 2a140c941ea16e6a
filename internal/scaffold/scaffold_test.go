//go:build unix

package scaffold_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"casement/internal/scaffold"
	"casement/internal/windowtest"
	"casement/manifest"
)

func TestMain(m *testing.M) {
	// The windows' session has caches of its own, but apps are built with Go's usual ones.
	if out, err := exec.Command("go", "env", "GOCACHE").Output(); err == nil {
		_ = os.Setenv("GOCACHE", strings.TrimSpace(string(out)))
	}
	windowtest.Main(m)
}

// patience bounds the wait for steps that take one or two seconds on an idle machine.
const patience = 60 * time.Second

func again(out string) string { return "go run casement/cmd/casement generate -o " + out }

func scaffolded(t *testing.T, o scaffold.Options) (string, error) {
	t.Helper()
	o.Again = again
	return o.Dir, scaffold.New(t.Context(), o)
}

func TestWhatCanNotBeMadeLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		dir     string
		options scaffold.Options
		want    string
	}{
		"a folder with something in it": {"full", scaffold.Options{}, "is not empty"},
		"a file":                        {"full/file", scaffold.Options{}, "not a directory"},
		"a folder of none":              {"none/app", scaffold.Options{}, "no such file"},
		"a folder without letters":      {"…", scaffold.Options{}, "letters"},
		"a short id":                    {"app", scaffold.Options{ID: "app"}, `the app's id: "app" is not like`},
		"an id with a space":            {"app", scaffold.Options{ID: "com.example.my app"}, "the app's id"},
		"a device's id":                 {"app", scaffold.Options{ID: "com.example.con"}, `the app's id: "com.example.con" has the part "con"`},
		"a device's folder":             {"con", scaffold.Options{}, "a device's name on Windows"},
		"a device's folder, other id":   {"Com1", scaffold.Options{ID: "com.example.app"}, "a device's name on Windows"},
		"a folder that is too long":     {strings.Repeat("long-", 40), scaffold.Options{}, "100"},
		"a folder of a few long runes":  {strings.Repeat("日", 60) + "app", scaffold.Options{}, "the app's name: has 183 bytes"},
		"a name of a device":            {"app", scaffold.Options{Name: "NUL"}, "the app's name"},
		"a name that no file can have":  {"app", scaffold.Options{Name: "a/b"}, "the app's name"},
		"a name that can't be printed":  {"app", scaffold.Options{Name: "a\nb"}, "the app's name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			full := filepath.Join(root, "full")
			if err := errors.Join(os.Mkdir(full, 0o700), os.WriteFile(filepath.Join(full, "file"), nil, 0o600)); err != nil {
				t.Fatal(err)
			}
			test.options.Dir = filepath.Join(root, filepath.FromSlash(test.dir))
			_, err := scaffolded(t, test.options)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want %q", err, test.want)
			}
			var found []string
			_ = filepath.WalkDir(root, func(name string, _ fs.DirEntry, err error) error {
				found = append(found, name)
				return err
			})
			if len(found) != 3 {
				t.Errorf("left behind: %q", found)
			}
		})
	}
}

func TestASchemeThatIsTakenIsNotTheAppsOwn(t *testing.T) {
	t.Parallel()
	for folder, want := range map[string]string{"ledger": "ledger", "data": "com.example.data"} {
		dir, err := scaffolded(t, scaffold.Options{Dir: filepath.Join(t.TempDir(), folder)})
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(dir, manifest.File))
		if err != nil {
			t.Fatal(err)
		}
		if m, err := manifest.Parse(text); err != nil || m.Scheme != want {
			t.Errorf("%q, %v, want %q", m.Scheme, err, want)
		}
	}
}

// A new app passes its tests, builds and opens its window without changes.
func TestANewApp(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	a := newApp(t)
	t.Run("passes its tests", func(t *testing.T) {
		out := a.make(t, "test")
		if !strings.Contains(out, "passed") || !strings.Contains(out, "ok  ") {
			t.Error(out)
		}
	})
	t.Run("builds and opens its window", func(t *testing.T) {
		a.make(t, "build", "BUILDFLAGS=")
		p := a.start(t, filepath.Join(a.dir, "bin", "my-app"))
		a.window(t, p, "^Ann & Bob's$")
		p.ends(t, p.cmd.Process.Pid, syscall.SIGTERM)
	})
	t.Run("opens what it is started with, and again", func(t *testing.T) {
		// The path of a Unix socket must be short.
		sockets, err := os.MkdirTemp("/tmp", "open")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.RemoveAll(sockets) })
		a := &app{dir: a.dir, env: append(a.env, "XDG_RUNTIME_DIR="+sockets)}
		first := a.start(t, filepath.Join(a.dir, "bin", "my-app"), "my-app:one")
		a.window(t, first, "^my-app:one – Ann & Bob's$")
		second := a.start(t, filepath.Join(a.dir, "bin", "my-app"), "main.go")
		a.window(t, first, "^"+regexp.QuoteMeta(filepath.Join(a.dir, "main.go"))+" – Ann & Bob's$")
		select {
		case err := <-second.ended:
			if text := second.text(); err != nil || text != "" {
				t.Errorf("the second instance: %v, %s", err, text)
			}
		case <-time.After(patience):
			t.Error("the second instance does not end")
		}
		first.ends(t, first.cmd.Process.Pid, syscall.SIGTERM)
	})
	t.Run("is renewed as it is edited", a.develop)
}

// develop edits an app while make dev runs it.
func (a *app) develop(t *testing.T) {
	a.edit(t, "frontend/src/main.ts", "await start();", `await start();
const greeting = await commands.greet({ name: 'page' });
await getCurrentWindow().setTitle(`+"`one ${greeting} ${location.protocol}`"+`);`)
	a.edit(t, "frontend/src/main.ts", "import", `import { getCurrentWindow } from '@casement/api/window';
import { commands } from './bindings.gen.js';
import`)
	p := a.start(t, "make", "dev")
	a.window(t, p, "^one Hello, page! http:$")

	a.edit(t, "frontend/src/main.ts", "one", "two")
	a.window(t, p, "^two Hello, page! http:$")

	// Actions of the development server itself are no violation of the built app's policy; those of
	// the page may be.
	if text := p.text(); strings.Contains(text, "will refuse") {
		t.Error(text)
	}
	a.edit(t, "frontend/src/main.ts", "await start();", `await start();
await fetch('http://127.0.0.1:9/').catch(() => {});`)
	p.says(t, "the built app will refuse http://127.0.0.1:9")
	p.says(t, "(connect-src) at /src/main.ts")

	a.edit(t, "frontend/src/main.ts", "await start();", "await start(;")
	p.says(t, "main.ts")
	a.edit(t, "frontend/src/main.ts", "await start(;", "await start();")

	a.edit(t, "commands.go", `"Hello, "`, `"Howdy, "`)
	a.window(t, p, "^two Howdy, page! http:$")

	p.forget()
	a.edit(t, "commands.go", `"Howdy, "`, `Howdy`)
	p.says(t, "commands.go:")
	p.says(t, "the previous program keeps running")
	a.window(t, p, "^two Howdy, page! http:$")

	a.edit(t, "commands.go", `Howdy`, `"Ahoy, "`)
	a.edit(t, "commands.go", `json:"name"`, `json:"who"`)
	p.says(t, "started")
	if text := a.read(t, scaffold.Bindings); !strings.Contains(text, "who: string") {
		t.Errorf("the bindings are not regenerated:\n%s", text)
	}
	a.edit(t, "frontend/src/main.ts", "name: 'page'", "who: 'page'")
	a.window(t, p, "^two Ahoy, page! http:$")

	p.ends(t, -p.cmd.Process.Pid, syscall.SIGINT)
}

// An app is a new app in a folder of its own.
type app struct {
	dir string
	env []string
}

func newApp(t *testing.T) *app {
	t.Helper()
	dir, err := scaffolded(t, scaffold.Options{
		Dir: filepath.Join(t.TempDir(), "My App"), ID: "com.example.my-app", Name: "Ann & Bob's",
	})
	if err != nil {
		t.Fatal(err)
	}
	// Make does not support spaces in paths, so the folder gets another name.
	bare := filepath.Join(filepath.Dir(dir), "my-app")
	if err := os.Rename(dir, bare); err != nil {
		t.Fatal(err)
	}
	return &app{dir: bare, env: append(os.Environ(), "npm_config_prefer_offline=true", "GOPROXY=off", mark+bare)}
}

// mark is in the environment of every process that an app's commands start.
const mark = "CASEMENT_SCAFFOLDTEST="

func (a *app) make(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "make", args...)
	cmd.Dir, cmd.Env = a.dir, a.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("make %q: %v\n%s", args, err, out)
	}
	return string(out)
}

func (a *app) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(a.dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// edit replaces the first old in a file.
func (a *app) edit(t *testing.T, name, old, now string) {
	t.Helper()
	text := a.read(t, name)
	if !strings.Contains(text, old) {
		t.Fatalf("%s has no %q:\n%s", name, old, text)
	}
	text = strings.Replace(text, old, now, 1)
	if err := os.WriteFile(filepath.Join(a.dir, filepath.FromSlash(name)), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// A program is a command that runs in a process group of its own, as those of a shell do.
type program struct {
	cmd   *exec.Cmd
	ended chan error

	mu  sync.Mutex
	out bytes.Buffer
	dir string
}

func (a *app) start(t *testing.T, name string, args ...string) *program {
	t.Helper()
	p := &program{cmd: exec.Command(name, args...), ended: make(chan error, 1), dir: a.dir}
	p.cmd.Dir, p.cmd.Env = a.dir, a.env
	p.cmd.Stdout, p.cmd.Stderr = p, p
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.cmd.Wait() }()
	t.Cleanup(func() {
		for _, pid := range p.family() {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		if t.Failed() {
			t.Log(p.text())
		}
	})
	return p
}

func (p *program) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(text)
}

func (p *program) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

// forget discards the program's output so far.
func (p *program) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out.Reset()
}

// says waits until the program has printed what, and discards the output up to there.
func (p *program) says(t *testing.T, what string) {
	t.Helper()
	for end := time.Now().Add(patience); !strings.Contains(p.text(), what); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the output does not contain %q", what)
		}
	}
}

// window waits for a window with this title.
func (a *app) window(t *testing.T, p *program, title string) {
	t.Helper()
	want := regexp.MustCompile(title)
	var names []string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		out, _ := exec.CommandContext(t.Context(), "xdotool", "search", "--onlyvisible", "--name", ".", "getwindowname", "%@").Output()
		names = strings.Split(strings.TrimSpace(string(out)), "\n")
		for _, name := range names {
			if want.MatchString(name) {
				return
			}
		}
		select {
		case err := <-p.ended:
			p.ended <- err
			t.Fatalf("the program has ended: %v", err)
		default:
		}
	}
	t.Fatalf("no window has the title %q; titles: %q", title, names)
}

// ends sends a signal to the program, or to its group as a terminal does. It expects success and
// that no process is left.
func (p *program) ends(t *testing.T, to int, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(to, s); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-p.ended:
		var exit *exec.ExitError
		// Make itself reports the interrupt.
		if err != nil && !(s == syscall.SIGINT && errors.As(err, &exit)) {
			t.Errorf("the program ended with %v", err)
		}
	case <-time.After(patience):
		t.Fatal("the program does not end")
	}
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		left := p.family()
		if len(left) == 0 {
			return
		}
		if time.Now().After(end) {
			for _, pid := range left {
				line, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
				t.Errorf("left behind: %d %q", pid, line)
			}
			return
		}
	}
}

// family returns the processes whose environment contains the app's mark.
func (p *program) family() []int {
	names, _ := filepath.Glob("/proc/[0-9]*/environ")
	var pids []int
	for _, name := range names {
		environ, err := os.ReadFile(name)
		if err != nil || !bytes.Contains(environ, []byte(mark+p.dir+"\x00")) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}
