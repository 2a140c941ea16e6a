package realtypes_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"casement/internal/generate"
)

// refused are types that can't be sent as they are, with what the generator says of each.
var refused = map[string]struct{ imported, says, instead string }{
	"types.AttributeValue":   {"github.com/aws/aws-sdk-go-v2/service/dynamodb/types", "the JSON of an interface other than any is unknown", "a struct of one's own; JSON can't tell which variant it was"},
	"error":                  {"", "the JSON of an interface other than any is unknown", "a command's own error, or its text"},
	"fs.FileInfo":            {"io/fs", "the JSON of an interface other than any is unknown", "a struct with the name, the size and the time"},
	"flag.FlagSet":           {"flag", "a func has no JSON", "a struct of one's own"},
	"ast.File":               {"go/ast", "the JSON of an interface other than any is unknown", "a struct of one's own"},
	"mo.Either[int, string]": {"github.com/samber/mo", "all fields of mo.Either[int, string] are unexported, so JSON has none of them", "a struct with two pointers"},
	"time.Location":          {"time", "all fields of time.Location are unexported, so JSON has none of them", "its name"},
	"url.Userinfo":           {"net/url", "all fields of url.Userinfo are unexported, so JSON has none of them", "a pointer, which is sent as an empty object, or its text"},
	"big.Int":                {"math/big", "MarshalJSON of big.Int has a pointer receiver, so values do not use it and are sent as {}", "`*big.Int`"},
	"openapi3.Paths":         {"github.com/getkin/kin-openapi/openapi3", "MarshalJSON of openapi3.Paths has a pointer receiver", "`*openapi3.Paths`, and a line in casement.json"},
	"MyTime":                 {"", "all fields of main.MyTime are unexported, so JSON has none of them", "`struct{ time.Time }`"},
}

func TestWhatCanNotBeSentIsSaid(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	top, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	imports := []string{"context", "casement/ipc", "time"}
	var fields, rows []string
	for i, name := range slices.Sorted(maps.Keys(refused)) {
		test := refused[name]
		if test.imported != "" && !slices.Contains(imports, test.imported) {
			imports = append(imports, test.imported)
		}
		fields = append(fields, fmt.Sprintf("\tF%d %s", i, name))
		rows = append(rows, fmt.Sprintf("| `%s` | %s |", name, test.instead))
	}
	source := "package main\n\nimport (\n\t\"" + strings.Join(imports, "\"\n\t\"") + "\"\n)\n\ntype MyTime time.Time\n\ntype all struct {\n" + strings.Join(fields, "\n") +
		"\n}\n\nfunc main() {\n\tipc.Handle(new(ipc.Router), \"all\", func(context.Context, struct{}) (a all, err error) { return a, nil })\n}\n"
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		changed := regexp.MustCompile(`(?m)^module .*$`).ReplaceAllString(string(text), "module example.com/refused")
		changed = strings.Replace(changed, "=> ../..", "=> "+top, 1)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(changed), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(source), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err = generate.TypeScript(t.Context(), generate.Options{Dir: dir})
	if err == nil {
		t.Fatal("nothing is refused")
	}
	for name, test := range refused {
		if !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: nothing says %q in:\n%v", name, test.says, err)
		}
	}
	table(t, "refused", "| Go type | instead |\n|---|---|\n"+strings.Join(rows, "\n")+"\n")
}
