package generate_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"casement/internal/generate"
)

// declarations returns a file without the bodies of its functions, as it is printed.
func declarations(t *testing.T, name string, src []byte) string {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("%v", err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			n.Body = nil
		case *ast.FuncLit:
			n.Body.List = nil
		}
		return true
	})
	var b bytes.Buffer
	if err := printer.Fprint(&b, fset, file); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A quarter of the standard library's files are the same without bodies.
func TestBodiesAreBlankedAndNothingElse(t *testing.T) {
	t.Parallel()
	goroot, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	count, blanked := 0, 0
	src := filepath.Join(strings.TrimSpace(string(goroot)), "src")
	syntax := filepath.Join(src, "go") + string(filepath.Separator)
	err = filepath.WalkDir(src, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "cmd") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		count++
		if count%8 != 0 && !strings.HasPrefix(path, syntax) { // All of the packages on syntax, a sample of the rest.
			return nil
		}
		want := declarations(t, path, src)
		was := bytes.Clone(src)
		generate.BlankBodies(src)
		if len(src) != len(was) || bytes.Count(src, []byte("\n")) != bytes.Count(was, []byte("\n")) {
			t.Errorf("%s: positions are others", path)
		}
		if !bytes.Equal(src, was) {
			blanked++
		}
		if got := declarations(t, path, src); got != want {
			t.Errorf("%s: %s", path, firstDifference([]byte(want), []byte(got)))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if blanked < 100 {
		t.Errorf("of %d files, %d had bodies", count, blanked)
	}
}

func TestOddFunctionsAreBlankedToo(t *testing.T) {
	t.Parallel()
	const source = "package p\n\nfunc a()\nfunc b() struct{ X int } { return struct{ X int }{} }\n" +
		"func c(f func() interface{ M() }) (g func(int) [3]int) { \"}\"; '}'; `}`; /* } */ // }\n}\n" +
		"type T struct {\n\tF func() struct{ Y int }\n\tG func(int)\n\tH map[string]int\n}\n" +
		"func (t *T) m() func() { return func() {} }\nvar v = func() { x }\nfunc d[K interface{ ~int }](\n\tx K,\n) K { return x }\n" +
		"type I interface { func_() int }\nfunc e() (interface{}) { }\nfunc f() []struct{} { return nil }\ntype Last struct{ A int }\n"
	src := []byte(source)
	generate.BlankBodies(src)
	for _, want := range []string{
		"func a()\nfunc b() struct{ X int } {                          }\n", "G func(int)\n\tH map[string]int\n}", "m() func() {", "type Last struct{ A int }",
		") K {          }\n", "type I interface { func_() int }", "func f() []struct{} {            }\n", "F func() struct{ Y int }",
	} {
		if !strings.Contains(string(src), want) {
			t.Errorf("%q is missing in\n%s", want, src)
		}
	}
	if strings.Contains(string(src), "return") {
		t.Errorf("there is a body in\n%s", src)
	}
}
