package manifest_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"casement/manifest"
)

func TestTypesAreReadWithoutTheRestOfAManifest(t *testing.T) {
	t.Parallel()
	got, err := manifest.Types([]byte(`{"name": "", "types": {
		"example.com/money.Amount": "string",
		"example.com/orm/v2.Null": {"toPage": "$1 | null", "toGo": "$1"},
		"example.com/api.*": {"toGo": "string | $0"}
	}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]manifest.TypeScript{
		"example.com/money.Amount": {ToPage: "string", ToGo: "string"},
		"example.com/orm/v2.Null":  {ToPage: "$1 | null", ToGo: "$1"},
		"example.com/api.*":        {ToGo: "string | $0"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	again, err := manifest.Types([]byte(`{"types":` + string(text) + `}`))
	if err != nil || !reflect.DeepEqual(again, want) {
		t.Errorf("%s comes back as %v, %v", text, again, err)
	}
}

func TestABadTableOfTypesNamesTheEntry(t *testing.T) {
	t.Parallel()
	for table, says := range map[string]string{
		`{"Amount": "string"}`:                           `types["Amount"]`,
		`{"example.com/money Amount": "string"}`:         "is not like",
		`{"example.com/money.Amount": ""}`:               "is empty",
		`{"example.com/money.Amount": "a\nb"}`:           "U+000A",
		`{"example.com/money.Amount": 1}`:                "toPage",
		`{"example.com/money.Amount": {"topage2": "x"}}`: "toPage",
	} {
		_, err := manifest.Types([]byte(`{"types":` + table + `}`))
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %s", table, err, says)
		}
	}
	_, err := manifest.Types([]byte(`{"types":{"x.y": ""}}`))
	var field *manifest.Error
	if !errors.As(err, &field) || field.Field != `types["x.y"]` {
		t.Errorf("%v names no field", err)
	}
}
