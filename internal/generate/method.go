package generate

import (
	"go/types"
)

// has reports whether t has a method with this name and one of these signatures.
func has(t types.Type, name string, signatures ...string) bool {
	selection := types.NewMethodSet(t).Lookup(nil, name)
	if selection == nil {
		return false
	}
	signature, ok := selection.Type().(*types.Signature)
	if !ok {
		return false
	}
	text := types.TypeString(types.NewSignatureType(nil, nil, nil, bare(signature.Params()), bare(signature.Results()), false), nil)
	for _, want := range signatures {
		if text == want {
			return true
		}
	}
	return false
}

// bare returns a copy of t without the names.
func bare(t *types.Tuple) *types.Tuple {
	vars := make([]*types.Var, t.Len())
	for i := range vars {
		vars[i] = types.NewParam(0, nil, "", t.At(i).Type())
	}
	return types.NewTuple(vars...)
}

// ownJSON reports whether t encodes or decodes its own JSON. go-json's methods have a context
// parameter.
func ownJSON(t types.Type, way direction) bool {
	if way == toGo {
		return has(t, "UnmarshalJSON", "func([]byte) error", "func(context.Context, []byte) error")
	}
	return has(t, "MarshalJSON", "func() ([]byte, error)", "func(context.Context) ([]byte, error)")
}

// ownText reports whether t encodes or decodes itself as text. Decoding needs a pointer receiver.
func ownText(t types.Type, way direction) bool {
	if way == toGo {
		return has(t, "UnmarshalText", "func([]byte) error") || has(types.NewPointer(t), "UnmarshalText", "func([]byte) error")
	}
	return has(t, "MarshalText", "func() ([]byte, error)")
}

// hasSay reports whether t, or a pointer to t, has any method that encodes or decodes JSON or text.
func hasSay(t types.Type) bool {
	pointer := types.NewPointer(t)
	return ownJSON(pointer, toPage) || ownJSON(pointer, toGo) || ownText(pointer, toPage) || ownText(t, toGo)
}

// isVariant reports whether values of t are variants of a union.
func isVariant(t types.Type) bool { return has(t, "Variant", "func() string") }
