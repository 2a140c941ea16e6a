package generate

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
	"golang.org/x/tools/go/packages"
)

// A program holds an app's packages and all packages that they import, type-checked.
type program struct {
	fset  *token.FileSet
	units map[string]*unit // by import path
	// own are the app's packages, sorted: those that match the patterns and others of their
	// modules. Only these register commands and events.
	own []*unit
	// decls are the functions and methods that were found in source.
	decls   map[types.Object]*ast.FuncDecl
	ownDocs bool     // Doc comments of other modules are omitted.
	dirs    []string // of the packages that match the patterns, sorted
	dir     string   // problems name files relative to it
}

// A unit is one package.
type unit struct {
	meta  *packages.Package
	own   bool
	files []*ast.File
	types *types.Package
	info  *types.Info
	errs  []error
	ready chan struct{} // closed when the package has been checked
	// sources is filled by the first call of program.source.
	sources map[types.Object]source
}

// load reads and type-checks the packages that match the patterns.
//
// It reads types from source alone and never runs cgo, so it needs neither a C compiler nor the
// headers of the app's libraries; names from C stay unknown. For speed it checks function bodies
// only in packages that may register commands or events.
func load(ctx context.Context, dir string, patterns []string) (*program, error) {
	fset := token.NewFileSet()
	roots, err := packages.Load(&packages.Config{
		Context: ctx,
		Mode:    packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps | packages.NeedModule,
		Dir:     dir,
		// Read files that use cgo even if they cannot be built here.
		Env: append(os.Environ(), "CGO_ENABLED=1"),
	}, patterns...)
	if err != nil {
		return nil, fmt.Errorf("finding the packages: %w", err)
	}
	p := &program{fset: fset, units: map[string]*unit{}, decls: map[types.Object]*ast.FuncDecl{}, dir: dir}
	modules := map[string]bool{}
	for _, root := range roots {
		if root.Module != nil {
			modules[root.Module.Path] = true
		}
		if len(root.GoFiles) > 0 {
			p.dirs = append(p.dirs, filepath.Dir(root.GoFiles[0]))
		}
	}
	var errs []error
	packages.Visit(roots, nil, func(meta *packages.Package) {
		u := &unit{meta: meta, ready: make(chan struct{})}
		u.own = slices.Contains(roots, meta) || (meta.Module != nil && modules[meta.Module.Path])
		p.units[meta.PkgPath] = u
		if !u.own {
			// A missing package causes type errors that hide the reason.
			for _, e := range meta.Errors {
				if len(meta.GoFiles) == 0 && e.Kind == packages.ListError {
					errs = append(errs, missing(meta.PkgPath, e))
				}
			}
			return
		}
		p.own = append(p.own, u)
		for _, e := range meta.Errors {
			// The embedded files may be built from the file that is about to be generated.
			if !strings.Contains(e.Msg, "no matching files found") {
				errs = append(errs, e)
			}
		}
	})
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if len(p.own) == 0 {
		return nil, fmt.Errorf("no packages match %s", strings.Join(patterns, " "))
	}
	slices.Sort(p.dirs)
	p.dirs = slices.Compact(p.dirs)
	slices.SortFunc(p.own, func(a, b *unit) int { return strings.Compare(a.meta.PkgPath, b.meta.PkgPath) })
	if err := p.check(ctx); err != nil {
		return nil, err
	}
	for _, u := range p.units {
		if u.info == nil {
			continue
		}
		for _, file := range u.files {
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok {
					p.decls[u.info.Defs[f.Name]] = f
				}
			}
		}
	}
	return p, nil
}

// missing returns the error for a missing package, with the command that adds it.
func missing(path string, e packages.Error) error {
	// The go command puts its advice on a separate line.
	message := strings.Join(strings.Fields(e.Msg), " ")
	if !strings.Contains(message, "go get") && !strings.Contains(message, "go mod") {
		message += "; to add it: go get " + path
	}
	if e.Pos != "" && e.Pos != "-" {
		return fmt.Errorf("%s: %s", e.Pos, message)
	}
	return errors.New(message)
}

// check parses and type-checks all packages. Each waits for its imports.
func (p *program) check(ctx context.Context) error {
	sizes := types.SizesFor("gc", build.Default.GOARCH)
	turns := make(chan struct{}, runtime.GOMAXPROCS(0))
	group, ctx := errgroup.WithContext(ctx)
	for _, u := range p.units {
		group.Go(func() error {
			defer close(u.ready)
			turns <- struct{}{}
			err := p.parse(u)
			<-turns
			if err != nil {
				return err
			}
			for _, imported := range u.meta.Imports {
				select {
				case <-p.units[imported.PkgPath].ready:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			turns <- struct{}{}
			defer func() { <-turns }()
			p.checkUnit(u, sizes)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	var errs []error
	for _, u := range p.own {
		errs = append(errs, u.errs...)
	}
	return errors.Join(errs...)
}

// parse parses a package's files. The standard library needs no comments, and only the app's own
// packages need function bodies.
func (p *program) parse(u *unit) error {
	mode := parser.SkipObjectResolution
	if u.meta.Module != nil {
		mode |= parser.ParseComments
	}
	for _, name := range u.meta.GoFiles {
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if !u.own {
			blankBodies(src)
		}
		file, err := parser.ParseFile(p.fset, name, src, mode)
		if err != nil {
			if u.own {
				return err
			}
			if file == nil {
				continue
			}
		}
		if !u.own {
			shed(file)
		}
		u.files = append(u.files, file)
	}
	return nil
}

func (p *program) checkUnit(u *unit, sizes types.Sizes) {
	if u.meta.PkgPath == "unsafe" {
		u.types = types.Unsafe
		return
	}
	config := types.Config{
		Importer:         importer{p, u},
		FakeImportC:      true,
		IgnoreFuncBodies: !u.own,
		Sizes:            sizes,
		Error: func(err error) {
			// With import "C", other errors are unreliable.
			if u.own && !u.usesC() && len(u.errs) < 10 {
				u.errs = append(u.errs, p.typeError(err))
			}
		},
	}
	if u.meta.Module != nil && u.meta.Module.GoVersion != "" {
		config.GoVersion = "go" + u.meta.Module.GoVersion
	}
	u.info = &types.Info{Defs: map[*ast.Ident]types.Object{}}
	if u.own {
		u.info.Types = map[ast.Expr]types.TypeAndValue{}
		u.info.Uses = map[*ast.Ident]types.Object{}
		u.info.Instances = map[*ast.Ident]types.Instance{}
	}
	u.types, _ = config.Check(u.meta.PkgPath, p.fset, u.files, u.info) // The config's Error has recorded the errors.
}

func (u *unit) usesC() bool {
	for _, file := range u.files {
		for _, spec := range file.Imports {
			if spec.Path.Value == `"C"` {
				return true
			}
		}
	}
	return false
}

func (p *program) typeError(err error) error {
	var at types.Error
	if errors.As(err, &at) {
		return p.errorf(at.Pos, "%s", at.Msg)
	}
	return err
}

// An importer resolves the imports of one package to packages that were checked before it.
type importer struct {
	p *program
	u *unit
}

// Import implements types.Importer.
func (i importer) Import(path string) (*types.Package, error) {
	meta := i.u.meta.Imports[path]
	if meta == nil {
		if path == "unsafe" {
			return types.Unsafe, nil
		}
		return nil, fmt.Errorf("package %s was not loaded", path)
	}
	if u := i.p.units[meta.PkgPath]; u != nil && u.types != nil {
		return u.types, nil
	}
	return nil, fmt.Errorf("package %s could not be type-checked", path)
}
