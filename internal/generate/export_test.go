package generate

import (
	"context"
	"go/types"
)

var (
	CamelCase   = camelCase
	TypeName    = typeName
	JSDoc       = jsdoc
	Quote       = quote
	BlankBodies = blankBodies
)

// A JSONField is a field as the generator sees it.
type JSONField struct {
	Name string
	// Omitted means that Go may omit the field, Optional that a page may.
	Omitted, Optional bool
}

// FieldsOf returns the fields of each exported struct of a package, and the names that JSON omits
// because of conflicts.
func FieldsOf(ctx context.Context, dir, pkg string) (map[string][]JSONField, error) {
	p, err := load(ctx, dir, []string{pkg})
	if err != nil {
		return nil, err
	}
	all := map[string][]JSONField{}
	scope := p.units[pkg].types.Scope()
	for _, name := range scope.Names() {
		t, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || !t.Exported() {
			continue
		}
		s, ok := t.Type().Underlying().(*types.Struct)
		if !ok {
			continue
		}
		fields, _, _ := fieldsOf(s)
		all[name] = []JSONField{}
		for _, f := range fields {
			all[name] = append(all[name], JSONField{f.name, f.omitted(), f.optional()})
		}
	}
	return all, nil
}
