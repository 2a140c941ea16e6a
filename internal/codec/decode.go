package codec

import (
	"context"
	stdjson "encoding/json"
	"math"
	"reflect"
	"strconv"

	json "github.com/goccy/go-json"
)

// Decode decodes text into args, a pointer to a zero value. The error is a FieldError where a field is to blame.
func Decode(ctx context.Context, text []byte, args any) error {
	t := reflect.TypeOf(args).Elem()
	c := checker{text: text}
	if err := c.whole(schemaOf(t)); err != nil {
		return err
	}
	has := profileOf(t, toGo)
	switch {
	case !has.contextual && (has.odd || has.loose):
		return stdjson.Unmarshal(text, args)
	case has.odd:
		return has.mixed()
	}
	return json.UnmarshalContext(ctx, c.exact(), args)
}

// Unmarshal decodes JSON into v, a pointer, as encoding/json does.
func Unmarshal(text []byte, v any) error {
	p := reflect.ValueOf(v)
	if p.Kind() != reflect.Pointer || p.IsNil() {
		return stdjson.Unmarshal(text, v)
	}
	has := profileOf(p.Type().Elem(), toGo)
	// What an interface in v holds already may be a pointer to a type of any kind.
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

// round notes a float32 that go-json would read wrongly.
func (c *checker) round(from int, text string, f float64) {
	twice, err := strconv.ParseFloat(text, 64)
	wrong := err != nil || math.Abs(twice) > math.MaxFloat32 || float64(float32(twice)) != f
	if wrong && json.Valid(c.text[from:c.at]) { // What is malformed stays as it is.
		c.rounded = append(c.rounded, rounding{from, c.at, f})
	}
}

// exact returns the text with the numbers rounded that have to be.
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
