package generate

import (
	"cmp"
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
// enumeration: at least two of them are in one block. An enumeration is closed unless its constants
// are flags, which combine to other values.
func (p *program) enumeration(t *types.Named) (values []value, closed bool) {
	o := t.Obj()
	if o.Pkg() == nil || o.Parent() != o.Pkg().Scope() || t.TypeArgs().Len() > 0 {
		return nil, false
	}
	var constants []*types.Const
	blocks := map[any]int{}
	most := 0
	closed = true
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
		closed = closed && !s.shifts
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
		values = append(values, value{name: c.Name(), literal: literal, doc: p.source(c).text()})
	}
	nameKeys(values, o.Name())
	return values, closed
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

// literals returns the union type of the values.
func literals(values []value) node {
	var all []string
	for _, v := range values {
		if !slices.Contains(all, v.literal) {
			all = append(all, v.literal)
		}
	}
	return text(strings.Join(all, " | "))
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
