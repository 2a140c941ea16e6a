package generate

import (
	"cmp"
	"go/ast"
	"go/constant"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A value is a value of an enumeration.
type value struct {
	name    string // in Go
	key     string // in TypeScript
	literal string
	doc     string
}

// enumeration returns the constants of a type, in the order of their declaration, if they form an
// enumeration: at least two of them are in one block. An enumeration is whole unless its constants
// are flags, which combine to other values.
func (p *program) enumeration(t *types.Named) (values []value, whole bool) {
	o := t.Obj()
	if o.Pkg() == nil || o.Parent() != o.Pkg().Scope() || t.TypeArgs().Len() > 0 {
		return nil, false
	}
	var constants []*types.Const
	blocks := map[any]int{}
	most := 0
	whole = true
	for _, name := range o.Pkg().Scope().Names() {
		c, ok := o.Pkg().Scope().Lookup(name).(*types.Const)
		if !ok || !types.Identical(c.Type(), t) {
			continue
		}
		constants = append(constants, c)
		s := p.source(c)
		if s.block != nil && s.block.Lparen.IsValid() {
			blocks[s.block]++
			most = max(most, blocks[s.block])
		}
		whole = whole && !s.shifts
	}
	if most < 2 {
		return nil, false
	}
	slices.SortFunc(constants, func(a, b *types.Const) int { return p.order(a, b) })
	for _, c := range constants {
		literal, ok := literalOf(c.Val())
		if !ok {
			return nil, false
		}
		values = append(values, value{name: c.Name(), literal: literal, doc: p.doc(c)})
	}
	nameKeys(values, o.Name())
	return values, whole
}

// literalOf returns a constant in TypeScript. ok is false if JavaScript cannot represent it.
func literalOf(v constant.Value) (string, bool) {
	switch v.Kind() {
	case constant.String:
		return quote(constant.StringVal(v)), true
	case constant.Int:
		n, exact := constant.Int64Val(v)
		return v.ExactString(), exact && n < 1<<53 && n > -1<<53
	}
	return "", false
}

// literals returns the union type of the values and of what else there may be.
func literals(values []value, others []string) node {
	var all []string
	for _, v := range values {
		if !slices.Contains(all, v.literal) {
			all = append(all, v.literal)
		}
	}
	for _, other := range others {
		if !slices.Contains(all, other) {
			all = append(all, other)
		}
	}
	return text(strings.Join(all, " | "))
}

// The intersection with {} keeps TypeScript from merging the literals of the union into string or
// number, so that editors still offer them.
const (
	openString = "(string & {})"
	openNumber = "(number & {})"
)

// opening returns the types of the values that t may hold besides its constants. The app's own types
// have none. Types of other modules have the zero value, and values that a later version adds.
func (m *mapper) opening(t *types.Named) []string {
	if m.p.owns(t.Obj().Pkg()) {
		return nil
	}
	if t.Underlying().(*types.Basic).Info()&types.IsString != 0 {
		return []string{quote(""), openString}
	}
	return []string{"0", openNumber}
}

const closedDirective = "//casement:closed"

// closed reports whether a type has the directive that closes it.
func (p *program) closed(t *types.Named) bool {
	s := p.source(t.Obj())
	for _, group := range []*ast.CommentGroup{s.doc, s.beside} {
		if group != nil && slices.ContainsFunc(group.List, func(c *ast.Comment) bool {
			return strings.TrimSpace(c.Text) == closedDirective
		}) {
			return true
		}
	}
	return false
}

// checkClosed adds a problem if a closed type has no method ClosedValues that lists exactly its
// constants. Validation needs the method, because it can't see comments.
func (m *mapper) checkClosed(t *types.Named, values []value, whole bool, at place) {
	if !m.p.closed(t) {
		return
	}
	if !whole {
		m.problem(at, "it is closed, but no block of constants has two or more of its values")
		return
	}
	name := t.Obj().Name()
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = v.name
	}
	if listed, ok := m.p.listed(t); !ok || !slices.Equal(slices.Sorted(slices.Values(listed)), slices.Sorted(slices.Values(names))) {
		m.problem(at, "it is closed, so it needs a method that lists its values; write it so:\n"+
			"\tfunc (%s) ClosedValues() []%[1]s { return []%[1]s{%s} }", name, strings.Join(names, ", "))
	}
}

// listed returns the names of the constants in the method ClosedValues of a type.
func (p *program) listed(t *types.Named) (listed []string, ok bool) {
	for f := range t.Methods() {
		d := p.decls[f]
		if f.Name() != "ClosedValues" || d == nil || d.Body == nil || len(d.Body.List) != 1 {
			continue
		}
		r, isReturn := d.Body.List[0].(*ast.ReturnStmt)
		if !isReturn || len(r.Results) != 1 || !has(t, "ClosedValues", "func() []"+fullName(t.Obj())) {
			return nil, false
		}
		list, isList := r.Results[0].(*ast.CompositeLit)
		if !isList {
			return nil, false
		}
		for _, e := range list.Elts {
			id, isIdent := e.(*ast.Ident)
			if !isIdent {
				return nil, false
			}
			listed = append(listed, id.Name)
		}
		return listed, true
	}
	return nil, false
}

// nameKeys sets the keys of the values. It removes the name of the type where all constants have
// it: ThemeDark becomes Theme.Dark.
func nameKeys(values []value, typ string) {
	without := func(cut func(name string) (string, bool)) bool {
		seen := map[string]bool{}
		keys := make([]string, len(values))
		for i, v := range values {
			rest, ok := cut(v.name)
			rest = strings.TrimLeft(rest, "_")
			if first, _ := utf8.DecodeRuneInString(rest); !ok || !unicode.IsUpper(first) || seen[rest] {
				return false
			}
			keys[i], seen[rest] = rest, true
		}
		for i := range values {
			values[i].key = keys[i]
		}
		return true
	}
	prefix := func(name string) (string, bool) {
		if len(name) <= len(typ) || !strings.EqualFold(name[:len(typ)], typ) {
			return "", false
		}
		return name[len(typ):], true
	}
	suffix := func(name string) (string, bool) {
		return strings.CutSuffix(upperFirst(name), upperFirst(typ))
	}
	whole := func(name string) (string, bool) { return upperFirst(name), true }
	if without(prefix) || without(suffix) || without(whole) {
		return
	}
	for i := range values {
		values[i].key = values[i].name
	}
}

// order compares objects of one package by their position in the source.
func (p *program) order(a, b types.Object) int {
	at, other := p.fset.Position(a.Pos()), p.fset.Position(b.Pos())
	return cmp.Or(
		strings.Compare(filepath.Base(at.Filename), filepath.Base(other.Filename)),
		at.Offset-other.Offset,
	)
}
