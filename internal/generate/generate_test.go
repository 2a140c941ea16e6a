package generate_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"casement/internal/generate"
)

var update = flag.Bool("update", false, "write the golden files")

const (
	everything = "casement/internal/generate/testdata/everything"
	golden     = "../../frontend/api/test/generated/everything.gen.ts"
	frontend   = "../../frontend"
)

func typeScript(t *testing.T, o generate.Options) []byte {
	t.Helper()
	made, err := generate.TypeScript(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// The golden file shows the output for everything that the generator supports. Tests of the
// frontend and of windows compile and use it.
func TestEverythingIsGolden(t *testing.T) {
	t.Parallel()
	made := typeScript(t, generate.Options{
		Patterns: []string{everything}, Command: "go test ./internal/generate -run Golden -update",
	})
	if *update {
		if err := os.WriteFile(golden, made, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, want) {
		t.Errorf("%s is out of date; run go test ./internal/generate -run Golden -update\n%s", golden, firstDifference(want, made))
	}
}

func firstDifference(want, got []byte) string {
	a, b := strings.Split(string(want), "\n"), strings.Split(string(got), "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d: want %s\n got %s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(b), len(a))
}

func TestTheSameSourceGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	patterns := []string{everything, everything + "/other", "casement/events", "casement/ipc"}
	want := typeScript(t, generate.Options{Patterns: patterns})
	for _, o := range []generate.Options{
		{Dir: root, Patterns: patterns},
		{Dir: filepath.Join(root, "ipc"), Patterns: patterns},
		{Dir: "testdata/everything", Patterns: []string{".", "./other", "casement/ipc"}},
		{Dir: "testdata/everything"},
	} {
		rand.Shuffle(len(o.Patterns), func(i, j int) { o.Patterns[i], o.Patterns[j] = o.Patterns[j], o.Patterns[i] })
		if got := typeScript(t, o); !bytes.Equal(got, want) {
			t.Errorf("%+v: %s", o, firstDifference(want, got))
		}
	}
}

var wanted = regexp.MustCompile("want (`[^`]+`)")

// Each wrong line in the testdata carries the expected problem.
func TestProblemsNameTheFieldAndSayWhatToDo(t *testing.T) {
	t.Parallel()
	const dir = "testdata/wrong"
	_, err := generate.TypeScript(t.Context(), generate.Options{Dir: dir})
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("%v, want problems", err)
	}
	type line struct {
		file string
		line int
	}
	want := map[line][]string{}
	files, err := filepath.Glob(dir + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, l := range strings.Split(string(text), "\n") {
			for _, match := range wanted.FindAllStringSubmatch(l, -1) {
				at := line{filepath.Base(file), i + 1}
				want[at] = append(want[at], strings.Trim(match[1], "`"))
			}
		}
	}
	for _, err := range joined.Unwrap() {
		var p *generate.Problem
		if !errors.As(err, &p) {
			t.Errorf("%v is not a *Problem", err)
			continue
		}
		if p.Position.Column == 0 || !strings.HasPrefix(p.Error(), p.Position.Filename+":") {
			t.Errorf("%v has no position", p)
		}
		at := line{p.Position.Filename, p.Position.Line}
		found := false
		for i, text := range want[at] {
			if strings.Contains(p.Reason, text) {
				want[at] = append(want[at][:i], want[at][i+1:]...)
				found = true
				break
			}
		}
		if !found {
			t.Errorf("unexpected problem: %v", p)
		}
	}
	for at, texts := range want {
		for _, text := range texts {
			t.Errorf("%s:%d: no problem says %q", at.file, at.line, text)
		}
	}
}

// An app is a module that depends on casement.
type app struct {
	t   *testing.T
	dir string
}

func newApp(t *testing.T, source string) *app {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	a := &app{t, t.TempDir()}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	// The module lists all dependencies of casement, so that nothing needs resolving.
	text := regexp.MustCompile(`(?m)^module .*$`).ReplaceAllString(string(mod), "module example.com/app")
	a.write("go.mod", text+"\nrequire casement v0.0.0\n\nreplace casement => "+root+"\n")
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	a.write("go.sum", string(sum))
	a.write("main.go", source)
	a.write("tsconfig.json", `{
	"extends": "`+filepath.ToSlash(filepath.Join(root, "frontend/tsconfig.base.json"))+`",
	"compilerOptions": { "paths": { "@casement/api/*": ["`+filepath.ToSlash(filepath.Join(root, "frontend/api/src"))+`/*.ts"] } },
	"files": ["page.ts"]
}`)
	return a
}

func (a *app) write(name, text string) {
	a.t.Helper()
	if err := os.WriteFile(filepath.Join(a.dir, name), []byte(text), 0o666); err != nil {
		a.t.Fatal(err)
	}
}

func (a *app) generate() string {
	a.t.Helper()
	made := string(typeScript(a.t, generate.Options{Dir: a.dir}))
	a.write("bindings.gen.ts", made)
	return made
}

// compile compiles the page and returns the errors of tsc, or "".
func (a *app) compile() string {
	a.t.Helper()
	tsc, err := filepath.Abs(filepath.Join(frontend, "node_modules/typescript/bin/tsc"))
	if err != nil {
		a.t.Fatal(err)
	}
	if _, err := os.Stat(tsc); err != nil {
		a.t.Skip("TypeScript is not installed: run make frontend")
	}
	cmd := exec.CommandContext(a.t.Context(), "node", tsc, "-p", a.dir, "--pretty", "false")
	cmd.Dir = a.dir
	out, err := cmd.CombinedOutput()
	if err != nil && len(out) == 0 {
		a.t.Fatal(err)
	}
	return string(out)
}

const appSource = `package main

import (
	"context"
	"embed"

	"casement/channels"
	"casement/events"
	"casement/ipc"
)

//go:embed dist
var dist embed.FS

type HashArgs struct {
	Path    string                     ` + "`json:\"path\"`" + `
	OnEvent channels.Channel[Progress] ` + "`json:\"onEvent\"`" + `
}

type Progress interface {
	channels.Variant
	isProgress()
}

type Started struct{ Total int }
type Done struct{ Digest string }

func (Started) Variant() string { return "started" }
func (Done) Variant() string    { return "done" }
func (Started) isProgress()     {}
func (Done) isProgress()        {}

type Digest struct {
	SHA256 string ` + "`json:\"sha256\"`" + `
}

// hashFile hashes a file.
func hashFile(ctx context.Context, a HashArgs) (Digest, error) { return Digest{}, nil }

var downloadStarted = events.Define[string]("download-started")

func main() {
	var r ipc.Router
	ipc.Handle(&r, "hash_file", hashFile)
	_, _ = downloadStarted, dist
}
`

const appPage = `import { Channel } from '@casement/api/core';
import { commands, events, type Progress } from './bindings.gen.js';

function assertNever(value: never): never {
  throw new Error(String(value));
}

function report(message: Progress): string {
  switch (message.event) {
    case 'started':
      return message.data.Total.toFixed();
    case 'done':
      return message.data.Digest;
    default:
      return assertNever(message);
  }
}

const onEvent = new Channel<Progress>(report);
const { sha256 } = await commands.hashFile({ path: '/etc/hosts', onEvent });
await events.downloadStarted.listen(({ payload }) => console.log(payload.toUpperCase(), sha256.length));
await events.downloadStarted.emit('https://example.com');
`

// When a command changes in Go, the page stops compiling until it follows.
func TestWhatChangesInGoFailsToCompileInThePage(t *testing.T) {
	t.Parallel()
	a := newApp(t, appSource)
	a.write("page.ts", appPage)
	before := a.generate()
	if said := a.compile(); said != "" {
		t.Fatal(said)
	}
	const (
		call   = "commands.hashFile("
		listen = ".listen("
		emit   = ".emit("
	)
	for name, test := range map[string]struct{ old, new, where, says string }{
		"a command is renamed":     {`"hash_file"`, `"digest_file"`, call, "hashFile"},
		"a field is renamed":       {`json:"path"`, `json:"file"`, call, "path"},
		"a field is retyped":       {`Path    string `, `Path    []int `, call, "number[]"},
		"a field is added":         {`type HashArgs struct {`, "type HashArgs struct {\n\tMore int", call, "More"},
		"a result is renamed":      {`json:"sha256"`, `json:"sum"`, call, "sha256"},
		"a result is retyped":      {`SHA256 string`, `SHA256 *string`, "sha256.length", "null"},
		"a variant is added":       {`type Done `, cancelledSource + `type Done `, "return assertNever", "never"},
		"a variant is renamed":     {`return "done"`, `return "finished"`, "case 'done'", "done"},
		"a variant is retyped":     {`Total int`, `Total string`, "toFixed", "toFixed"},
		"an event is renamed":      {`"download-started"`, `"download-begun"`, listen, "downloadStarted"},
		"a payload is retyped":     {`Define[string]`, `Define[int]`, listen, "toUpperCase"},
		"a payload becomes a list": {`Define[string]`, `Define[[]string]`, emit, "string[]"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(appSource, test.old, test.new, 1)
			if changed == appSource {
				t.Fatal("the edit changed nothing")
			}
			a.t = t
			a.write("main.go", changed)
			if a.generate() == before {
				t.Error("the TypeScript did not change")
			}
			said := a.compile()
			lines := strings.Split(appPage, "\n")
			found := false
			for line := range strings.Lines(said) {
				var at int
				if _, err := fmt.Sscanf(line, "page.ts(%d,", &at); err == nil {
					found = found || (strings.Contains(lines[at-1], test.where) && strings.Contains(line, test.says))
				}
			}
			if !found {
				t.Errorf("tsc printed %q, want an error about %s at %s", said, test.says, test.where)
			}
		})
	}
}

const cancelledSource = `type Cancelled struct{}

func (Cancelled) Variant() string { return "cancelled" }
func (Cancelled) isProgress()     {}

`

func TestTheGoldenFileCompilesByItself(t *testing.T) {
	t.Parallel()
	a := newApp(t, "package main\n\nfunc main() {}\n")
	text, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	a.write("page.ts", string(text))
	if said := a.compile(); said != "" {
		t.Error(said)
	}
}

func TestAnAppWithoutRegistrationsHasAnEmptyFile(t *testing.T) {
	t.Parallel()
	a := newApp(t, "package main\n\nfunc main() {}\n")
	if got, want := a.generate(), "// Code generated by casement; DO NOT EDIT.\n\nexport {};\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSourceThatDoesNotCompileIsAnError(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ source, says string }{
		"syntax":     {"package main\n\nfunc main() { if }\n", "main.go:3:"},
		"types":      {"package main\n\nfunc main() { undefined() }\n", "main.go:3:15: undefined: undefined"},
		"no package": {"package main\n\nimport _ \"example.com/app/missing\"\n\nfunc main() {}\n", "missing"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := generate.TypeScript(t.Context(), generate.Options{Dir: newApp(t, test.source).dir})
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v, want %s", err, test.says)
			}
		})
	}
	if _, err := generate.TypeScript(t.Context(), generate.Options{Patterns: []string{"./missing"}}); err == nil {
		t.Error("a pattern that matches nothing: no error")
	}
}

// An app that links with the system's webview can be read on machines without the webview and
// without a C compiler.
func TestNothingIsBuilt(t *testing.T) {
	for _, tool := range []string{"CC", "CXX", "PKG_CONFIG"} {
		t.Setenv(tool, filepath.Join(t.TempDir(), "missing"))
	}
	t.Setenv("PKG_CONFIG_PATH", "")
	t.Setenv("CGO_ENABLED", "0")
	made := typeScript(t, generate.Options{Dir: "../..", Patterns: []string{"./cmd/app"}})
	if !bytes.Contains(made, []byte("hashFile(")) {
		t.Errorf("hashFile is missing in:\n%s", made)
	}
}

func BenchmarkTypeScript(b *testing.B) {
	for b.Loop() {
		if _, err := generate.TypeScript(b.Context(), generate.Options{Dir: "../..", Patterns: []string{"./cmd/app"}}); err != nil {
			b.Fatal(err)
		}
	}
}
