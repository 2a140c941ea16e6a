package generate

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

const protobufPath = "casement/protobuf"

// wellKnownMessages are the messages with a special form in protobuf's JSON.
var wellKnownMessages = map[string]text{
	"anypb.Any":              "{ '@type': string; [key: string]: go.Json }",
	"durationpb.Duration":    "`${number}s`",
	"emptypb.Empty":          "Record<string, never>",
	"fieldmaskpb.FieldMask":  "string",
	"structpb.ListValue":     "go.Json[]",
	"structpb.Struct":        "{ [key: string]: go.Json }",
	"structpb.Value":         wireJSON,
	"timestamppb.Timestamp":  wireTime,
	"wrapperspb.BoolValue":   "boolean",
	"wrapperspb.BytesValue":  wireBase64,
	"wrapperspb.DoubleValue": messageFloat,
	"wrapperspb.FloatValue":  messageFloat,
	"wrapperspb.Int32Value":  "number",
	"wrapperspb.Int64Value":  wireInteger,
	"wrapperspb.StringValue": "string",
	"wrapperspb.UInt32Value": "number",
	"wrapperspb.UInt64Value": wireInteger,
}

const messageFloat text = "number | 'NaN' | 'Infinity' | '-Infinity'"

// isMessage reports whether *t is a protobuf message that does not encode itself.
func isMessage(t *types.Named) bool {
	if _, ok := t.Underlying().(*types.Struct); !ok {
		return false
	}
	pointer := types.NewPointer(t)
	return has(pointer, "ProtoReflect", "func() google.golang.org/protobuf/reflect/protoreflect.Message") && !ownJSON(pointer, toPage)
}

// wellKnownMessage returns the special form of a message. It is empty for other messages.
func wellKnownMessage(t *types.Named) text {
	const known = "google.golang.org/protobuf/types/known/"
	if o := t.Obj(); o.Pkg() != nil {
		if path, ok := strings.CutPrefix(o.Pkg().Path(), known); ok {
			return wellKnownMessages[path+"."+o.Name()]
		}
	}
	return ""
}

// protobuf returns the type of a protobuf message.
func (m *mapper) protobuf(t *types.Named, way direction, at place) node {
	if m.p.units[protobufPath] == nil {
		if !m.noProtobuf {
			m.noProtobuf = true
			m.problem(place{pos: m.root.pos, path: m.root.path}, "%s is a protobuf message, which has JSON of its own (%s); "+
				"add this line to the app's imports:\n\timport _ %q", short(t), at.path, protobufPath)
		}
		return text("never")
	}
	if form := wellKnownMessage(t); form != "" {
		return form
	}
	return reference{m.declare(t, way, at)}
}

// messageBody derives the type of a message from the struct tags of its generated code, which the
// opaque API has too. All fields are optional, because protobuf's JSON omits defaults.
func (m *mapper) messageBody(t *types.Named, way direction, at place) node {
	s := t.Underlying().(*types.Struct)
	var body message
	for i := range s.NumFields() {
		v, tag := s.Field(i), reflect.StructTag(s.Tag(i))
		switch {
		case tag.Get("protobuf_oneof") != "":
			if of, ok := v.Type().Underlying().(*types.Interface); ok {
				body.oneofs = append(body.oneofs, m.oneof(t, of, way, at))
			}
		case tag.Get("protobuf") != "":
			body.object.properties = append(body.object.properties, m.messageField(v, tag, way, at))
		}
	}
	if len(body.oneofs) == 0 {
		return body.object
	}
	return body
}

// oneof returns the fields of a oneof, in the order of their numbers.
func (m *mapper) oneof(t *types.Named, of *types.Interface, way direction, at place) []property {
	type numbered struct {
		property
		number int
	}
	var all []numbered
	scope := t.Obj().Pkg().Scope()
	for _, name := range scope.Names() {
		o, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || o.IsAlias() || !types.Implements(types.NewPointer(o.Type()), of) {
			continue
		}
		if s, ok := o.Type().Underlying().(*types.Struct); ok && s.NumFields() == 1 {
			tag := reflect.StructTag(s.Tag(0))
			_, rest, _ := strings.Cut(tag.Get("protobuf"), ",")
			digits, _, _ := strings.Cut(rest, ",")
			number, _ := strconv.Atoi(digits)
			p := m.messageField(s.Field(0), tag, way, at)
			p.optional = false
			all = append(all, numbered{p, number})
		}
	}
	slices.SortFunc(all, func(a, b numbered) int { return cmp.Compare(a.number, b.number) })
	properties := make([]property, len(all))
	for i, p := range all {
		properties[i] = p.property
	}
	return properties
}

// messageField returns a field of a message.
func (m *mapper) messageField(v *types.Var, tag reflect.StructTag, way direction, at place) property {
	at = at.field(v)
	p := property{doc: m.p.doc(v), optional: true}
	var repeated bool
	for part := range strings.SplitSeq(tag.Get("protobuf"), ",") {
		switch {
		case part == "req":
			p.optional = false
		case part == "rep":
			repeated = true
		case strings.HasPrefix(part, "name=") && p.name == "":
			p.name = part[len("name="):]
		case strings.HasPrefix(part, "json="):
			p.name = part[len("json="):]
		}
	}
	t, _ := pointee(v.Type())
	switch u := t.Underlying().(type) {
	case *types.Map:
		key := text("string")
		if basic, ok := u.Key().Underlying().(*types.Basic); ok && basic.Info()&types.IsInteger != 0 {
			key = "number"
		}
		p.of = record{key: key, of: m.messageValue(u.Elem(), way, at)}
	case *types.Slice:
		if repeated {
			p.of = array{m.messageValue(u.Elem(), way, at)}
		} else {
			p.of = wireBase64
		}
	default:
		p.of = m.messageValue(t, way, at)
	}
	return p
}

// messageValue returns the type of one value in a message.
func (m *mapper) messageValue(t types.Type, way direction, at place) node {
	t, _ = pointee(types.Unalias(t))
	named, _ := types.Unalias(t).(*types.Named)
	switch u := t.Underlying().(type) {
	case *types.Struct:
		if named != nil {
			if form := wellKnownMessage(named); form != "" {
				return form
			}
			n, _ := m.named(named, way, at)
			return n
		}
	case *types.Slice:
		return wireBase64
	case *types.Basic:
		switch {
		case named != nil && u.Info()&types.IsInteger != 0:
			return m.messageEnum(named)
		case u.Info()&types.IsFloat != 0:
			return messageFloat
		case u.Kind() == types.Int64 || u.Kind() == types.Uint64:
			return wireInteger
		case u.Info()&types.IsInteger != 0:
			return text("number")
		case u.Info()&types.IsBoolean != 0:
			return text("boolean")
		case u.Info()&types.IsString != 0:
			return text("string")
		}
	}
	return m.problem(at, "a %s in a protobuf message is not understood", short(t))
}

// messageEnum returns the type of an enum in a message: the names of its values, or a number for a
// value without a name.
func (m *mapper) messageEnum(t *types.Named) node {
	o := t.Obj()
	if o.Pkg().Path() == "google.golang.org/protobuf/types/known/structpb" {
		return text("null")
	}
	var all []string
	if u := m.p.units[o.Pkg().Path()]; u != nil {
		for _, name := range u.enumNames(o.Name() + "_name") {
			all = append(all, quote(name))
		}
	}
	return text(strings.Join(append(all, openNumber), " | "))
}

// enumNames returns the names in the map from numbers to names that generated code declares for an
// enum, in their order there.
func (u *unit) enumNames(variable string) (all []string) {
	for _, file := range u.files {
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, spec := range g.Specs {
				v, ok := spec.(*ast.ValueSpec)
				if !ok || len(v.Names) != 1 || v.Names[0].Name != variable || len(v.Values) != 1 {
					continue
				}
				list, ok := v.Values[0].(*ast.CompositeLit)
				if !ok {
					continue
				}
				for _, e := range list.Elts {
					if pair, ok := e.(*ast.KeyValueExpr); ok {
						if literal, ok := pair.Value.(*ast.BasicLit); ok {
							if name, err := strconv.Unquote(literal.Value); err == nil && !slices.Contains(all, name) {
								all = append(all, name)
							}
						}
					}
				}
			}
		}
	}
	return all
}
