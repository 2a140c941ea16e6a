package generate

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"casement/manifest"
)

// A table holds the TypeScript types that the app gives to types of other modules.
type table struct {
	file  string // the manifest, empty if the app has none
	given map[string]manifest.TypeScript
	// aliases holds the directives on the app's aliases, by the aliased type.
	aliases map[*types.TypeName]string
}

// readTable reads the table from the manifests beside the packages that match the patterns, and
// from the app's aliases.
func (p *program) readTable() (table, []*Problem) {
	t := table{given: map[string]manifest.TypeScript{}, aliases: map[*types.TypeName]string{}}
	var problems []*Problem
	for _, dir := range p.dirs {
		file := filepath.Join(dir, manifest.File)
		data, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		at := p.relative(token.Position{Filename: file})
		var given map[string]manifest.TypeScript
		if err == nil {
			given, err = manifest.Types(data)
		}
		if err != nil {
			reason := strings.TrimPrefix(err.Error(), manifest.File+": ")
			problems = append(problems, &Problem{Position: at, Reason: reason})
			continue
		}
		t.file = at.Filename
		for _, name := range slices.Sorted(maps.Keys(given)) {
			if reason := p.unknownName(name); reason != "" {
				problems = append(problems, &Problem{Position: at, Reason: fmt.Sprintf("types[%q]: %s", name, reason)})
			}
			t.given[name] = given[name]
		}
	}
	for _, u := range p.own {
		scope := u.types.Scope()
		for _, name := range scope.Names() {
			o, ok := scope.Lookup(name).(*types.TypeName)
			if !ok || !o.IsAlias() {
				continue
			}
			named, ok := types.Unalias(o.Type()).(*types.Named)
			if !ok || p.owns(named.Obj().Pkg()) {
				continue
			}
			if text := p.directive(o); text != "" {
				t.aliases[named.Origin().Obj()] = text
			}
		}
	}
	return t, problems
}

// unknownName returns the reason why a key of the table names no type. It is empty if the key names
// one.
func (p *program) unknownName(name string) string {
	at := strings.LastIndexByte(name, '.')
	path, typ := name[:at], name[at+1:]
	u := p.units[path]
	switch {
	case u == nil || u.types == nil:
		return "the app does not import " + path
	case typ == "*":
		return ""
	}
	if _, ok := u.types.Scope().Lookup(typ).(*types.TypeName); !ok {
		return fmt.Sprintf("%s has no type %s", path, typ)
	}
	return ""
}

// directive returns the TypeScript type in the directive on the declaration of o.
func (p *program) directive(o types.Object) string {
	s := p.source(o)
	return directiveIn(s.doc, s.beside)
}

// owns reports whether a package is the app's own. A nil package counts as own.
func (p *program) owns(pkg *types.Package) bool {
	if pkg == nil {
		return true
	}
	u := p.units[pkg.Path()]
	return u != nil && u.own
}

// fullName returns the key of a type in the table.
func fullName(o *types.TypeName) string {
	if o.Pkg() == nil {
		return o.Name()
	}
	return o.Pkg().Path() + "." + o.Name()
}

// unversioned returns the import path of a package without the major version of its module.
func (p *program) unversioned(pkg *types.Package) string {
	path := pkg.Path()
	if u := p.units[path]; u != nil && u.meta.Module != nil {
		module := u.meta.Module.Path
		if short := majorVersion.ReplaceAllString(module, ""); strings.HasPrefix(path, module) {
			return short + path[len(module):]
		}
	}
	return path
}

var majorVersion = regexp.MustCompile(`/v[0-9]+$`)

// given returns the TypeScript type that the app gives to t. It is empty if the type is derived.
func (m *mapper) given(t *types.Named, way direction) string {
	o := t.Origin().Obj()
	if text := in(m.table.given[fullName(o)], way); text != "" {
		return text
	}
	return m.table.aliases[o]
}

// inSource returns the TypeScript type in the directive on t itself.
func (m *mapper) inSource(t *types.Named) string {
	return m.p.directive(t.Origin().Obj())
}

// onAlias returns the TypeScript type in the directive on an alias, which applies to uses of the
// alias only. An alias of another module's named type gives that type its entry instead.
func (m *mapper) onAlias(t *types.Alias) string {
	if named, ok := types.Unalias(t).(*types.Named); ok && m.table.aliases[named.Origin().Obj()] != "" {
		return ""
	}
	return m.p.directive(t.Origin().Obj())
}

// knownOf returns the TypeScript type of a type that encodes or decodes itself, from the app's
// patterns or the built-in types. It is empty if neither has one.
func (m *mapper) knownOf(t *types.Named, way direction) string {
	o := t.Origin().Obj()
	if o.Pkg() == nil {
		return ""
	}
	path := m.p.unversioned(o.Pkg())
	for _, entry := range []manifest.TypeScript{
		m.table.given[o.Pkg().Path()+".*"], builtin[path+"."+o.Name()], builtin[path+".*"],
	} {
		if text := in(entry, way); text != "" {
			return text
		}
	}
	return ""
}

// in returns the type of an entry in one direction.
func in(t manifest.TypeScript, way direction) string {
	if way == toPage {
		return strings.TrimSpace(t.ToPage)
	}
	return strings.TrimSpace(t.ToGo)
}

// hole matches a placeholder: $0 is the type derived from its fields, $1 is its first type argument.
var hole = regexp.MustCompile(`\$[0-9]`)

// fill returns the node of a text with its placeholders filled.
func (m *mapper) fill(given string, t *types.Named, way direction, at place) node {
	if !hole.MatchString(given) {
		return text(given)
	}
	filled := template{text: given}
	for _, h := range hole.FindAllString(given, -1) {
		switch n := int(h[1] - '0'); {
		case n == 0:
			by, _ := m.structure(t, way, at)
			filled.holes = append(filled.holes, by)
		case n <= t.TypeArgs().Len():
			argument := m.whole(t.TypeArgs().At(n-1), way, at)
			if or, nullable := argument.(nullable); nullable && strings.HasSuffix(given, "| null") {
				argument = or.of // Once is enough.
			}
			filled.holes = append(filled.holes, argument)
		default:
			return m.problem(at, "%q stands for a type argument that %s does not have", h, short(t))
		}
	}
	return filled
}
