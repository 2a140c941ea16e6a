package codec

import (
	"context"
	stdjson "encoding/json"
	"math"
	"reflect"
	"strconv"

	json "github.com/goccy/go-json"
)

// Decode decodes text into args, a pointer to a zero value. If a field is invalid, the error is a
// *FieldError.
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
