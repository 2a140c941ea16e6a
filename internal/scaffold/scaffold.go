// Package scaffold creates the module of a new app: a program in Go, a page in TypeScript, and
// tests of both.
package scaffold

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"casement/internal/generate"
	"casement/manifest"
)

//go:embed all:template
var templates embed.FS

// Bindings is the file of a new app that the generator writes.
const Bindings = "frontend/src/bindings.gen.ts"

// Options describe the app to create.
type Options struct {
	// Dir is the folder to create. An existing folder must be empty.
	Dir string
	// ID identifies the app to the system, such as "com.example.hasher". Empty means com.example
	// followed by the folder's name.
	ID string
	// Name is the app's name for users. Empty means the folder's name.
	Name string
	// Again returns the command that regenerates the bindings, for their heading.
	Again func(out string) string
}

// params are the values for the templates.
type params struct {
	Slug, ID, Name string
	Scheme         string
	Module         string // the path of the app's module
	Go             string // the version of the language
	Replace        string // Casement's folder, for go.mod
	Requires       []string
	API            string // the API's folder, for package.json
	// DevDependencies are the dev dependencies that an app shares with Casement's own frontend, at
	// the same versions.
	DevDependencies []dependency
}

type dependency struct{ Name, Version string }

// New creates an app. If it returns an error it leaves nothing behind.
//
// The app uses the checkout of Casement that the module in the current directory uses. Its
// dependencies are those of that checkout: nothing is downloaded.
func New(ctx context.Context, o Options) error {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return err
	}
	if err := vacant(dir); err != nil {
		return err
	}
	p, err := describe(filepath.Base(dir), o)
	if err != nil {
		return err
	}
	if err := p.findCasement(ctx); err != nil {
		return err
	}
	// The app is written to a temporary folder beside its place, and moved there when it is
	// complete.
	scratch, err := os.MkdirTemp(filepath.Dir(dir), "."+p.Slug+"-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	made := filepath.Join(scratch, p.Slug)
	if err := p.write(made); err != nil {
		return err
	}
	bindings, err := generate.TypeScript(ctx, generate.Options{Dir: made, Command: o.Again(Bindings)})
	if err != nil {
		return fmt.Errorf("generating %s: %w", Bindings, err)
	}
	if err := os.WriteFile(filepath.Join(made, filepath.FromSlash(Bindings)), bindings, 0o666); err != nil {
		return err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(made, dir)
}

// vacant returns an error unless dir is empty or can be created.
func vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(dir)); err != nil {
			return fmt.Errorf("the parent folder of %s: %w", filepath.Base(dir), err)
		}
		return nil
	case err != nil:
		return err
	case len(entries) > 0:
		return fmt.Errorf("%s is not empty", dir)
	}
	return nil
}

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

// describe derives the app's names from its folder and the options. The manifest validates them.
func describe(base string, o Options) (*params, error) {
	p := &params{Name: o.Name, ID: o.ID}
	p.Slug = strings.Trim(notSlug.ReplaceAllString(strings.ToLower(base), "-"), "-")
	if len(p.Slug) < 2 || p.Slug[0] < 'a' {
		return nil, fmt.Errorf("the folder's name %q must contain at least two ASCII letters or digits and begin with a letter, because it names the program", base)
	}
	if p.Name == "" {
		p.Name = base
	}
	if p.ID == "" {
		p.ID = "com.example." + p.Slug
	}
	p.Scheme = p.Slug
	err := p.check()
	if field := (*manifest.Error)(nil); errors.As(err, &field) && field.Field == "scheme" {
		p.Scheme = strings.ToLower(p.ID) // No browser reserves it.
		err = p.check()
	}
	if err != nil {
		var field *manifest.Error
		if errors.As(err, &field) {
			return nil, fmt.Errorf("the app's %s: %s", field.Field, field.Problem)
		}
		return nil, err
	}
	// An id is a reversed domain name. A module's path begins with the domain.
	parts := strings.Split(strings.ToLower(p.ID), ".")
	p.Module = path.Join(append([]string{parts[1] + "." + parts[0]}, parts[2:]...)...)
	return p, nil
}

// check validates the manifest.
func (p *params) check() error {
	text, err := p.fill("casement.json.tmpl")
	if err == nil {
		_, err = manifest.Parse(text)
	}
	return err
}

// findCasement finds Casement's checkout and its dependencies.
func (p *params) findCasement(ctx context.Context) error {
	out, err := list(ctx, "", nil, "-m", "-f", "{{.Dir}}\n{{.GoVersion}}", "casement")
	if err != nil {
		return fmt.Errorf("run this in a checkout of Casement, or in the module of an app that uses one: %w", err)
	}
	dir, version, _ := strings.Cut(strings.TrimSpace(out), "\n")
	p.Go, p.Replace = version, dir
	if strings.ContainsAny(dir, " \t\"'()[]{},") {
		p.Replace = strconv.Quote(dir)
	}
	api := filepath.Join(dir, "frontend", "api")
	p.API = "file:" + filepath.ToSlash(api)
	if err := p.findRequires(ctx, dir); err != nil {
		return err
	}
	sums, err := os.ReadFile(filepath.Join(dir, "frontend", "package.json"))
	if err != nil {
		return err
	}
	var frontend struct{ DevDependencies map[string]string }
	if err := json.Unmarshal(sums, &frontend); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(dir, "frontend", "package.json"), err)
	}
	for _, name := range []string{"@types/node", "happy-dom", "typescript", "vite", "vitest"} {
		p.DevDependencies = append(p.DevDependencies, dependency{name, frontend.DevDependencies[name]})
	}
	return nil
}

// findRequires lists the modules that an app's build and its tools need, on all platforms.
func (p *params) findRequires(ctx context.Context, casement string) error {
	for _, goos := range []string{"linux", "darwin", "windows"} {
		env := []string{"GOOS=" + goos, "GOARCH=amd64", "CGO_ENABLED=1"}
		out, err := list(ctx, casement, env, "-deps", "-f", "{{with .Module}}{{.Path}} {{.Version}}{{end}}",
			"casement/shell", "casement/cmd/casement")
		if err != nil {
			return err
		}
		for line := range strings.Lines(out) {
			line = strings.TrimSpace(line)
			if strings.HasPrefix(line, "casement") || line == "" || slices.Contains(p.Requires, line) {
				continue
			}
			p.Requires = append(p.Requires, line)
		}
	}
	slices.Sort(p.Requires)
	return nil
}

// list runs go list in a folder.
func list(ctx context.Context, dir string, env []string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", append([]string{"list"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return "", fmt.Errorf("go list: %s", strings.TrimSpace(string(exit.Stderr)))
	}
	return string(out), err
}

// hidden maps template files to names that begin with a dot, which would be easy to overlook among
// the templates.
var hidden = map[string]string{"gitignore": ".gitignore", "npmrc": ".npmrc"}

// write writes all files, Casement's checksums and an icon.
func (p *params) write(dir string) error {
	err := fs.WalkDir(templates, "template", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		short := strings.TrimPrefix(strings.TrimPrefix(name, "template"), "/")
		target := filepath.Join(dir, filepath.FromSlash(strings.TrimSuffix(short, ".tmpl")))
		if d.IsDir() {
			return os.Mkdir(target, 0o777)
		}
		text, err := p.fill(short)
		if err != nil {
			return err
		}
		if name, ok := hidden[filepath.Base(target)]; ok {
			target = filepath.Join(filepath.Dir(target), name)
		}
		return os.WriteFile(target, text, 0o666)
	})
	if err != nil {
		return err
	}
	casement := p.Replace
	if unquoted, err := strconv.Unquote(casement); err == nil {
		casement = unquoted
	}
	sums, err := os.ReadFile(filepath.Join(casement, "go.sum"))
	if err != nil {
		return err
	}
	icon, err := os.ReadFile(filepath.Join(casement, "build", "packager", "icon.png"))
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o666),
		os.WriteFile(filepath.Join(dir, "icon.png"), icon, 0o666))
}

// fill returns a file of the template. It executes files whose names end in .tmpl.
func (p *params) fill(name string) ([]byte, error) {
	text, err := templates.ReadFile("template/" + name)
	if err != nil || !strings.HasSuffix(name, ".tmpl") {
		return text, err
	}
	t, err := template.New(name).Funcs(template.FuncMap{"json": quote}).Parse(string(text))
	if err != nil {
		return nil, err
	}
	var filled bytes.Buffer
	if err := t.Execute(&filled, p); err != nil {
		return nil, err
	}
	return filled.Bytes(), nil
}

// quote returns a text as JSON.
func quote(text string) (string, error) {
	var quoted strings.Builder
	e := json.NewEncoder(&quoted)
	e.SetEscapeHTML(false)
	err := e.Encode(text)
	return strings.TrimSpace(quoted.String()), err
}
