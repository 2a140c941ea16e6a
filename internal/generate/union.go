package generate

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"
)

// stream returns the type of a channel or a receiver, if t is one.
func (m *mapper) stream(t *types.Named, way direction, at place) (n node, ok bool) {
	o := t.Origin().Obj()
	if o.Pkg() == nil || o.Pkg().Path() != channelsPath || t.TypeArgs().Len() != 1 {
		return nil, false
	}
	of := t.TypeArgs().At(0)
	switch o.Name() {
	case "Channel":
		n = apply{"Channel", nil}
	case "Receiver":
		n = apply{"Sink", nil}
	default:
		return nil, false
	}
	if way == toPage {
		return m.problem(at, "a %s is allowed only in the arguments of a command", short(t)), true
	}
	if o.Name() == "Channel" {
		return apply{"Channel", m.message(of, at)}, true
	}
	if isBytes(of) {
		return apply{"Sink", nil}, true
	}
	value := m.whole(of, toGo, at)
	m.withoutStreams(value, at, "the value of a channels.Receiver")
	return apply{"Sink", value}, true
}

// message returns the type of a channel's messages.
func (m *mapper) message(t types.Type, at place) node {
	switch {
	case isBytes(t):
		return text("ArrayBuffer")
	case isEmpty(t):
		return text("null")
	case isAny(t):
		return text("unknown")
	case !isVariant(t):
		return m.whole(t, toPage, at)
	}
	named, _ := types.Unalias(t).(*types.Named)
	if named == nil || !types.IsInterface(t) {
		return m.union(t, at)
	}
	both, _ := m.known[0].At(t).(*pair)
	if both == nil {
		both = &pair{t: named, base: baseName(named, 0)}
		m.known[0].Set(t, both)
		m.pairs = append(m.pairs, both)
	}
	if both.of[toPage] == nil {
		d := &declaration{pair: both, doc: m.p.doc(named.Origin().Obj())}
		both.of[toPage] = d
		d.body = m.union(t, place{pos: named.Obj().Pos(), path: short(named), pkg: named.Obj().Pkg()})
	}
	return reference{both.of[toPage]}
}

// union returns the tagged union of t's variants. The variants of an interface are all types in the
// app that implement it, in the order of their declaration.
func (m *mapper) union(t types.Type, at place) node {
	var u union
	seen := map[string]types.Type{}
	for _, v := range m.variants(t, at) {
		event, ok := m.variantName(v, at)
		if !ok {
			continue
		}
		if other := seen[event]; other != nil {
			m.problem(at, "the variants %s and %s have the same name %q; rename one of them",
				short(other), short(v), event)
			continue
		}
		seen[event] = v
		data, _ := pointee(v) // A nil pointer cannot return its variant name.
		u.variants = append(u.variants, variant{event: event, data: m.whole(data, toPage, at)})
	}
	if len(seen) == 0 && types.IsInterface(t) {
		return m.problem(at, "no type in the app implements the union %s", short(t))
	}
	return u
}

// variants returns the types that implement t, or t itself if it is no interface.
func (m *mapper) variants(t types.Type, at place) []types.Type {
	contract, ok := t.Underlying().(*types.Interface)
	if !ok {
		return []types.Type{t}
	}
	var found []types.Type
	for _, u := range m.p.own {
		scope := u.types.Scope()
		var here []*types.TypeName
		for _, name := range scope.Names() {
			o, ok := scope.Lookup(name).(*types.TypeName)
			if !ok || o.IsAlias() || types.IsInterface(o.Type()) {
				continue
			}
			here = append(here, o)
		}
		slices.SortFunc(here, func(a, b *types.TypeName) int { return m.p.order(a, b) })
		for _, o := range here {
			named := o.Type().(*types.Named)
			if named.TypeParams().Len() > 0 {
				if origin := types.NewPointer(named); isVariant(origin) && m.seals(contract, origin) {
					m.problem(place{pos: o.Pos(), path: o.Pkg().Name() + "." + o.Name()}, "a generic type cannot be a variant of %s, "+
						"because its instances are unknown; declare a type for each instance", short(t))
				}
				continue
			}
			switch {
			case types.Implements(named, contract):
				found = append(found, named)
			case types.Implements(types.NewPointer(named), contract):
				found = append(found, types.NewPointer(named))
			}
		}
	}
	return found
}

// seals reports whether t has all methods of an interface by name, whatever their types.
func (m *mapper) seals(contract *types.Interface, t types.Type) bool {
	set := types.NewMethodSet(t)
	for i := range contract.NumMethods() {
		f := contract.Method(i)
		if set.Lookup(f.Pkg(), f.Name()) == nil {
			return false
		}
	}
	return true
}

// variantName returns the constant that the type's Variant method returns.
func (m *mapper) variantName(t types.Type, at place) (string, bool) {
	method := types.NewMethodSet(t).Lookup(nil, "Variant").Obj()
	u := m.p.units[method.Pkg().Path()]
	d := m.p.decls[method.(*types.Func).Origin()]
	if d != nil && d.Body != nil && len(d.Body.List) == 1 && u.info.Types != nil {
		if r, ok := d.Body.List[0].(*ast.ReturnStmt); ok && len(r.Results) == 1 {
			if value := u.info.Types[r.Results[0]].Value; value != nil && value.Kind() == constant.String {
				return constant.StringVal(value), true
			}
		}
	}
	m.problem(place{pos: method.Pos(), path: short(t) + ".Variant"}, "the method must return a constant "+
		"and do nothing else")
	return "", false
}

// withoutStreams reports a problem if a type contains a channel or a sink.
func (m *mapper) withoutStreams(n node, at place, where string) {
	seen := map[*declaration]bool{}
	var look func(node)
	look = func(n node) {
		walk(n, func(n node) {
			switch n := n.(type) {
			case apply:
				m.problem(at, "%s cannot contain a %s, which is allowed only in the arguments of a command", where, strings.ToLower(n.class))
			case reference:
				if !seen[n.to] && n.to.body != nil {
					seen[n.to] = true
					look(n.to.body)
				}
			}
		})
	}
	look(n)
}

// isBytes reports whether t is exactly []byte, which travels as bytes unless it is part of another
// value.
func isBytes(t types.Type) bool { return types.Identical(t, types.NewSlice(types.Typ[types.Byte])) }

// isEmpty reports whether t is exactly struct{}, which travels as null unless it is part of another
// value.
func isEmpty(t types.Type) bool { return types.Identical(t, types.NewStruct(nil, nil)) }

func isAny(t types.Type) bool {
	if _, unknown := types.Unalias(t).(*types.TypeParam); unknown {
		return false
	}
	i, ok := t.Underlying().(*types.Interface)
	return ok && i.Empty()
}
