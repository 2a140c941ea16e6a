package codec

import (
	"bytes"
	"context"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sync/atomic"
)

// Messages encodes and decodes protobuf messages. Package casement/protobuf provides the functions, so
// that this package does not link protobuf.
type Messages struct {
	Marshal   func(message any) ([]byte, error)
	Unmarshal func(text []byte, message any, lenient bool) error
}

var messages atomic.Pointer[Messages]

// UseMessages sets the functions for all protobuf messages of the program.
func UseMessages(m Messages) { messages.Store(&m) }

var errNoMessages = errors.New(`a protobuf message has JSON of its own; import _ "casement/protobuf" for it`)

// isMessage reports whether *t is a protobuf message.
func isMessage(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	m, ok := reflect.PointerTo(t).MethodByName("ProtoReflect")
	if !ok || m.Type.NumOut() != 1 {
		return false
	}
	out := m.Type.Out(0)
	return out.Name() == "Message" && out.PkgPath() == "google.golang.org/protobuf/reflect/protoreflect"
}

// A messageWriter encodes values that hold protobuf messages. Everything else is encoded by
// encoding/json.
type messageWriter struct {
	buf   *bytes.Buffer
	codec *Messages
}

func (e *Encoder) writeMessages(v any) error {
	w := messageWriter{&e.buf, messages.Load()}
	if w.codec == nil {
		return errNoMessages
	}
	return w.value(reflect.ValueOf(v), 0)
}

func (w *messageWriter) value(v reflect.Value, depth int) error {
	if depth > maxValueDepth {
		return errDepth
	}
	if !v.IsValid() {
		w.buf.WriteString("null")
		return nil
	}
	t := v.Type()
	if has := profileOf(t, toPage); has.content&protobuf == 0 && !has.dynamic {
		return w.plain(v)
	}
	switch {
	case isMessage(t):
		if !v.CanAddr() {
			addressable := reflect.New(t).Elem()
			addressable.Set(v)
			v = addressable
		}
		text, err := w.codec.Marshal(v.Addr().Interface())
		if err != nil {
			return err
		}
		return stdjson.Compact(w.buf, text)
	case speaks(t) && t.Kind() != reflect.Interface && t.Kind() != reflect.Pointer:
		return w.plain(v)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return w.value(v.Elem(), depth+1)
	case reflect.Slice, reflect.Array:
		return w.list(v, depth)
	case reflect.Map:
		return w.object(v, depth)
	case reflect.Struct:
		return w.members(v, depth)
	}
	return w.plain(v)
}

// plain encodes a value without messages.
func (w *messageWriter) plain(v reflect.Value) error {
	if v.CanAddr() && v.Kind() != reflect.Pointer {
		v = v.Addr() // for methods with a pointer receiver
	}
	enc := stdjson.NewEncoder(w.buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v.Interface())
	if err == nil {
		w.buf.Truncate(w.buf.Len() - 1) // the line's end
	}
	return err
}

func (w *messageWriter) list(v reflect.Value, depth int) error {
	if v.Kind() == reflect.Slice && v.IsNil() {
		return w.plain(v)
	}
	w.buf.WriteByte('[')
	for i := range v.Len() {
		if i > 0 {
			w.buf.WriteByte(',')
		}
		if err := w.value(v.Index(i), depth+1); err != nil {
			return err
		}
	}
	w.buf.WriteByte(']')
	return nil
}

// object encodes the values of a map first, so that encoding/json encodes and sorts the keys.
func (w *messageWriter) object(v reflect.Value, depth int) error {
	if v.IsNil() {
		return w.plain(v)
	}
	raw := reflect.MakeMapWithSize(reflect.MapOf(v.Type().Key(), reflect.TypeFor[stdjson.RawMessage]()), v.Len())
	for entries := v.MapRange(); entries.Next(); {
		inner := messageWriter{new(bytes.Buffer), w.codec}
		if err := inner.value(entries.Value(), depth+1); err != nil {
			return err
		}
		raw.SetMapIndex(entries.Key(), reflect.ValueOf(stdjson.RawMessage(inner.buf.Bytes())))
	}
	return w.plain(raw)
}

func (w *messageWriter) members(v reflect.Value, depth int) error {
	members, _ := membersOf(v.Type())
	w.buf.WriteByte('{')
	count := 0
	for _, m := range members {
		field, err := v.FieldByIndexErr(m.index)
		if err != nil || (m.omitZero && isZero(field)) || (m.omitEmpty && isEmpty(field)) {
			continue
		}
		if count++; count > 1 {
			w.buf.WriteByte(',')
		}
		if err := w.plain(reflect.ValueOf(m.name)); err != nil {
			return err
		}
		w.buf.WriteByte(':')
		if m.quoted {
			err = w.quoted(field)
		} else {
			err = w.value(field, depth+1)
		}
		if err != nil {
			return err
		}
	}
	w.buf.WriteByte('}')
	return nil
}

// quoted encodes a field with the tag option string.
func (w *messageWriter) quoted(v reflect.Value) error {
	holder := reflect.New(quotedHolder(v.Type())).Elem()
	holder.Field(0).Set(v)
	text, err := stdjson.Marshal(holder.Interface())
	if err != nil {
		return err
	}
	w.buf.Write(text[len(`{"v":`) : len(text)-1])
	return nil
}

// quotedHolder returns a struct type with one field that has the tag option string.
func quotedHolder(t reflect.Type) reflect.Type {
	return reflect.StructOf([]reflect.StructField{{Name: "V", Type: t, Tag: `json:"v,string"`}})
}

func isZero(v reflect.Value) bool {
	if z, ok := v.Interface().(interface{ IsZero() bool }); ok && !(v.Kind() == reflect.Pointer && v.IsNil()) {
		return z.IsZero()
	}
	if v.CanAddr() {
		if z, ok := v.Addr().Interface().(interface{ IsZero() bool }); ok {
			return z.IsZero()
		}
	}
	return v.IsZero()
}

// isEmpty reports whether the tag option omitempty omits a value.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// A messageReader decodes values that hold protobuf messages. Its text fits the schema.
type messageReader struct {
	scanner
	ctx   context.Context
	codec *Messages
}

func readMessages(ctx context.Context, text []byte, s *schema, v reflect.Value) error {
	r := messageReader{scanner{text: text}, ctx, messages.Load()}
	if r.codec == nil {
		return errNoMessages
	}
	if err := r.value(s, v); err != nil {
		return err
	}
	return nil
}

func (r *messageReader) value(s *schema, v reflect.Value) *FieldError {
	first := r.next()
	t := v.Type()
	has := profileOf(t, toGo).content&protobuf != 0
	switch {
	case has && s.kind == pointerKind && first != 'n':
		if v.IsNil() {
			v.Set(reflect.New(t.Elem()))
		}
		return r.value(s.elem, v.Elem())
	case has && first == '{' && s.kind == objectKind:
		return r.members(s, v)
	case has && first == '{' && s.kind == mapKind:
		return r.object(s, v)
	case has && first == '[' && s.elem != nil:
		return r.list(s, v)
	}
	from := r.at
	if err := r.skip(0); err != nil {
		return err
	}
	text := r.text[from:r.at]
	if isMessage(t) {
		if err := r.codec.Unmarshal(text, v.Addr().Interface(), s.lenient); err != nil {
			return &FieldError{Reason: err.Error(), Err: err}
		}
		return nil
	}
	if err := stdjson.Unmarshal(text, v.Addr().Interface()); err != nil {
		if at := locate(r.ctx, s, text); at != nil {
			return at
		}
		return &FieldError{Reason: err.Error(), Err: err}
	}
	return nil
}

func (r *messageReader) list(s *schema, v reflect.Value) *FieldError {
	if v.Kind() == reflect.Slice {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	}
	_, err := r.elements(func(at int) *FieldError {
		if v.Kind() == reflect.Slice {
			v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
		}
		return r.value(s.elem, v.Index(at))
	})
	return err
}

func (r *messageReader) object(s *schema, v reflect.Value) *FieldError {
	t := v.Type()
	v.Set(reflect.MakeMap(t))
	return r.entries(func(name []byte) *FieldError {
		key, err := readKey(t.Key(), string(name))
		if err != nil {
			return &FieldError{Reason: err.Error(), Err: err}
		}
		value := reflect.New(t.Elem()).Elem()
		if err := r.value(s.elem, value); err != nil {
			return err
		}
		v.SetMapIndex(key, value)
		return nil
	})
}

// readKey decodes the key of a map as encoding/json does.
func readKey(t reflect.Type, name string) (reflect.Value, error) {
	text, err := stdjson.Marshal(map[string]int{name: 0})
	if err != nil {
		return reflect.Value{}, err
	}
	one := reflect.New(reflect.MapOf(t, reflect.TypeFor[int]()))
	if err := stdjson.Unmarshal(text, one.Interface()); err != nil {
		return reflect.Value{}, err
	}
	for _, key := range one.Elem().MapKeys() {
		return key, nil
	}
	return reflect.Value{}, fmt.Errorf("%q is no key of type %s", clip(name), t)
}

func (r *messageReader) members(s *schema, v reflect.Value) *FieldError {
	return r.entries(func(name []byte) *FieldError {
		f := s.fields[string(name)]
		if f == nil {
			return r.skip(0)
		}
		if r.next() == 'n' && f.t.Kind() != reflect.Pointer && !isMessage(f.t) {
			return r.skip(0) // The field stays zero.
		}
		field := v
		for i, index := range f.index {
			if i > 0 && field.Kind() == reflect.Pointer {
				if field.IsNil() {
					if !field.CanSet() {
						return &FieldError{Reason: "an embedded pointer to an unexported struct can't be filled"}
					}
					field.Set(reflect.New(field.Type().Elem()))
				}
				field = field.Elem()
			}
			field = field.Field(index)
		}
		if f.quoted {
			return r.quoted(field)
		}
		return r.value(f.schema, field)
	})
}

// quoted decodes a field with the tag option string.
func (r *messageReader) quoted(v reflect.Value) *FieldError {
	from := r.at
	if err := r.skip(0); err != nil {
		return err
	}
	holder := reflect.New(quotedHolder(v.Type()))
	text := append(append([]byte(`{"v":`), r.text[from:r.at]...), '}')
	if err := stdjson.Unmarshal(text, holder.Interface()); err != nil {
		return &FieldError{Reason: err.Error(), Err: err}
	}
	v.Set(holder.Elem().Field(0))
	return nil
}
