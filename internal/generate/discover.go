package generate

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"casement/internal/names"
)

const (
	ipcPath      = "casement/ipc"
	eventsPath   = "casement/events"
	channelsPath = "casement/channels"
)

// Names of the shell's own commands and events have these prefixes.
const (
	ownCommands = "casement:"
	ownEvents   = "casement://"
)

// A registration is the registration of a command or an event in the app's source.
type registration struct {
	kind string // command or event
	name string
	doc  string
	pos  token.Pos
	// lenient is set if the command is registered with ipc.Lenient.
	lenient bool
	// types are A and R of a command, or T of an event.
	types []types.Type
}

// discover returns the registrations of the app or, if shell is true, of the shell, sorted by kind
// and name.
func (p *program) discover(shell bool) (found []registration, problems []*Problem) {
	for _, u := range p.own {
		if u.meta.PkgPath == ipcPath || u.meta.PkgPath == eventsPath {
			continue
		}
		for _, file := range u.files {
			f := finder{p: p, u: u, file: file, shell: shell, seen: map[*ast.Ident]bool{}}
			f.walk()
			found = append(found, f.found...)
			problems = append(problems, f.problems...)
		}
	}
	slices.SortFunc(found, func(a, b registration) int {
		return compare(a.kind, b.kind, a.name, b.name, p.position(a.pos).String(), p.position(b.pos).String())
	})
	for i := 1; i < len(found); i++ {
		if before, r := found[i-1], found[i]; before.kind == r.kind && before.name == r.name {
			problems = append(problems, p.errorf(r.pos, "the %s %q is registered a second time; the first is at %s",
				r.kind, r.name, p.position(before.pos)))
		}
	}
	return found, problems
}

// compare compares pairs of strings, beginning with the first pair.
func compare(pairs ...string) int {
	for i := 0; i < len(pairs); i += 2 {
		if c := strings.Compare(pairs[i], pairs[i+1]); c != 0 {
			return c
		}
	}
	return 0
}

// A finder finds the registrations in one file.
type finder struct {
	p        *program
	u        *unit
	file     *ast.File
	shell    bool                // whether to find the shell's own events, and nothing else
	seen     map[*ast.Ident]bool // the callees of calls
	found    []registration
	problems []*Problem
}

func (f *finder) walk() {
	var stack []ast.Node
	ast.Inspect(f.file, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		switch n := n.(type) {
		case *ast.CallExpr:
			if id := callee(n.Fun); id != nil && registers(f.u.info.Uses[id]) != "" {
				f.seen[id] = true
				f.register(n, id, stack)
			}
		case *ast.Ident:
			if what := registers(f.u.info.Uses[n]); what != "" && !f.seen[n] && !f.ignored(n.Pos()) {
				f.problem(n.Pos(), "%s is used as a value, so its registrations are unknown; call it directly, "+
					"or add //casement:ignore to leave it out", what)
			}
		}
		return true
	})
}

// callee returns the identifier of the called function.
func callee(fun ast.Expr) *ast.Ident {
	switch fun := ast.Unparen(fun).(type) {
	case *ast.Ident:
		return fun
	case *ast.SelectorExpr:
		return fun.Sel
	case *ast.IndexExpr:
		return callee(fun.X)
	case *ast.IndexListExpr:
		return callee(fun.X)
	}
	return nil
}

// registers returns "ipc.Handle" or "events.Define" if o is that function, otherwise "".
func registers(o types.Object) string {
	f, ok := o.(*types.Func)
	if !ok || f.Pkg() == nil || f.Signature().Recv() != nil {
		return ""
	}
	switch f.Pkg().Path() + "." + f.Name() {
	case ipcPath + ".Handle":
		return "ipc.Handle"
	case eventsPath + ".Define":
		return "events.Define"
	}
	return ""
}

func (f *finder) problem(pos token.Pos, format string, args ...any) {
	f.problems = append(f.problems, f.p.errorf(pos, format, args...))
}

func (f *finder) register(call *ast.CallExpr, id *ast.Ident, stack []ast.Node) {
	if f.ignored(call.Pos()) {
		return
	}
	r := registration{kind: "event", pos: call.Pos()}
	at, marks, own := 0, names.Marks, ownEvents
	if registers(f.u.info.Uses[id]) == "ipc.Handle" {
		r.kind, at, marks, own = "command", 1, names.CommandMarks, ownCommands
	}
	if len(call.Args) <= at {
		return // f(g()): the name is not in the source.
	}
	name := call.Args[at]
	value := f.u.info.Types[name].Value
	if f.shell && (r.kind != "event" || value == nil || !strings.HasPrefix(constant.StringVal(value), own)) {
		return
	}
	if value == nil || value.Kind() != constant.String {
		f.problem(name.Pos(), "the name of this %s is not a constant; use a constant, "+
			"or add //casement:ignore to leave it out", r.kind)
		return
	}
	r.name = constant.StringVal(value)
	switch {
	case strings.HasPrefix(r.name, own) && !f.shell:
		return
	case !names.Valid(r.name, marks):
		f.problem(name.Pos(), "%q is not a valid name for %s %s", r.name, article(r.kind), r.kind)
		return
	}
	instance := f.u.info.Instances[id].TypeArgs
	for i := range instance.Len() {
		r.types = append(r.types, instance.At(i))
	}
	if r.kind == "command" {
		r.doc = f.handlerDoc(call.Args[2:])
		r.lenient = slices.ContainsFunc(call.Args[2:], f.lenient)
	}
	if r.doc == "" {
		r.doc = f.docOf(stack)
	}
	f.found = append(f.found, r)
}

// lenient reports whether an argument of ipc.Handle is the option ipc.Lenient.
func (f *finder) lenient(option ast.Expr) bool {
	call, ok := ast.Unparen(option).(*ast.CallExpr)
	if !ok {
		return false
	}
	id := callee(call.Fun)
	if id == nil {
		return false
	}
	o, ok := f.u.info.Uses[id].(*types.Func)
	return ok && o.Pkg() != nil && o.Pkg().Path() == ipcPath && o.Name() == "Lenient"
}

func article(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an"
	}
	return "a"
}

// handlerDoc returns the doc comment of the function that handles a command.
func (f *finder) handlerDoc(handler []ast.Expr) string {
	if len(handler) == 0 {
		return ""
	}
	id := callee(handler[0])
	if id == nil {
		return ""
	}
	if fun, ok := f.u.info.Uses[id].(*types.Func); ok {
		if d := f.p.decls[fun.Origin()]; d != nil {
			return d.Doc.Text()
		}
	}
	return ""
}

// docOf returns the doc comment that applies to the innermost node: that of a variable, or the
// comment above a statement.
func (f *finder) docOf(stack []ast.Node) string {
	for i := len(stack) - 1; i >= 0; i-- {
		switch n := stack[i].(type) {
		case *ast.ValueSpec:
			if n.Doc == nil && n.Comment == nil && i > 0 {
				if d, ok := stack[i-1].(*ast.GenDecl); ok && !d.Lparen.IsValid() {
					return d.Doc.Text()
				}
			}
			if n.Doc != nil {
				return n.Doc.Text()
			}
			return n.Comment.Text()
		case *ast.ExprStmt, *ast.AssignStmt:
			return f.above(n.Pos()).Text()
		case ast.Decl, *ast.FuncLit:
			return ""
		}
	}
	return ""
}

// above returns the comment that ends on the line above pos.
func (f *finder) above(pos token.Pos) *ast.CommentGroup {
	line := f.p.fset.Position(pos).Line
	for _, group := range f.file.Comments {
		if f.p.fset.Position(group.End()).Line == line-1 {
			return group
		}
	}
	return nil
}

// ignored reports whether a comment beside or above pos says casement:ignore.
func (f *finder) ignored(pos token.Pos) bool {
	line := f.p.fset.Position(pos).Line
	for _, group := range f.file.Comments {
		for _, c := range group.List {
			if at := f.p.fset.Position(c.Pos()).Line; at != line && at != line-1 {
				continue
			}
			if name, _, _ := strings.Cut(c.Text, " "); name == "//casement:ignore" {
				return true
			}
		}
	}
	return false
}
