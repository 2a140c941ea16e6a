package codec_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"casement/internal/codec"
)

type base struct {
	ID   int  `json:"id"`
	Note *int `json:"note"`
}

type Optional struct {
	Extra string `json:"extra"`
}

type tree struct {
	Value    int     `json:"value"`
	Children []*tree `json:"children,omitempty"`
}

type everything struct {
	base
	*Optional
	Text   string            `json:"text,omitempty"`
	Bool   bool              `json:"bool,omitempty"`
	I8     int8              `json:"i8,omitempty"`
	I64    int64             `json:"i64,omitzero"`
	U8     uint8             `json:"u8,omitempty"`
	U64    uint64            `json:"u64,omitempty"`
	F32    float32           `json:"f32,omitempty"`
	Quoted int64             `json:"quoted,string,omitempty"`
	List   []item            `json:"list,omitempty"`
	Pair   [2]int            `json:"pair,omitempty"`
	Map    map[string]item   `json:"map,omitempty"`
	Keys   map[int]bool      `json:"keys,omitempty"`
	Tree   *tree             `json:"tree"`
	When   *time.Time        `json:"when"`
	Addr   *netip.Addr       `json:"addr"`
	Data   []byte            `json:"data,omitempty"`
	Any    any               `json:"any,omitempty"`
	Raw    json.RawMessage   `json:"raw,omitempty"`
	Number json.Number       `json:"number,omitempty"`
	Hidden string            `json:"-"`
	Odd    map[string]string `json:"odd name,omitempty"`
}

type item struct {
	Name string `json:"name"`
	Size uint16 `json:"size,omitempty"`
}

func TestFittingArgumentsAreDecoded(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"id":1}`,
		` { "id" : 1 } `,
		"{\t\"id\":\r\n1}",
		`{"\u0069d":1}`,
		`{"id":1,"id":2}`,
		`{"id":-9007199254740991,"note":null,"extra":"x"}`,
		`{"id":1,"extra":null,"text":null,"bool":null,"u8":null,"list":null,"tree":null,"when":null,"any":null,"raw":null}`,
		`{"id":1,"i8":-128,"u8":255,"u64":9007199254740991,"f32":1e38,"i64":-9007199254740991}`,
		`{"id":1,"f32":-0.5E-3,"quoted":"9223372036854775807"}`,
		`{"id":1,"list":[],"map":{},"keys":{"-5":true}}`,
		`{"id":1,"list":[{"name":""},{"name":"\"\\","size":65535}],"pair":[1,2]}`,
		`{"id":1,"map":{"a b":{"name":"x"},"__proto__":{"name":"y"}}}`,
		`{"id":1,"tree":{"value":1,"children":[null,{"value":2,"children":[{"value":3}]}]}}`,
		`{"id":1,"when":"2024-01-02T03:04:05Z","addr":"127.0.0.1"}`,
		`{"id":1,"data":"AQID"}`,
		`{"id":1,"data":""}`,
		`{"id":1,"any":{"a":[1,"]",{}]},"raw":[{"}":"{"}],"number":12.5}`,
		`{"id":1,"odd name":{"k":"v"}}`,
	} {
		var got, want everything
		if err := codec.Decode(t.Context(), []byte(text), &got); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Errorf("%s: the reference says %v", text, err)
		}
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(want)
		if string(a) != string(b) {
			t.Errorf("%s: %s, want %s", text, a, b)
		}
	}
}

func TestMisfitsNameTheirPath(t *testing.T) {
	t.Parallel()
	const beyond = " is beyond 2^53-1, where JavaScript rounds integers; tag the field `json:\",string\"` and send a string"
	deep := strings.Repeat(`{"value":1,"children":[`, 300) + strings.Repeat(`]}`, 300)
	for _, test := range []struct{ text, path, reason string }{
		{`{}`, "id", "missing"},
		{`null`, "", "want an object, got null"},
		{`[]`, "", "want an object, got an array"},
		{`""`, "", "want an object, got a string"},
		{`7`, "", "want an object, got a number"},
		{`true`, "", "want an object, got a boolean"},
		{`{"id":"1"}`, "id", "want an integer, got a string"},
		{`{"id":null}`, "id", "want an integer, got null"},
		{`{"id":{}}`, "id", "want an integer, got an object"},
		{`{"id":1.5}`, "id", "1.5 is not an integer that fits 64 bits"},
		{`{"id":1e3}`, "id", "1e3 is not an integer that fits 64 bits"},
		{`{"id":9223372036854775808}`, "id", "9223372036854775808 is not an integer that fits 64 bits"},
		{`{"id":9007199254740992}`, "id", "9007199254740992" + beyond},
		{`{"id":-9007199254740993}`, "id", "-9007199254740993" + beyond},
		{`{"id":1,"u64":18446744073709551615}`, "u64", "18446744073709551615" + beyond},
		{`{"id":1,"i8":128}`, "i8", "128 is not an integer that fits 8 bits"},
		{`{"id":1,"u8":-1}`, "u8", "-1 is not an integer from 0 that fits 8 bits"},
		{`{"id":1,"u8":256}`, "u8", "256 is not an integer from 0 that fits 8 bits"},
		{`{"id":1,"f32":1e39}`, "f32", "1e39 does not fit a float32"},
		{`{"id":1,"f32":"x"}`, "f32", "want a number, got a string"},
		{`{"id":1,"text":5}`, "text", "want a string, got a number"},
		{`{"id":1,"bool":"true"}`, "bool", "want a boolean, got a string"},
		{`{"id":1,"quoted":5}`, "quoted", "want a string, got a number"},
		{`{"id":1,"nope":1}`, "nope", "unknown field"},
		{`{"id":1,"Text":""}`, "Text", "unknown field; there is text"},
		{`{"id":1,"Hidden":""}`, "Hidden", "unknown field"},
		{`{"id":1,"inner":1}`, "inner", "unknown field"},
		{`{"id":1,"":1}`, `[""]`, "unknown field"},
		{`{"id":1,"a.b":1}`, `["a.b"]`, "unknown field"},
		{`{"id":1,"__proto__":{}}`, "__proto__", "unknown field"},
		{`{"id":1,"list":{}}`, "list", "want an array, got an object"},
		{`{"id":1,"list":[{"name":"a"},{"name":5}]}`, "list[1].name", "want a string, got a number"},
		{`{"id":1,"list":[{"name":"a"},{"size":5}]}`, "list[1].name", "missing"},
		{`{"id":1,"list":[null]}`, "list[0]", "want an object, got null"},
		{`{"id":1,"pair":[1]}`, "pair", "want 2 elements, got 1"},
		{`{"id":1,"pair":[1,2,3]}`, "pair", "want 2 elements, got 3"},
		{`{"id":1,"pair":[1,"2"]}`, "pair[1]", "want an integer, got a string"},
		{`{"id":1,"map":{"a b":{"name":"x","size":-1}}}`, `map["a b"].size`, "-1 is not an integer from 0 that fits 16 bits"},
		{`{"id":1,"map":{"a":{"nam":1}}}`, "map.a.nam", "unknown field"},
		{`{"id":1,"tree":{"value":1,"children":[{"value":2,"children":[{"value":"3"}]}]}}`, "tree.children[0].children[0].value", "want an integer, got a string"},
		{`{"id":1,"data":[1,2]}`, "data", "want bytes, got an array"},
		{`{"id":1,"data":"abc"}`, "data", "want bytes, got a string that is not base64"},
		{`{"id":1,"addr":5}`, "addr", "want a string, got a number"},
		{`{"id":1,"odd name":{"k":1}}`, `["odd name"].k`, "want a string, got a number"},
		{`{"id":1,"tree":` + deep + `}`, "*", "nested deeper than 512 levels"},
		{`{"id":1,"any":` + strings.Repeat("[", 600) + strings.Repeat("]", 600) + `}`, "any", "nested deeper than 512 levels"},
		{`{"id":1`, "", "malformed JSON at byte 7"},
		{`{"id":1}}`, "", "malformed JSON at byte 8"},
		{`{"id":1} {}`, "", "malformed JSON at byte 9"},
		{`{"id":1,}`, "", "malformed JSON at byte 8"},
		{`{"id" 1}`, "", "malformed JSON at byte 6"},
		{``, "", "malformed JSON at byte 0"},
		{"\x00", "", "malformed JSON at byte 0"},
	} {
		var args everything
		err := codec.Decode(t.Context(), []byte(test.text), &args)
		want := test.reason
		if test.path != "" {
			want = test.path + ": " + test.reason
		}
		switch {
		case err == nil:
			t.Errorf("%.100s is accepted", test.text)
		case test.path == "*":
			if !strings.HasSuffix(err.Error(), test.reason) {
				t.Errorf("%.100s: %v, want %s", test.text, err, want)
			}
		case err.Error() != want:
			t.Errorf("%.100s: %v, want %s", test.text, err, want)
		}
	}
}

func TestTypesThatRejectTheirOwnJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"id":1,"when":"yesterday"}`,
		`{"id":1,"when":5}`,
		`{"id":1,"addr":"1.2.3"}`,
		`{"id":1,"keys":{"a":true}}`,
		`{"id":1,"data":"????"}`,
		`{"id":1,"quoted":"x"}`,
		`{"id":1,"quoted":"99999999999999999999"}`,
		`{"id":1,"any":nul}`,
		`{"id":1,"any":[}}`,
		`{"id":1,"any":[1,]}`,
		`{"id":1,"raw":{"a":}}`,
		`{"id":1,"bool":trueish}`,
		`{"id":01}`,
		`{"id":1,"f32":.5}`,
		`{"id":1,"f32":+1}`,
		"{\"id\":1,\"text\":\"a\nb\"}",
		`{"id":1,"text":"\x"}`,
	} {
		var args everything
		if err := codec.Decode(t.Context(), []byte(text), &args); err == nil {
			t.Errorf("%s is accepted: %+v", text, args)
		}
	}
}

type loopA struct {
	*loopB
	A int `json:"a"`
}

type loopB struct {
	*loopA
	B int `json:"b"`
}

type shadow struct {
	base
	ID string `json:"id"`
}

type (
	deep    struct{ deeper }
	deeper  struct{ Name []int }
	shallow struct{ Name string }
	named   struct {
		Other int `json:"Name"`
	}
	// The field of shallow wins, then that of named, then none.
	deepFirst struct {
		deep
		shallow
	}
	oneTag struct {
		shallow
		named
	}
	noTag struct {
		shallow
		deeper
		Own int
	}
	numbers struct {
		Pointer *int64 `json:"pointer,string"`
	}
)

func TestEmbeddedTypes(t *testing.T) {
	t.Parallel()
	for text, args := range map[string]any{
		`{"a":1,"b":2}`:       new(loopA),
		`{"id":"x"}`:          new(shadow),
		`{"id":"x","note":1}`: new(shadow),
		`{"id":1,"note":1}`:   new(base),
		`{"Name":"x"}`:        new(deepFirst),
		`{"Name":1}`:          new(oneTag),
		`{"Own":1}`:           new(noTag),
		`{"pointer":"1"}`:     new(numbers),
		`{"pointer":null}`:    new(numbers),
	} {
		if err := codec.CheckArguments([]byte(text), args); err != nil {
			t.Errorf("%s in %T: %v", text, args, err)
		}
	}
	for text, args := range map[string]any{
		`{"b":2}`:              new(loopA),
		`{"id":1}`:             new(shadow),
		`{}`:                   new(shadow),
		`{"Name":[]}`:          new(deepFirst),
		`{"Name":"x"}`:         new(oneTag),
		`{"Own":1,"Name":"x"}`: new(noTag),
		`{"pointer":1}`:        new(numbers),
	} {
		if err := codec.CheckArguments([]byte(text), args); err == nil {
			t.Errorf("%s is decoded as %T", text, args)
		}
	}
	// Many required fields.
	type many struct{ A, B, C, D, E, F, G, H, I, J int }
	if err := codec.CheckArguments([]byte(`{"A":1,"B":1,"C":1,"D":1,"E":1,"F":1,"G":1,"H":1,"I":1}`), new(many)); err == nil || err.Error() != "J: missing" {
		t.Error(err)
	}
	if got := fmt.Sprint(codec.CheckArguments([]byte(`{}`), new(many))); got != "A: missing" {
		t.Error(got)
	}
}
