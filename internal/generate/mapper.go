package generate

import (
	"fmt"
	"go/token"
	"go/types"
	"strconv"

	"golang.org/x/tools/go/types/typeutil"
)

// A direction is the direction of a value. A type may have different forms in the two.
type direction int

const (
	toPage direction = iota
	toGo
)

// A mapper maps Go types to TypeScript types.
type mapper struct {
	p        *program
	table    table
	problems []*Problem
	unknowns []*unknown
	foreign  map[foreign]*unknown
	// root is the registration whose types are being mapped.
	root place
	// known holds the pair of each declared type. The second map is for addressable values of
	// types that sensitive reports.
	known [2]typeutil.Map
	pairs []*pair
	// noProtobuf is set once a message was found in an app that does not import protobuf.
	noProtobuf bool
	// senses caches the results of sensitive.
	senses typeutil.Map
}

// A pair holds the declarations of one Go type, one for each direction in which it travels.
type pair struct {
	t       *types.Named
	pointed bool   // for addressable values of a sensitive type
	base    string // its name, before clashes
	// depth is the number of elements of the package path in the name, and inner the number in the
	// names of type arguments.
	depth, inner int
	differs      bool // the two directions have different types
	of           [2]*declaration
}

// A declaration is a named TypeScript type.
type declaration struct {
	pair *pair
	way  direction
	name string
	doc  string
	body node
	// values are the values of an enumeration.
	values []value
}

// A place is the location of a type, which problems name.
type place struct {
	pos  token.Pos
	path string
	// pkg is the package of the declaration, nil for a registration.
	pkg *types.Package
	// pointed means that the value is reached through a pointer, so that methods with a pointer
	// receiver count.
	pointed bool
	// nil means that a field is a pointer. Then null is always a valid value.
	nil bool
}

func (at place) field(v *types.Var) place {
	return place{pos: v.Pos(), path: at.path + "." + v.Name(), pkg: v.Pkg(), pointed: at.pointed}
}

func newMapper(p *program) *mapper { return &mapper{p: p} }

// Advice that only the owner of the source can follow.
const (
	leaveOut  = "leave the field out with `json:\"-\"`"
	useStruct = "use a struct or any"
)

func (m *mapper) problem(at place, format string, args ...any) node {
	if !m.p.owns(at.pkg) {
		m.foreignProblem(at, fmt.Sprintf(format, args...))
		return text("never")
	}
	problem := m.p.errorf(at.pos, format, args...)
	problem.Reason = at.path + ": " + problem.Reason
	m.problems = append(m.problems, problem)
	return text("never")
}

// The types of @casement/api/go, qualified by the name under which the file imports it.
const (
	wireJSON     = text("go.Json")
	wireTime     = text("go.Time")
	wireDuration = text("go.Duration")
	wireBase64   = text("go.Base64")
	wireBytes    = text("go.Bytes")
	wireInteger  = text("go.IntegerString")
	wireNumber   = text("go.NumberString")
	wireBoolean  = text("go.BooleanString")
)

// orNull returns n or null if nulls is positive.
func orNull(n node, nulls int) node {
	if nulls <= 0 || n == wireJSON || n == text("unknown") {
		return n
	}
	return nullable{n}
}

// whole returns the type of t, with null if t may be nil.
func (m *mapper) whole(t types.Type, way direction, at place) node {
	return orNull(m.of(t, way, at))
}

// of returns the type of t and the number of levels at which it may be null: a nil slice, map or
// pointer is null, and so is a pointer to a nil slice.
func (m *mapper) of(t types.Type, way direction, at place) (n node, nulls int) {
	for {
		alias, ok := t.(*types.Alias)
		if !ok {
			break
		}
		if given := m.onAlias(alias); given != "" {
			return text(given), 0
		}
		t = alias.Rhs()
	}
	if named, ok := t.(*types.Named); ok {
		return m.named(named, way, at)
	}
	if _, pointer := pointee(t); pointer {
		return m.structure(t, way, at)
	}
	at.pointed = at.pointed || way == toGo
	if custom, ok := m.custom(t, way, at); ok {
		return custom, 0
	}
	return m.structure(t, way, at)
}

// structure returns the type of t by its underlying type, without regard to its methods.
func (m *mapper) structure(t types.Type, way direction, at place) (n node, nulls int) {
	at, pointed := place{pos: at.pos, path: at.path, pkg: at.pkg}, at
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return m.problem(at, "the type parameter %s is unknown here; register in a function without type parameters", t), 0
	}
	name := short(t)
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return m.basic(t, at), 0
	case *types.Pointer:
		pointed.pointed = true
		n, nulls := m.of(t.Elem(), way, pointed)
		return n, nulls + 1
	case *types.Slice:
		if isByte(t.Elem()) {
			if hasSay(t.Elem()) {
				return m.problem(at, "a slice of a byte type with JSON methods is not supported; use []byte"), 0
			}
			if way == toGo {
				return wireBytes, 1
			}
			return wireBase64, 1
		}
		at.pointed = true // Elements of slices are addressable.
		return array{m.whole(t.Elem(), way, at)}, 1
	case *types.Array:
		at.pointed = pointed.pointed
		of := m.whole(t.Elem(), way, at)
		if t.Len() <= maxTuple {
			return tuple{of, int(t.Len())}, 0
		}
		return array{of}, 0
	case *types.Map:
		return record{key: m.key(t.Key(), way, at), partial: m.enumerated(t.Key()), of: m.whole(t.Elem(), way, at)}, 1
	case *types.Struct:
		if mute(t) && !pointed.nil {
			return m.problem(at, "all fields of %s are unexported, so JSON has none of them", name), 0
		}
		at.pointed = pointed.pointed
		return m.object(t, way, at), 0
	case *types.Interface:
		if t.Empty() {
			return wireJSON, 1
		}
		if isVariant(t) {
			return m.problem(at, "the union %s can be sent only over a channels.Channel[%[1]s]; elsewhere, "+useStruct,
				name), 0
		}
		return m.problem(at, "the JSON of an interface other than any is unknown; "+useStruct), 0
	case *types.Chan:
		return m.problem(at, "a chan has no JSON; stream with a channels.Channel, or "+leaveOut), 0
	case *types.Signature:
		return m.problem(at, "a func has no JSON; "+leaveOut), 0
	}
	return m.problem(at, "%s has no JSON; "+leaveOut, name), 0
}

// maxTuple is the length up to which arrays become tuples.
const maxTuple = 8

func isByte(t types.Type) bool {
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Kind() == types.Uint8
}

func (m *mapper) basic(t *types.Basic, at place) node {
	switch info := t.Info(); {
	case t.Kind() == types.Invalid:
		return m.problem(at, "the type is unknown; replace a type from C by a Go type")
	case info&types.IsBoolean != 0:
		return text("boolean")
	case info&types.IsComplex != 0:
		return m.problem(at, "a complex number has no JSON; use two float64")
	case info&(types.IsInteger|types.IsFloat) != 0:
		// A number that JavaScript would round is an error at run time, on either side.
		return text("number")
	case info&types.IsString != 0:
		return text("string")
	}
	return m.problem(at, "%s has no JSON; "+leaveOut, t)
}

// key returns the type of a map's keys.
func (m *mapper) key(t types.Type, way direction, at place) node {
	basic, _ := t.Underlying().(*types.Basic)
	switch {
	case basic != nil && basic.Info()&types.IsString != 0:
		named, ok := types.Unalias(t).(*types.Named)
		if !ok || !m.enumerated(t) {
			return text("string")
		}
		of := reference{m.declare(named, way, at)}
		if m.p.owns(named.Obj().Pkg()) && !m.p.closed(named) {
			return template{text: "$0 | " + openString, holes: []node{of}} // A map accepts any key.
		}
		return of
	case ownText(t, way):
		return text("string")
	case basic != nil && basic.Info()&types.IsInteger != 0:
		return text("number")
	}
	return m.problem(at, "keys of type %s have no JSON; use strings, integers, or a type with MarshalText and UnmarshalText",
		short(t))
}

// enumerated reports whether t is an enumeration of strings.
func (m *mapper) enumerated(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || hasSay(t) || m.given(named, toPage) != "" || m.inSource(named) != "" {
		return false
	}
	basic, ok := named.Underlying().(*types.Basic)
	if !ok || basic.Info()&types.IsString == 0 {
		return false
	}
	values, whole := m.p.enumeration(named)
	return whole && len(values) > 0
}

// object returns the type of a struct.
func (m *mapper) object(t *types.Struct, way direction, at place) object {
	fields, lost, bad := fieldsOf(t)
	for _, tag := range bad {
		m.problem(place{pos: tag.pos, path: at.path + "." + tag.name}, "%s", tag.reason)
	}
	if way == toGo {
		for _, name := range lost {
			m.problem(at, "json omits all embedded fields named %s; rename one of them", name)
		}
	}
	var o object
	for _, f := range fields {
		if f.sealed && way == toGo {
			m.problem(at.field(f.v), "a page cannot set a field of an embedded pointer to an unexported struct; "+
				"embed the struct itself, or export it")
			continue
		}
		o.properties = append(o.properties, m.property(f, way, at.field(f.v)))
	}
	return o
}

func (m *mapper) property(f field, way direction, at place) property {
	s := m.p.source(f.v.Origin())
	p := property{name: f.name, doc: m.p.doc(f.v.Origin()), optional: f.omitted()}
	if way == toGo {
		p.optional = f.optional()
	}
	var n node
	var nulls int
	if given := directiveIn(s.doc, s.beside); given != "" {
		n = text(given)
		if _, pointer := pointee(f.v.Type()); pointer {
			nulls = 1
		}
	} else {
		_, at.nil = pointee(f.v.Type())
		n, nulls = m.of(f.v.Type(), way, at)
	}
	if quoted := m.quoted(f, way); quoted != nil {
		n = quoted
	}
	if f.omitZero || (f.omitEmpty && canBeEmpty(f.v.Type())) {
		nulls-- // A null value is omitted.
	}
	p.of = orNull(n, nulls)
	return p
}

// quoted returns the type of a field with the tag option string, or nil if the option does not
// apply.
func (m *mapper) quoted(f field, way direction) node {
	t, _ := pointee(f.v.Type())
	if !f.quoted || hasSay(t) {
		return nil
	}
	switch info := t.Underlying().(*types.Basic).Info(); {
	case info&types.IsInteger != 0:
		return wireInteger
	case info&types.IsFloat != 0:
		return wireNumber
	case info&types.IsBoolean != 0:
		return wireBoolean
	}
	return text("string")
}

// named returns the type of a named type.
func (m *mapper) named(t *types.Named, way direction, at place) (n node, nulls int) {
	given := m.given(t, way)
	if given == "" {
		if known := wellKnown(t); known != nil {
			return known, 0
		}
		given = m.inSource(t)
	}
	if given != "" {
		return reference{m.declareAs(t, given, way, at)}, 0
	}
	if stream, ok := m.stream(t, way, at); ok {
		return stream, 0
	}
	if isMessage(t) {
		return m.protobuf(t, way, at), 0
	}
	at.pointed = at.pointed || way == toGo
	if custom, ok := m.custom(t, way, at); ok {
		return custom, 0
	}
	switch u := t.Underlying().(type) {
	case *types.Interface, *types.Chan, *types.Signature:
		return m.structure(t, way, at)
	case *types.Pointer:
		if _, again := types.Unalias(u.Elem()).(*types.Named); again {
			return m.problem(at, "a named pointer type is not supported; use *%s", short(u.Elem())), 0
		}
		return m.structure(t, way, at)
	case *types.Basic:
		if u.Kind() == types.Invalid {
			return m.structure(t, way, at)
		}
	case *types.Slice, *types.Map:
		nulls = 1
	case *types.Struct:
		if mute(t) && !at.nil && m.p.owns(at.pkg) {
			return m.problem(at, "all fields of %s are unexported, so JSON has none of them", short(t)), 0
		}
		if mute(t) && !at.nil {
			if known := m.knownOf(t, way); known != "" {
				return reference{m.declareAs(t, known, way, at)}, 0
			}
			m.unknownType(t.Obj(), way, at)
			return text("never"), 0
		}
	}
	return reference{m.declare(t, way, at)}, nulls
}

// wellKnown returns the type for a standard library type with a JSON form of its own, or nil.
func wellKnown(t *types.Named) node {
	if t.Obj().Pkg() == nil {
		return nil
	}
	switch t.Obj().Pkg().Path() + "." + t.Obj().Name() {
	case "time.Time":
		return wireTime
	case "time.Duration":
		return wireDuration
	case "encoding/json.RawMessage", "encoding/json/jsontext.Value":
		return wireJSON
	case "encoding/json.Number":
		return text("number")
	}
	return nil
}

// custom returns the type for a type that encodes or decodes itself. ok is false if t does not.
func (m *mapper) custom(t types.Type, way direction, at place) (n node, ok bool) {
	value, pointer := ownJSON(t, way), ownJSON(types.NewPointer(t), way)
	switch {
	case value || (pointer && at.pointed):
		return m.ownJSON(t, way, at), true
	case pointer && nothing(t):
		return m.problem(at, "MarshalJSON of %s has a pointer receiver, so values do not use it and are sent as {}; "+
			"use *%[1]s", short(t)), true
	}
	value, pointerText := ownText(t, way), ownText(types.NewPointer(t), way)
	switch {
	case value || (pointerText && at.pointed):
		return text("string"), true
	case pointerText && !pointer:
		return m.problem(at, "MarshalText of %s has a pointer receiver, so values do not use it; "+
			"use *%[1]s, or a value receiver", short(t)), true
	}
	return nil, false
}

// nothing reports whether t is a struct with fields, none of which is in JSON.
func nothing(t types.Type) bool {
	s, ok := t.Underlying().(*types.Struct)
	if !ok || s.NumFields() == 0 {
		return false
	}
	fields, _, _ := fieldsOf(s)
	return len(fields) == 0
}

// ownJSON returns the type for a type that encodes or decodes its own JSON.
func (m *mapper) ownJSON(t types.Type, way direction, at place) node {
	if of := promoted(t, way); of != nil {
		return m.whole(of, way, at)
	}
	verb := "writes"
	if way == toGo {
		verb = "reads"
	}
	named, ok := types.Unalias(t).(*types.Named)
	if ok {
		if known := m.knownOf(named, way); known != "" {
			return reference{m.declareAs(named, known, way, at)}
		}
		if o := named.Origin().Obj(); !m.p.owns(o.Pkg()) {
			m.unknownType(o, way, at)
			return text("never")
		}
	}
	return m.problem(at, "%s %s its own JSON, so its TypeScript type is unknown; give it in a comment on the type or the field: "+
		"//casement:ts string", short(t), verb)
}

// promoted returns the type of the embedded field from which a struct gets its JSON method. It is nil
// if the struct declares the method itself.
func promoted(t types.Type, way direction) types.Type {
	name := "MarshalJSON"
	if way == toGo {
		name = "UnmarshalJSON"
	}
	s, ok := t.Underlying().(*types.Struct)
	selection := types.NewMethodSet(types.NewPointer(t)).Lookup(nil, name)
	if !ok || selection == nil || len(selection.Index()) < 2 {
		return nil
	}
	of := s.Field(selection.Index()[0]).Type()
	if _, pointer := of.Underlying().(*types.Pointer); pointer {
		return nil // Its methods may fail on a nil pointer.
	}
	return of
}

// sensitive reports whether the JSON of t depends on whether its values are addressable: encoders call
// methods with a pointer receiver only then.
func (m *mapper) sensitive(t types.Type) bool {
	if known, ok := m.senses.At(t).(bool); ok {
		return known
	}
	pointer := types.NewPointer(t)
	is := (ownJSON(pointer, toPage) && !ownJSON(t, toPage)) || (ownText(pointer, toPage) && !ownText(t, toPage))
	if !is && !ownJSON(t, toPage) && !ownText(t, toPage) {
		switch u := t.Underlying().(type) {
		case *types.Array:
			is = m.sensitive(u.Elem())
		case *types.Struct:
			for v := range u.Fields() {
				is = is || (v.Exported() || v.Embedded()) && m.sensitive(v.Type())
			}
		}
	}
	m.senses.Set(t, is)
	return is
}

// declare returns the declaration of a type and creates it on first use.
func (m *mapper) declare(t *types.Named, way direction, at place) *declaration {
	return m.declareAs(t, "", way, at)
}

// declareAs declares t as the given TypeScript type, or derives its type if given is empty.
func (m *mapper) declareAs(t *types.Named, given string, way direction, at place) *declaration {
	pointed := way == toPage && at.pointed && given == "" && m.sensitive(t)
	known := &m.known[0]
	if pointed {
		known = &m.known[1]
	}
	both, _ := known.At(t).(*pair)
	if both == nil {
		both = &pair{t: t, pointed: pointed, base: baseName(t, 0)}
		known.Set(t, both)
		m.pairs = append(m.pairs, both)
	}
	if d := both.of[way]; d != nil {
		return d
	}
	o := t.Origin().Obj()
	d := &declaration{pair: both, way: way, doc: m.p.doc(o)}
	both.of[way] = d
	// Whether the type may be empty is up to where it stands.
	at = place{pos: o.Pos(), path: short(t), pkg: o.Pkg(), nil: true, pointed: pointed}
	if given != "" {
		d.body = m.fill(given, t, way, at)
		return d
	}
	if _, ok := t.Underlying().(*types.Basic); ok {
		var whole bool
		d.values, whole = m.p.enumeration(t)
		whole = whole && len(d.values) > 0
		if m.p.owns(o.Pkg()) {
			m.checkClosed(t, d.values, whole, at)
		}
		if whole {
			d.body = literals(d.values, m.opening(t))
			return d
		}
	}
	if isMessage(t) {
		d.body = m.messageBody(t, way, at)
		return d
	}
	d.body, _ = m.structure(t, way, at)
	return d
}

// baseName returns the name for a type. Type arguments of a generic type become part of it, with
// that many elements of their packages' paths.
func baseName(t *types.Named, elements int) string {
	name := typeName(t.Obj().Name())
	for i := range t.TypeArgs().Len() {
		name += []string{"Of", "And"}[min(i, 1)] + argumentName(t.TypeArgs().At(i), elements)
	}
	return name
}

func argumentName(t types.Type, elements int) string {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if t.Obj().Pkg() == nil {
			return baseName(t, elements)
		}
		return prefix(t.Obj().Pkg(), elements) + baseName(t, elements)
	case *types.Basic:
		return typeName(t.Name())
	case *types.Pointer:
		return argumentName(t.Elem(), elements) + "Pointer"
	case *types.Slice:
		return argumentName(t.Elem(), elements) + "List"
	case *types.Array:
		return argumentName(t.Elem(), elements) + strconv.FormatInt(t.Len(), 10)
	case *types.Map:
		return argumentName(t.Elem(), elements) + "By" + argumentName(t.Key(), elements)
	case *types.Interface:
		return "Any"
	}
	return "Struct"
}

// short returns the text of a type for messages.
func short(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string { return p.Name() })
}
