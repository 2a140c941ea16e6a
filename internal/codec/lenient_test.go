package codec_test

import (
	"encoding/json"
	"errors"
	"math/big"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"casement/internal/codec"
)

type parcel struct {
	ID     int               `json:"id"`
	Addr   netip.Addr        `json:"addr"`
	Lines  []line            `json:"lines"`
	Labels map[string]string `json:"labels"`
	Size   [2]int            `json:"size"`
	Note   string            `json:"note"`
	At     *time.Time        `json:"at"`
}

type line struct {
	SKU   string  `json:"sku"`
	Price float64 `json:"price"`
}

func TestLeniencyAcceptsWhatEncodingJSONDoes(t *testing.T) {
	t.Parallel()
	const loose = `{"id": null, "addr": null, "lines": [{"sku": "a", "extra": {"deep": [1, {"x": "]"}]}}, null], "unknown": 1, "labels": {"a": null}, "size": [1, null]}`
	var want parcel
	if err := json.Unmarshal([]byte(loose), &want); err != nil {
		t.Fatal(err)
	}
	all := codec.NewDecoder(reflect.TypeFor[parcel](), codec.Leniency{All: true})
	var got parcel
	if err := all.Decode(t.Context(), []byte(loose), &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if err := codec.NewDecoder(reflect.TypeFor[parcel](), codec.Leniency{}).Decode(t.Context(), []byte(loose), &got); err == nil {
		t.Error("a decoder without leniency accepts it as well")
	}
	for text, says := range map[string]string{
		`{"id": "1"}`:              "id: want an integer, got a string",
		`{"lines": [{"sku": 1}]}`:  "lines[0].sku: want a string, got a number",
		`{"size": [1]}`:            "size: want 2 elements, got 1",
		`{"unknown": nope}`:        "unknown: malformed JSON",
		`{"id": 9007199254740993}`: "id: 9007199254740993 is beyond 2^53-1",
	} {
		var v parcel
		if err := all.Decode(t.Context(), []byte(text), &v); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %s", text, err, says)
		}
	}
}

func TestLeniencyOfATypeEndsWithIt(t *testing.T) {
	t.Parallel()
	d := codec.NewDecoder(reflect.TypeFor[parcel](), codec.Leniency{Types: []reflect.Type{reflect.TypeFor[line]()}})
	const rest = `"id": 1, "addr": "::1", "labels": {}, "size": [1, 2], "note": ""`
	var v parcel
	if err := d.Decode(t.Context(), []byte(`{`+rest+`, "lines": [{"sku": null, "more": 1}]}`), &v); err != nil {
		t.Error(err)
	}
	for text, says := range map[string]string{
		`{` + rest + `, "lines": [], "more": 1}`: "more: unknown field",
		`{` + rest + `}`:                         "lines: missing",
	} {
		if err := d.Decode(t.Context(), []byte(text), &v); err == nil || err.Error() != says {
			t.Errorf("%s: %v, want %s", text, err, says)
		}
	}
}

type own struct {
	When  time.Time            `json:"when"`
	Addrs []netip.Addr         `json:"addrs"`
	ByKey map[netip.Addr]owned `json:"byKey"`
	Big   *big.Int             `json:"big"`
}

type owned struct{ T time.Duration }

var errOwned = errors.New("no such thing")

func (*owned) UnmarshalJSON(text []byte) error {
	if string(text) == `"bad"` {
		return errOwned
	}
	return nil
}

func TestTheErrorOfATypeThatDecodesItselfHasAPath(t *testing.T) {
	t.Parallel()
	const when = `"when": "2026-01-02T03:04:05Z"`
	for text, want := range map[string]struct{ path, says string }{
		`{"when": "nope", "addrs": [], "byKey": {}}`:                          {"when", "parsing time"},
		`{` + when + `, "addrs": ["::1", "1.2.3"], "byKey": {}}`:              {"addrs[1]", "1.2.3"},
		`{` + when + `, "addrs": [], "byKey": {"::1": 1, "x": 2}}`:            {"byKey.x", "unable to parse IP"},
		`{` + when + `, "addrs": [], "byKey": {"::1": "good", "::2": "bad"}}`: {`byKey["::2"]`, "no such thing"},
		`{` + when + `, "addrs": [], "byKey": {}, "big": "x"}`:                {"big", "math/big"},
	} {
		var v own
		err := codec.Decode(t.Context(), []byte(text), &v)
		var at *codec.FieldError
		if !errors.As(err, &at) || at.Path != want.path || !strings.Contains(at.Reason, want.says) {
			t.Errorf("%s: %v, want %s: %s", text, err, want.path, want.says)
		}
		if want.says == errOwned.Error() && !errors.Is(err, errOwned) {
			t.Errorf("%v does not wrap the type's own error", err)
		}
	}
}

func TestAnIntegerThatATypeWritesItselfHasAPath(t *testing.T) {
	t.Parallel()
	type certificate struct {
		Serial *big.Int `json:"serial"`
		Raw    any      `json:"raw"`
	}
	huge := new(big.Int).Lsh(big.NewInt(1), 100)
	for path, v := range map[string]any{
		"list[1].serial: a big.Int writes its own JSON": map[string][]certificate{"list": {{}, {Serial: huge}}},
		"raw: ":   &certificate{Raw: json.RawMessage(`{"a": 9007199254740993}`)},
		"raw.x: ": certificate{Raw: map[string]any{"x": json.Number("9007199254740993")}},
	} {
		if _, err := codec.Marshal(v); err == nil || !strings.Contains(err.Error(), ": "+path) {
			t.Errorf("%v, want %s", err, path)
		}
	}
}

type suit string

func (suit) ClosedValues() []suit { return []suit{"clubs", "hearts"} }

type rank int

func (rank) ClosedValues() []rank { return []rank{0, 1, 2} }

func TestAClosedTypeTakesItsValuesOnly(t *testing.T) {
	t.Parallel()
	type hand struct {
		Suit   suit            `json:"suit"`
		Rank   rank            `json:"rank"`
		Maybe  *suit           `json:"maybe"`
		ByS    map[suit]int    `json:"bySuit"`
		ByRank map[rank][]suit `json:"byRank"`
		Quoted rank            `json:"quoted,string"`
		Twice  suit            `json:"twice,string"`
	}
	const good = `{"suit": "cl\u0075bs", "rank": -0, "maybe": null, "bySuit": {"hearts": 1}, "byRank": {"2": ["clubs"]}, "quoted": "2", "twice": "\"hearts\""}`
	var v hand
	if err := codec.Decode(t.Context(), []byte(good), &v); err != nil || v.Suit != "clubs" || v.Twice != "hearts" {
		t.Fatalf("%+v, %v", v, err)
	}
	for change, says := range map[[2]string]string{
		{`"cl\u0075bs"`, `"spoons"`}:     `suit: "spoons" is none of "clubs", "hearts"`,
		{`"cl\u0075bs"`, `""`}:           `suit: "" is none of`,
		{`-0`, `3`}:                      `rank: "3" is none of 0, 1, 2`,
		{`null`, `"spoons"`}:             `maybe: "spoons" is none of`,
		{`"hearts": 1`, `"spoons": 1`}:   `bySuit.spoons: "spoons" is none of`,
		{`"2": [`, `"3": [`}:             `byRank["3"]: "3" is none of`,
		{`["clubs"]`, `["spoons"]`}:      `byRank["2"][0]: "spoons" is none of`,
		{`"2", "twice"`, `"7", "twice"`}: `quoted: want an integer in a string: "7" is none of`,
		{`"\"hearts\""`, `"\"spoons\""`}: `twice: want a string in a string: "spoons" is none of`,
	} {
		text := strings.Replace(good, change[0], change[1], 1)
		if err := codec.Decode(t.Context(), []byte(text), &v); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %s", text, err, says)
		}
	}
}
