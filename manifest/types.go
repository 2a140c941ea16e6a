package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// TypeScript is the TypeScript type of a Go type of another module. In JSON it is a string, or an
// object with a string for each direction.
type TypeScript struct {
	// ToPage is the type of values that Go sends. If it is empty, casement generate derives it.
	ToPage string `json:"toPage,omitempty"`
	// ToGo is the type of values that Go accepts. If it is empty, casement generate derives it.
	ToGo string `json:"toGo,omitempty"`
}

// UnmarshalJSON reads a string or an object.
func (t *TypeScript) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		if err := json.Unmarshal(data, &t.ToPage); err != nil {
			return err
		}
		t.ToGo = t.ToPage
		return nil
	}
	type plain TypeScript
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode((*plain)(t)); err != nil {
		return errors.New(`types: a type in TypeScript is a string, or an object with "toPage" and "toGo"`)
	}
	return nil
}

// MarshalJSON writes a string where both directions have the same type.
func (t TypeScript) MarshalJSON() ([]byte, error) {
	if t.ToPage == t.ToGo {
		return json.Marshal(t.ToPage)
	}
	type plain TypeScript
	return json.Marshal(plain(t))
}

// typeKey matches the name of a Go type with its import path, or all types of a package.
var typeKey = regexp.MustCompile(`^[^\s"*]+\.([\pL_][\pL\pN_]*|\*)$`)

// Types reads the table of types alone. The rest of the manifest may be missing.
func Types(data []byte) (map[string]TypeScript, error) {
	var m struct {
		Types map[string]TypeScript `json:"types"`
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&m); err != nil {
		return nil, explain(err, data)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("%s: there is more after the object", File)
	}
	return m.Types, checkTypes(m.Types)
}

func checkTypes(all map[string]TypeScript) error {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t := all[name]
		field := fmt.Sprintf("types[%q]", name)
		switch {
		case !typeKey.MatchString(name):
			return &Error{field, "is not like example.com/money.Amount, or example.com/money.* for all types of the package"}
		case strings.TrimSpace(t.ToPage+t.ToGo) == "":
			return &Error{field, `is empty, and must be a type in TypeScript such as "string"`}
		}
		for _, text := range []string{t.ToPage, t.ToGo} {
			if problem := unprintable(text, false); problem != "" {
				return &Error{field, problem}
			}
		}
	}
	return nil
}
