package generate

import (
	"slices"
	"strconv"
	"strings"
)

// A node is a type in TypeScript.
type node interface {
	// write writes the type. indent is the indentation of the line on which it begins.
	write(w *strings.Builder, indent string)
}

type (
	// text is a type that is written literally.
	text string
	// template is a text with placeholders $0, $1 and so on for the holes.
	template struct {
		text  string
		holes []node
	}
	// nullable is a type or null.
	nullable struct{ of node }
	// array is an array of any length.
	array struct{ of node }
	// tuple is an array of a fixed length.
	tuple struct {
		of     node
		length int
	}
	// record is an object used as a map.
	record struct {
		key     node
		partial bool // of a key out of a closed set
		of      node
	}
	// apply is a generic class of the API: Channel, or Sink, where nil stands for a sink of bytes.
	apply struct {
		class string
		of    node
	}
	// object is an object with known properties.
	object struct{ properties []property }
	// message is a protobuf message: an object, and oneofs, of which one property at most is set.
	message struct {
		object object
		oneofs [][]property
	}
	// union is a tagged union.
	union struct{ variants []variant }
	// reference is a type with a declaration of its own.
	reference struct{ to *declaration }
)

// A property is a property of an object.
type property struct {
	name     string
	doc      string
	optional bool
	of       node
}

// A variant is a variant of a union.
type variant struct {
	event string
	data  node
}

func write(n node, indent string) string {
	var b strings.Builder
	n.write(&b, indent)
	return b.String()
}

func (t text) write(w *strings.Builder, _ string) { w.WriteString(string(t)) }

func (t template) write(w *strings.Builder, indent string) {
	at := 0
	for i, found := range hole.FindAllStringIndex(t.text, -1) {
		w.WriteString(t.text[at:found[0]])
		at = found[1]
		// An operator that binds tighter than | needs parentheses.
		if rest := strings.TrimLeft(t.text[at:], " "); strings.HasPrefix(rest, "[") || strings.HasPrefix(rest, "&") ||
			strings.HasSuffix(strings.TrimRight(t.text[:found[0]], " "), "&") {
			operand(w, t.holes[i], indent)
		} else {
			t.holes[i].write(w, indent)
		}
	}
	w.WriteString(t.text[at:])
}

func (n nullable) write(w *strings.Builder, indent string) {
	n.of.write(w, indent)
	w.WriteString(" | null")
}

func (a array) write(w *strings.Builder, indent string) {
	operand(w, a.of, indent)
	w.WriteString("[]")
}

// operand writes n as the operand of an operator that binds tighter than |, in parentheses if
// necessary.
func operand(w *strings.Builder, n node, indent string) {
	inner := write(n, indent)
	if t, ok := n.(text); ok && !plainKey.MatchString(strings.ReplaceAll(string(t), ".", "_")) {
		inner = "(" + inner + ")"
	} else if _, ok := n.(nullable); ok {
		inner = "(" + inner + ")"
	} else if _, ok := n.(template); ok {
		inner = "(" + inner + ")"
	} else if _, ok := n.(union); ok {
		inner = "(" + inner + ")"
	}
	w.WriteString(inner)
}

func (t tuple) write(w *strings.Builder, indent string) {
	of := write(t.of, indent)
	w.WriteString("[" + strings.Join(slices.Repeat([]string{of}, t.length), ", ") + "]")
}

func (r record) write(w *strings.Builder, indent string) {
	if r.partial {
		w.WriteString("{ [key in ")
		r.key.write(w, indent)
		w.WriteString("]?: ")
	} else {
		w.WriteString("{ [key: ")
		r.key.write(w, indent)
		w.WriteString("]: ")
	}
	r.of.write(w, indent)
	w.WriteString(" }")
}

func (a apply) write(w *strings.Builder, indent string) {
	if a.of == nil {
		w.WriteString("go.ByteSink")
		return
	}
	w.WriteString(a.class + "<")
	a.of.write(w, indent)
	w.WriteString(">")
}

func (o object) write(w *strings.Builder, indent string) {
	if len(o.properties) == 0 {
		w.WriteString("Record<string, never>")
		return
	}
	o.writeBody(w, indent)
}

func (o object) writeBody(w *strings.Builder, indent string) {
	w.WriteString("{\n")
	inner := indent + "  "
	for _, p := range o.properties {
		w.WriteString(jsdoc(p.doc, inner))
		w.WriteString(inner + key(p.name))
		if p.optional {
			w.WriteByte('?')
		}
		w.WriteString(": ")
		p.of.write(w, inner)
		w.WriteString(";\n")
	}
	w.WriteString(indent + "}")
}

func (m message) write(w *strings.Builder, indent string) {
	if len(m.object.properties) > 0 {
		m.object.writeBody(w, indent)
		w.WriteString(" & ")
	}
	for i, properties := range m.oneofs {
		if i > 0 {
			w.WriteString(" & ")
		}
		w.WriteString("(")
		for chosen := range len(properties) + 1 { // The last one has none of them.
			w.WriteString("\n" + indent + "  | {")
			for j, p := range properties {
				if j > 0 {
					w.WriteString(";")
				}
				w.WriteString(" " + key(p.name))
				if j != chosen {
					w.WriteString("?: never")
					continue
				}
				w.WriteString(": ")
				p.of.write(w, indent+"    ")
			}
			w.WriteString(" }")
		}
		w.WriteString("\n" + indent + ")")
	}
}

func (u union) write(w *strings.Builder, indent string) {
	for i, v := range u.variants {
		if i > 0 {
			w.WriteString(" | ")
		}
		v.write(w, indent)
	}
}

func (v variant) write(w *strings.Builder, indent string) {
	w.WriteString("{ event: " + quote(v.event) + "; data: ")
	v.data.write(w, indent)
	w.WriteString(" }")
}

func (r reference) write(w *strings.Builder, _ string) { w.WriteString(r.to.name) }

// walk calls visit with a node and all its parts, but does not enter declarations.
func walk(n node, visit func(node)) {
	visit(n)
	switch n := n.(type) {
	case template:
		for _, of := range n.holes {
			walk(of, visit)
		}
	case nullable:
		walk(n.of, visit)
	case array:
		walk(n.of, visit)
	case tuple:
		walk(n.of, visit)
	case record:
		walk(n.key, visit)
		walk(n.of, visit)
	case apply:
		if n.of != nil {
			walk(n.of, visit)
		}
	case object:
		for _, p := range n.properties {
			walk(p.of, visit)
		}
	case message:
		walk(n.object, visit)
		for _, properties := range n.oneofs {
			walk(object{properties}, visit)
		}
	case union:
		for _, v := range n.variants {
			walk(v.data, visit)
		}
	}
}

// shape returns a string that is equal for equal types, provided that name is equal for references
// to equal types.
func shape(n node, name func(*declaration) string) string {
	var b strings.Builder
	var put func(node)
	put = func(n node) {
		switch n := n.(type) {
		case text:
			b.WriteString(string(n))
		case reference:
			b.WriteString(name(n.to))
		case template:
			b.WriteString(strconv.Quote(n.text) + "(")
			for _, of := range n.holes {
				put(of)
			}
		case nullable:
			b.WriteString("null(")
			put(n.of)
		case array:
			b.WriteString("array(")
			put(n.of)
		case tuple:
			b.WriteString("tuple" + strconv.Itoa(n.length) + "(")
			put(n.of)
		case record:
			b.WriteString("record(")
			put(n.key)
			put(n.of)
		case apply:
			b.WriteString(n.class + "(")
			if n.of != nil {
				put(n.of)
			}
		case object:
			b.WriteString("object(")
			for _, p := range n.properties {
				b.WriteString(strconv.Quote(p.name) + strconv.FormatBool(p.optional) + ":")
				put(p.of)
				b.WriteByte(';')
			}
		case message:
			b.WriteString("message(")
			put(n.object)
			for _, properties := range n.oneofs {
				put(object{properties})
			}
		case union:
			b.WriteString("union(")
			for _, v := range n.variants {
				b.WriteString(strconv.Quote(v.event) + ":")
				put(v.data)
			}
		}
		b.WriteByte(')')
	}
	put(n)
	return b.String()
}
