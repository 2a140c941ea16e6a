package generate

import (
	"fmt"
	"go/types"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A file is the content of a generated file.
type file struct {
	command      string
	declarations []*declaration
	commands     []command
	events       []event
}

// A command is a function in TypeScript.
type command struct {
	name, function, doc string
	args                node // nil if the command takes none
	optional            bool // the arguments may be omitted
	raw                 bool // the arguments are bytes
	lenient             bool // the arguments may lack fields
	result              node
}

// An event is an object in TypeScript.
type event struct {
	name, property, doc string
	heard, emitted      node
}

// file converts registrations into the content of the file.
func (m *mapper) file(found []registration) *file {
	f := new(file)
	names := map[string]registration{}
	for _, r := range found {
		name := camelCase(r.name)
		if name == "" {
			m.problem(place{pos: r.pos, path: r.kind}, "the name %q contains no letter or digit for a TypeScript name", r.name)
		} else if other, clash := names[r.kind+name]; clash && other.name != r.name {
			m.problem(place{pos: r.pos, path: r.kind}, "%q and %q both become %s in TypeScript; the other is at %s; rename one",
				r.name, other.name, name, m.p.position(other.pos))
		} else {
			names[r.kind+name] = r
		}
		m.root = m.rootOf(r)
		if r.kind == "command" {
			f.commands = append(f.commands, m.command(r, name))
		} else {
			f.events = append(f.events, m.event(r, name))
		}
	}
	m.reportUnknown()
	m.reportForeign()
	m.compareDirections()
	m.nameAll()
	for _, both := range m.pairs {
		for way, d := range both.of {
			if d != nil && (way == int(toPage) || both.differs || both.of[toPage] == nil) {
				f.declarations = append(f.declarations, d)
			}
		}
	}
	slices.SortFunc(f.declarations, func(a, b *declaration) int { return strings.Compare(a.name, b.name) })
	return f
}

// rootOf returns the place of a registration, for problems of types that it uses.
func (m *mapper) rootOf(r registration) place {
	return place{pos: r.pos, path: r.kind + " " + strconv.Quote(r.name)}
}

func (m *mapper) command(r registration, name string) command {
	at := func(part string, t types.Type) place {
		return place{pos: r.pos, path: fmt.Sprintf("%s of command %q (%s)", part, r.name, short(t))}
	}
	c := command{name: r.name, function: name, doc: r.doc}
	args, result := r.types[0], r.types[1]
	c.args, c.optional, c.raw = m.arguments(args, at("the arguments", args))
	c.lenient = r.lenient && c.args != nil && !c.raw
	where := at("the result", result)
	switch {
	case isEmpty(result):
		c.result = text("void")
	case isBytes(result):
		c.result = text("ArrayBuffer")
	case isAny(result):
		c.result = text("unknown")
	default:
		c.result = m.whole(result, toPage, where)
	}
	return c
}

// arguments returns the type of a command's arguments: an object, bytes, or nil for none.
func (m *mapper) arguments(t types.Type, at place) (n node, optional, raw bool) {
	if isBytes(t) {
		return text("ArrayBuffer | ArrayBufferView"), false, true
	}
	if elem, pointer := pointee(t); pointer {
		t = elem
	}
	if isAny(t) || wellKnownJSON(t) {
		return text("Record<string, unknown>"), true, false
	}
	if named, ok := types.Unalias(t).(*types.Named); ok && isMessage(named) && wellKnownMessage(named) == "" {
		return m.protobuf(named, toGo, at), true, false
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		fields, lost, _ := fieldsOf(u)
		custom := hasSay(t)
		if len(fields)+len(lost) == 0 && !custom {
			return nil, false, false
		}
		required := custom || slices.ContainsFunc(fields, func(f field) bool { return !f.optional() })
		n, _ := m.of(t, toGo, at)
		if n == wireTime {
			break
		}
		return n, !required, false
	case *types.Map:
		n, _ := m.of(t, toGo, at)
		return n, true, false
	}
	return m.problem(at, "the arguments of a command must be an object; make this a field of a struct"), false, false
}

func wellKnownJSON(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && wellKnown(named) == wireJSON
}

func (m *mapper) event(r registration, name string) event {
	t := r.types[0]
	at := place{pos: r.pos, path: fmt.Sprintf("the payload of event %q (%s)", r.name, short(t))}
	e := event{name: r.name, property: name, doc: r.doc}
	if isEmpty(t) {
		e.heard, e.emitted = text("null"), text("void")
		return e
	}
	e.heard = m.whole(t, toPage, at)
	e.emitted = m.whole(t, toGo, at)
	m.withoutStreams(e.emitted, at, "an event")
	return e
}

// compareDirections marks the types whose TypeScript differs between the two directions: those that
// differ themselves, and those that refer to such a type.
func (m *mapper) compareDirections() {
	name := func(d *declaration) string {
		id := strconv.Itoa(slices.Index(m.pairs, d.pair))
		if d.pair.differs {
			id += "/" + strconv.Itoa(int(d.way))
		}
		return "#" + id
	}
	for changed := true; changed; {
		changed = false
		for _, both := range m.pairs {
			out, in := both.of[toPage], both.of[toGo]
			if out != nil && in != nil && !both.differs && shape(out.body, name) != shape(in.body, name) {
				both.differs, changed = true, true
			}
		}
	}
}

// nameAll names the declarations. A type keeps its Go name. Types with the same name get the name
// of their package as a prefix, and as many elements of its path as tell them apart. So do type
// arguments. Types of the same package get numbers, except for the first.
func (m *mapper) nameAll() {
	pairs := slices.DeleteFunc(slices.Clone(m.pairs), func(p *pair) bool { return p.of == [2]*declaration{} })
	slices.SortFunc(pairs, func(a, b *pair) int {
		x, y := a.t.Obj(), b.t.Obj()
		if c := compare(x.Pkg().Path(), y.Pkg().Path()); c != 0 {
			return c
		}
		if c := m.p.order(x, y); c != 0 {
			return c
		}
		return compare(a.t.String(), b.t.String())
	})
	longest := 0
	for _, both := range pairs {
		longest = max(longest, strings.Count(both.t.Obj().Pkg().Path(), "/")+1)
	}
	named := func(both *pair) []string {
		name := prefix(both.t.Obj().Pkg(), both.depth) + both.base
		if both.differs {
			return []string{name, name + "Input"}
		}
		return []string{name}
	}
	for range 2 * (longest + 1) {
		users := map[string][]*pair{}
		for _, both := range pairs {
			for _, name := range named(both) {
				users[name] = append(users[name], both)
			}
		}
		deeper := map[*pair]bool{}
		inner := map[*pair]bool{}
		for name, same := range users {
			apart := slices.ContainsFunc(same, func(both *pair) bool { return both.t.Obj().Pkg() != same[0].t.Obj().Pkg() })
			deepest := slices.MaxFunc(same, func(a, b *pair) int { return a.depth - b.depth }).depth
			mixed := slices.ContainsFunc(same, func(both *pair) bool { return both.depth != deepest })
			for _, both := range same {
				switch {
				case taken[name], (apart || mixed) && both.depth == deepest:
					// A type keeps its Go name; those with a package prefix yield.
					deeper[both] = true
				case len(same) > 1 && !apart && both.t.TypeArgs().Len() > 0:
					// Instances of one generic type whose arguments have the same name.
					inner[both] = true
				}
			}
		}
		for both := range deeper {
			both.depth++
		}
		for both := range inner {
			both.inner++
			both.base = baseName(both.t, both.inner)
		}
	}
	used := map[string]bool{}
	for _, both := range pairs {
		base := both.base
		for n := 2; ; n++ {
			names := named(both)
			if !slices.ContainsFunc(names, func(name string) bool { return used[name] || taken[name] }) {
				for _, name := range names {
					used[name] = true
				}
				both.name(names)
				break
			}
			both.base = base + strconv.Itoa(n)
		}
	}
}

func (both *pair) name(names []string) {
	for way, d := range both.of {
		if d != nil {
			d.name = names[0]
			if way == int(toGo) && both.differs {
				d.name = names[1]
			}
		}
	}
}

// prefix returns the prefix for the names of a package's types: the last elements of its path, with
// the package's name as the last one.
func prefix(pkg *types.Package, elements int) string {
	if elements == 0 {
		return ""
	}
	path := strings.Split(pkg.Path(), "/")
	path[len(path)-1] = pkg.Name()
	if pkg.Name() == "main" {
		path[len(path)-1] = "app"
	}
	var b strings.Builder
	for _, element := range path[max(0, len(path)-elements):] {
		b.WriteString(upperFirst(camelCase(element)))
	}
	return b.String()
}

// print writes the file.
func (f *file) print() []byte {
	var body strings.Builder
	for _, d := range f.declarations {
		d.print(&body)
	}
	f.printCommands(&body)
	f.printEvents(&body)
	if body.Len() == 0 {
		body.WriteString("export {};\n")
	}
	var w strings.Builder
	f.printHead(&w)
	w.WriteString("\n")
	f.printImports(&w)
	w.WriteString(body.String())
	return []byte(w.String())
}

func (f *file) printHead(w *strings.Builder) {
	w.WriteString("// Code generated by casement; DO NOT EDIT.\n")
	if f.command != "" {
		w.WriteString("// To regenerate: " + escapeComment(f.command) + "\n")
	}
}

// printMap writes a file with an interface that maps the names of the events to their payloads.
func (f *file) printMap(name, doc string) []byte {
	var w strings.Builder
	f.printHead(&w)
	for _, d := range f.declarations {
		d.print(&w)
	}
	w.WriteString("\n" + jsdoc(doc, "") + "export interface " + name + " {\n")
	for _, e := range f.events {
		w.WriteString(jsdoc(e.doc, "  ") + "  " + quote(e.name) + ": " + write(e.heard, "  ") + ";\n")
	}
	w.WriteString("}\n")
	return []byte(w.String())
}

// usesGo matches a type that uses @casement/api/go.
var usesGo = regexp.MustCompile(`(^|[^\w$.])go\.[A-Z]`)

func (f *file) printImports(w *strings.Builder) {
	var core []string
	classes := map[string]bool{}
	wire := false
	look := func(n node) {
		if n == nil {
			return
		}
		walk(n, func(n node) {
			switch n := n.(type) {
			case apply:
				if n.of == nil {
					wire = true
				} else {
					classes[n.class] = true
				}
			case text:
				wire = wire || usesGo.MatchString(string(n))
			case template:
				wire = wire || usesGo.MatchString(n.text)
			}
		})
	}
	for _, d := range f.declarations {
		look(d.body)
	}
	for _, c := range f.commands {
		look(c.args)
		look(c.result)
	}
	for _, e := range f.events {
		look(e.heard)
		look(e.emitted)
	}
	if classes["Channel"] {
		core = append(core, "type Channel")
	}
	if len(f.commands) > 0 {
		core = append(core, "type InvokeOptions", "invoke")
	}
	if classes["Sink"] {
		core = append(core, "type Sink")
	}
	if len(core) > 0 {
		w.WriteString("import { " + strings.Join(core, ", ") + " } from '@casement/api/core';\n")
	}
	if len(f.events) > 0 {
		w.WriteString("import { defineEvent } from '@casement/api/event';\n")
	}
	if wire {
		w.WriteString("import type * as go from '@casement/api/go';\n")
	}
}

func (d *declaration) print(w *strings.Builder) {
	w.WriteString("\n" + jsdoc(d.text(), ""))
	switch body := d.body.(type) {
	case object:
		if len(body.properties) > 0 {
			w.WriteString("export interface " + d.name + " ")
			body.writeBody(w, "")
			w.WriteString("\n")
			return
		}
		w.WriteString("export type " + d.name + " = Record<string, never>;\n")
	case union:
		w.WriteString("export type " + d.name + " =")
		for _, v := range body.variants {
			w.WriteString("\n  | ")
			v.write(w, "  ")
		}
		w.WriteString(";\n")
	default:
		w.WriteString("export type " + d.name + " = " + write(body, "") + ";\n")
	}
	if len(d.values) == 0 {
		return
	}
	w.WriteString("\n/** The named values of {@link " + d.name + "} in Go. */\n")
	w.WriteString("export const " + d.name + " = {\n")
	for _, v := range d.values {
		w.WriteString(jsdoc(v.doc, "  ") + "  " + key(v.key) + ": " + v.literal + ",\n")
	}
	w.WriteString("} as const;\n")
}

// text returns the declaration's doc comment.
func (d *declaration) text() string {
	if d.pair.differs && d.way == toGo {
		return strings.TrimSpace(strings.TrimSpace(d.doc) + "\n\nGo decodes this type; it encodes {@link " + d.pair.of[toPage].name + "}.")
	}
	return d.doc
}

// lenientType declares the type of the arguments of a lenient command. Channels, sinks and bytes stay
// the same.
const lenientType = `
/** The arguments of a lenient command: fields of T may be missing or null, and others may be present. */
type Lenient<T> = T extends { readonly closed: Promise<void> } | ArrayBuffer | ArrayBufferView
  ? T
  : T extends (infer E)[]
    ? (Lenient<E> | null)[]
    : T extends object
      ? { [K in keyof T]?: Lenient<T[K]> | null | undefined }
      : T;
`

func (f *file) printCommands(w *strings.Builder) {
	if len(f.commands) == 0 {
		return
	}
	if slices.ContainsFunc(f.commands, func(c command) bool { return c.lenient }) {
		w.WriteString(lenientType)
	}
	w.WriteString("\n/** The commands of the app. Each resolves to the result of the Go function, or rejects with an IpcError. */\n")
	w.WriteString("export const commands = {\n")
	for i, c := range f.commands {
		if i > 0 {
			w.WriteByte('\n')
		}
		w.WriteString(jsdoc(c.doc, "  "))
		parameters, passed := "", ""
		switch {
		case c.raw:
			parameters, passed = "data: "+write(c.args, "  ")+", ", "data"
		case c.lenient:
			parameters, passed = "args: Lenient<"+write(c.args, "  ")+"> = {}, ", "{ ...args }"
		case c.args != nil && c.optional:
			parameters, passed = "args: "+write(c.args, "  ")+" = {}, ", "{ ...args }"
		case c.args != nil:
			parameters, passed = "args: "+write(c.args, "  ")+", ", "{ ...args }"
		default:
			passed = "{}"
		}
		fmt.Fprintf(w, "  %s(%soptions?: InvokeOptions): Promise<%s> {\n", key(c.function), parameters, write(c.result, "  "))
		fmt.Fprintf(w, "    return invoke(%s, %s, options);\n  },\n", quote(c.name), passed)
	}
	w.WriteString("};\n")
}

func (f *file) printEvents(w *strings.Builder) {
	if len(f.events) == 0 {
		return
	}
	w.WriteString("\n/** The events of the app. */\n")
	w.WriteString("export const events = {\n")
	for i, e := range f.events {
		if i > 0 {
			w.WriteByte('\n')
		}
		w.WriteString(jsdoc(e.doc, "  "))
		heard, emitted := write(e.heard, "  "), write(e.emitted, "  ")
		if emitted != heard {
			heard += ", " + emitted
		}
		fmt.Fprintf(w, "  %s: /* @__PURE__ */ defineEvent<%s>(%s),\n", key(e.property), heard, quote(e.name))
	}
	w.WriteString("};\n")
}
