package codec

// Literal returns a JavaScript expression whose value is v as JSON. No v can break out of that
// expression.
func Literal(v any) (string, error) {
	e := NewEncoder()
	defer e.Free()
	text, err := e.Encode(v)
	if err != nil {
		return "", err
	}
	literal := make([]byte, 0, len(text)+len("JSON.parse('')"))
	literal = append(literal, "JSON.parse('"...)
	literal = AppendEscaped(literal, text)
	return string(append(literal, "')"...)), nil
}
