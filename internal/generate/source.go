package generate

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A source holds the syntax around the declaration of an object.
type source struct {
	doc    *ast.CommentGroup // above it
	beside *ast.CommentGroup
	block  *ast.GenDecl // that a constant is in
	shifts bool         // the constant's expression shifts bits
}

func (s source) text() string {
	if s.doc != nil {
		return s.doc.Text()
	}
	return s.beside.Text()
}

// doc returns the doc comment of an object. It is empty for other modules' objects if ownDocs is set.
func (p *program) doc(o types.Object) string {
	if p.ownDocs && !p.owns(o.Pkg()) {
		return ""
	}
	return p.source(o).text()
}

// source returns the syntax around the declaration of a type, a field or a constant. Objects of the
// standard library have no comments.
func (p *program) source(o types.Object) source {
	if o == nil || o.Pkg() == nil {
		return source{}
	}
	u := p.units[o.Pkg().Path()]
	if u == nil || u.info == nil {
		return source{}
	}
	if u.sources == nil {
		u.sources = map[types.Object]source{}
		for _, file := range u.files {
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.GenDecl:
					u.index(n)
				case *ast.StructType:
					u.indexFields(n)
				}
				return true
			})
		}
	}
	return u.sources[o]
}

func (u *unit) index(d *ast.GenDecl) {
	shifts := false
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			s := source{doc: spec.Doc, beside: spec.Comment}
			if spec.Doc == nil && !d.Lparen.IsValid() {
				s.doc = d.Doc
			}
			u.sources[u.info.Defs[spec.Name]] = s
		case *ast.ValueSpec:
			if d.Tok != token.CONST {
				continue
			}
			if len(spec.Values) > 0 {
				shifts = false
				for _, value := range spec.Values {
					ast.Inspect(value, func(n ast.Node) bool {
						if b, ok := n.(*ast.BinaryExpr); ok && b.Op == token.SHL {
							shifts = true
						}
						return true
					})
				}
			}
			for _, name := range spec.Names {
				u.sources[u.info.Defs[name]] = source{doc: spec.Doc, beside: spec.Comment, block: d, shifts: shifts}
			}
		}
	}
}

func (u *unit) indexFields(t *ast.StructType) {
	for _, f := range t.Fields.List {
		s := source{doc: f.Doc, beside: f.Comment}
		for _, name := range f.Names {
			u.sources[u.info.Defs[name]] = s
		}
		if id := callee(ast.Unparen(deref(f.Type))); len(f.Names) == 0 && id != nil {
			u.sources[u.info.Defs[id]] = s
		}
	}
}

func deref(e ast.Expr) ast.Expr {
	if star, ok := e.(*ast.StarExpr); ok {
		return star.X
	}
	return e
}
