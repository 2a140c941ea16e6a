package wire_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"casement/internal/wire"
	"casement/ipc"
)

func fixtures[T any](t *testing.T, name string) (rows []T) {
	t.Helper()
	text, err := os.ReadFile("testdata/wire/" + name)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestInboundWire(t *testing.T) {
	t.Parallel()
	kinds := map[string]bool{}
	for _, row := range fixtures[struct {
		Name   string
		Header map[string]any
		Line   string
	}](t, "inbound.json") {
		got, err := wire.DecodeHeader([]byte(row.Line))
		if err != nil {
			t.Errorf("%s: %v", row.Name, err)
			continue
		}
		kinds[got.Kind] = true
		// The header has exactly the fields of the row.
		text, _ := json.Marshal(row.Header)
		var want wire.Header
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&want); err != nil {
			t.Errorf("%s: Go does not know a field: %v", row.Name, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", row.Name, got, want)
		}
		set := 0
		for i := range reflect.TypeOf(got).NumField() {
			if !reflect.ValueOf(got).Field(i).IsZero() {
				set++
			}
		}
		if set != len(row.Header) {
			t.Errorf("%s: %d fields are set, want %d", row.Name, set, len(row.Header))
		}
	}
	for _, kind := range goConsts(t, "kind") {
		if !kinds[strings.ToLower(kind)] {
			t.Errorf("inbound.json has no %s", kind)
		}
	}
}

func TestOutboundWire(t *testing.T) {
	t.Parallel()
	failed := ipc.NewError(errors.New("disk full"), map[string]int{"free": 0})
	unknown := &ipc.Error{Code: ipc.CodeUnknownCommand, Message: "no"}
	settle := func(v any) *wire.Message {
		m, err := wire.Settle(1, v)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	asking := func(m *wire.Message) *wire.Message { m.AskGrant(); return m }
	event := func(listeners []wire.ListenerID, v any, source ipc.Label) *wire.Message {
		p, err := wire.NewPayload(v)
		if err != nil {
			t.Fatal(err)
		}
		return wire.NewEvent(listeners, p, source)
	}
	made := map[string]*wire.Message{
		"settle with a value":                  settle(json.RawMessage("{\"a\":[1,\"'\\\\\u2028\"],\"__proto__\":{\"x\":1}}")),
		"settle with nothing":                  settle(struct{}{}),
		"settle with bytes":                    settle([]byte{1, 2, 3}),
		"settle with no bytes":                 settle([]byte(nil)),
		"settle with an error":                 wire.SettleError(context.Background(), 1, failed),
		"settle with an error without details": wire.SettleError(context.Background(), 1, unknown),
		"value":                                value(t, 1, "hello"),
		"value that asks for a grant":          asking(value(t, 1, map[string]int{"n": 1})),
		"bytes":                                wire.NewBytes(1, []byte{0, 1, 2, 3}),
		"bytes that ask for a grant":           asking(wire.NewBytes(1, []byte{255})),
		"end":                                  wire.NewEnd(1, nil),
		"end with a failure":                   wire.NewEnd(1, failed),
		"event from Go":                        event([]wire.ListenerID{1, 2}, map[string]int{"a": 1}, ""),
		"event from a window":                  event([]wire.ListenerID{1}, "x", "main"),
		"grant":                                wire.NewGrant(1, 5),
		"stop":                                 wire.NewStop(1, nil),
		"stop with a failure":                  wire.NewStop(1, failed),
	}
	kinds := map[int]bool{}
	for _, row := range fixtures[struct {
		Name    string
		Message []json.RawMessage
		Blob    *string
		Does    any
	}](t, "outbound.json") {
		m := made[row.Name]
		if m == nil {
			t.Errorf("%s: Go has none", row.Name)
			continue
		}
		text, blob := m.Text()
		if normal([]byte(text)) != normal([]byte(join(row.Message))) {
			t.Errorf("%s: %s, want %s", row.Name, text, join(row.Message))
		}
		if want := row.Blob; (want == nil && blob != "") || (want != nil && *want != blob) {
			t.Errorf("%s: bytes %q", row.Name, blob)
		}
		kind, _ := strconv.Atoi(string(row.Message[0]))
		kinds[kind] = true
		delete(made, row.Name)
	}
	for name := range made {
		t.Errorf("outbound.json has no %q", name)
	}
	for kind, name := range goConsts(t, "out") {
		if !kinds[kind] {
			t.Errorf("outbound.json has no %s", name)
		}
	}
}

// goConsts returns the names of the constants of wire.go with a prefix, without the prefix.
func goConsts(t *testing.T, prefix string) (names []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "wire.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, decl := range file.Decls {
		if group, ok := decl.(*ast.GenDecl); ok && group.Tok == token.CONST {
			for _, spec := range group.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					if rest, ok := strings.CutPrefix(name.Name, prefix); ok {
						names = append(names, rest)
					}
				}
			}
		}
	}
	return names
}

func TestBothSidesNameTheSameThingsInTheSameOrder(t *testing.T) {
	t.Parallel()
	typescript, err := os.ReadFile("../../frontend/api/src/wire.ts")
	if err != nil {
		t.Fatal(err)
	}
	failures, err := os.ReadFile("../../frontend/api/src/error.ts")
	if err != nil {
		t.Fatal(err)
	}
	codes, err := os.ReadFile("../../ipc/code.go")
	if err != nil {
		t.Fatal(err)
	}
	all := func(text []byte, pattern string) (found []string) {
		for _, match := range regexp.MustCompile(pattern).FindAllSubmatch(text, -1) {
			found = append(found, string(match[1]))
		}
		return found
	}
	lower := func(names []string) (out []string) {
		for _, name := range names {
			out = append(out, strings.ToLower(name[:1])+name[1:])
		}
		return out
	}
	for what, pair := range map[string][2][]string{
		"kinds":          {lower(goConsts(t, "kind")), all(typescript, `(?m)^  kind: '(\w+)';`)},
		"outbound kinds": {lower(goConsts(t, "out")), all(typescript, `(?m)^export const (\w+) = \d+;`)},
		"codes":          {all(codes, `(?m)^\tCode\w+ Code = "(\w+)"`), all(failures, `(?m)^  \| '(\w+)';?$`)},
	} {
		if len(pair[0]) == 0 || !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("%s: Go has %q, TypeScript %q", what, pair[0], pair[1])
		}
	}
	for i, n := range all(typescript, `(?m)^export const \w+ = (\d+);`) {
		if n != strconv.Itoa(i) {
			t.Errorf("outbound kind %d is %s in TypeScript", i, n)
		}
	}
}
