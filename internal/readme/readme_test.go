//go:build unix

package readme_test

import (
	"bytes"
	"fmt"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/evanw/esbuild/pkg/api"

	"casement/internal/windowtest"
)

func TestMain(m *testing.M) {
	// The windows' session has caches of its own, but the app is built with Go's usual ones.
	if out, err := exec.Command("go", "env", "GOCACHE").Output(); err == nil {
		_ = os.Setenv("GOCACHE", strings.TrimSpace(string(out)))
	}
	windowtest.Main(m)
}

const patience = 60 * time.Second

// watch is a page script that runs the README's script and shows the result as a colour.
const watch = `const seen: string[] = [];
const title = document.querySelector('title') as HTMLTitleElement;
new MutationObserver(() => seen.push(document.title)).observe(title, { childList: true });
await import('./block0.js');
await Promise.resolve();
const good = seen.join(' ') === '1 2 3 4 5 6 7 8 9 10';
document.documentElement.style.background = good ? 'rgb(0, 128, 0)' : 'rgb(128, 0, 0)';
`

var (
	green = color.NRGBA{0, 128, 0, 255}
	red   = color.NRGBA{128, 0, 0, 255}
)

// The README's first app compiles word for word and counts to ten in its page's title.
func TestTheFirstApp(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	text := read(t, filepath.Join(root, "README.md"))
	_, section, ok := strings.Cut(text, "\n## A first app\n")
	if !ok {
		t.Fatal("there is no first app")
	}
	section, next, _ := strings.Cut(section, "\n## ")
	goBlocks, tsBlocks := blocks(section, "go"), blocks(section, "ts")
	if len(goBlocks) != 4 || len(tsBlocks) != 3 {
		t.Fatalf("%d blocks of Go and %d of TypeScript", len(goBlocks), len(tsBlocks))
	}
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}

	// Later blocks use names that other code declares.
	for i, block := range tsBlocks {
		write(fmt.Sprintf("page/block%d.ts", i), block)
	}
	write("page/block1.ts", "import { invoke, Sink } from '@casement/api/core';\ndeclare const file: File;\n"+tsBlocks[1])
	write("page/block2.ts", "declare const unsaved: boolean;\n"+tsBlocks[2])
	mocks := blocks(next[:strings.Index(next, "\n## ")], "ts")
	if len(mocks) != 1 {
		t.Fatalf("the next section has %d blocks of TypeScript", len(mocks))
	}
	write("page/mocks.ts", mocks[0])
	write("page/watch.ts", watch)
	typecheck(t, root, dir, write)
	bundle(t, root, dir)
	write("dist/index.html", "<!doctype html><title></title><script type=module src=/watch.js></script>")

	mod := regexp.MustCompile(`(?m)^module .*$`).ReplaceAllString(read(t, filepath.Join(root, "go.mod")), "module example.com/counter")
	write("go.mod", mod+"\nrequire casement v0.0.0\n\nreplace casement => "+root+"\n")
	write("go.sum", read(t, filepath.Join(root, "go.sum")))
	write("main.go", goBlocks[0])
	write("stream.go", `package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"

	"casement/channels"
)

var _ = hashStream

`+goBlocks[2])
	write("inline.go", `package main

import (
	"context"

	"casement/ipc"
	"casement/shell"
)

func _(app *shell.App, theme func(context.Context, struct{}) (string, error)) {
`+goBlocks[1]+"}\n")
	write("events.go", `package main

import (
	"casement/events"
	"casement/shell"
)

func _(app *shell.App, url, path string, settings struct{}) {
`+strings.ReplaceAll(goBlocks[3], "…", "")+"}\n")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", "counter", ".")
	build.Dir, build.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	runs(t, filepath.Join(dir, "counter"))
}

// runs runs the app until its page is green.
func runs(t *testing.T, program string) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for end := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		picture, err := exec.CommandContext(t.Context(), "import", "-window", "root", "png:-").Output()
		if err != nil {
			t.Fatal(err)
		}
		image, err := png.Decode(bytes.NewReader(picture))
		if err != nil {
			t.Fatal(err)
		}
		c := color.NRGBAModel.Convert(image.At(200, 200))
		if c == green {
			break
		}
		if c == red || time.Now().After(end) {
			t.Errorf("the page is %v; output of the app:\n%s", c, &out)
			break
		}
		select {
		case err := <-ended:
			t.Fatalf("the app has ended: %v\n%s", err, &out)
		default:
		}
	}
	// The app ignores signals.
	_ = cmd.Process.Signal(syscall.SIGKILL)
	<-ended
}

// typecheck compiles the page with TypeScript's strictest options.
func typecheck(t *testing.T, root, dir string, write func(name, text string)) {
	t.Helper()
	frontend := filepath.ToSlash(filepath.Join(root, "frontend"))
	write("page/tsconfig.json", `{
	"extends": "`+frontend+`/tsconfig.base.json",
	"compilerOptions": { "noUnusedLocals": false, "paths": { "@casement/api/*": ["`+frontend+`/api/src/*.ts", "`+frontend+`/api/src/*/index.ts"] } },
	"include": ["*.ts"]
}`)
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join(root, "frontend/node_modules/typescript/bin/tsc"), "-p", filepath.Join(dir, "page"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func bundle(t *testing.T, root, dir string) {
	t.Helper()
	result := api.Build(api.BuildOptions{
		EntryPoints: []string{filepath.Join(dir, "page", "watch.ts")}, Outdir: filepath.Join(dir, "dist"),
		Bundle: true, Write: true, Format: api.FormatESModule, Target: api.ES2022,
		Conditions: []string{"casement-source"}, NodePaths: []string{filepath.Join(root, "frontend", "node_modules")},
	})
	for _, message := range result.Errors {
		t.Error(message.Text)
	}
}

// blocks returns the code blocks of a text in a language.
func blocks(text, language string) []string {
	var found []string
	for _, match := range regexp.MustCompile("(?s)\n```"+language+"\n(.*?)\n```").FindAllStringSubmatch(text, -1) {
		found = append(found, match[1]+"\n")
	}
	return found
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
