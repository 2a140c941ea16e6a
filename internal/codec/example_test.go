package codec_test

import (
	"fmt"

	"casement/internal/codec"
)

func ExampleLiteral() {
	literal, err := codec.Literal(map[string]any{"name": "O'Hara", "tags": []string{"a"}})
	fmt.Println(literal, err)
	// Output: JSON.parse('{"name":"O\'Hara","tags":["a"]}') <nil>
}
