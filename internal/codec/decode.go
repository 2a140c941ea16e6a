package codec

import (
	"context"
	stdjson "encoding/json"
	"math"
	"reflect"
	"strconv"
	"sync"

	json "github.com/goccy/go-json"
)

// A Leniency says where arguments may have unknown fields, lack fields, and have null for a value,
// which then stays zero. The zero Leniency is strict.
type Leniency struct {
	All   bool           // everywhere
	Types []reflect.Type // in values of these types, and in the values that they hold
}

// A Decoder decodes JSON into values of one type. It is safe for concurrent use.
type Decoder struct {
	t      reflect.Type
	schema func() *schema
	strict bool
}

// NewDecoder returns a decoder into values of type t.
func NewDecoder(t reflect.Type, l Leniency) *Decoder {
	strict := !l.All && len(l.Types) == 0
	return &Decoder{t, sync.OnceValue(func() *schema {
		if l.All || strict {
			return schemaOf(t, l.All)
		}
		return newSchema(t, l)
	}), strict}
}

// Decode decodes text into args, a pointer to a zero value. If a field is invalid, the error is a
// *FieldError.
func (d *Decoder) Decode(ctx context.Context, text []byte, args any) error {
	return decode(ctx, text, args, d.t, d.schema(), d.strict)
}

// Decode decodes text into args, a pointer to a zero value, strictly. If a field is invalid, the
// error is a *FieldError.
func Decode(ctx context.Context, text []byte, args any) error {
	t := reflect.TypeOf(args).Elem()
	return decode(ctx, text, args, t, schemaOf(t, false), true)
}

func decode(ctx context.Context, text []byte, args any, t reflect.Type, s *schema, strict bool) error {
	c := checker{scanner: scanner{text: text}}
	if err := c.whole(s); err != nil {
		return err
	}
	has := profileOf(t, toGo)
	if has.content&protobuf != 0 {
		return readMessages(ctx, text, s, reflect.ValueOf(args).Elem())
	}
	var err error
	switch {
	case !has.contextual && (has.odd || has.loose || !strict):
		err = stdjson.Unmarshal(text, args)
	case has.odd:
		return has.mixed()
	default:
		err = json.UnmarshalContext(ctx, c.exact(), args)
	}
	if err != nil {
		if at := locate(ctx, s, text); at != nil {
			return at
		}
	}
	return err
}

// Unmarshal decodes JSON into v, a pointer, as encoding/json does.
func Unmarshal(text []byte, v any) error {
	p := reflect.ValueOf(v)
	if p.Kind() != reflect.Pointer || p.IsNil() {
		return stdjson.Unmarshal(text, v)
	}
	has := profileOf(p.Type().Elem(), toGo)
	if has.content&protobuf != 0 {
		t := p.Type().Elem()
		return decode(context.Background(), text, v, t, schemaOf(t, true), false)
	}
	// An interface in v may already hold a pointer to a type of any kind.
	if has.odd || has.loose || has.float32s || (has.dynamic && !p.Elem().IsZero()) {
		return stdjson.Unmarshal(text, v)
	}
	return json.Unmarshal(text, v)
}

// A rounding is the place of a number in the text, and its value as a float32.
type rounding struct {
	from, to int
	value    float64
}

// round records a float32 that go-json would misread.
func (c *checker) round(from int, text string, f float64) {
	twice, err := strconv.ParseFloat(text, 64)
	wrong := err != nil || math.Abs(twice) > math.MaxFloat32 || float64(float32(twice)) != f
	if wrong && json.Valid(c.text[from:c.at]) { // A malformed number stays for the decoder.
		c.rounded = append(c.rounded, rounding{from, c.at, f})
	}
}

// exact returns the text with all recorded numbers rounded correctly.
func (c *checker) exact() []byte {
	if len(c.rounded) == 0 {
		return c.text
	}
	text := make([]byte, 0, len(c.text)+32*len(c.rounded))
	at := 0
	for _, r := range c.rounded {
		text = append(text, c.text[at:r.from]...)
		text = strconv.AppendFloat(text, r.value, 'e', -1, 64)
		at = r.to
	}
	return append(text, c.text[at:]...)
}
