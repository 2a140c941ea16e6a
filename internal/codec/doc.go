// Package codec encodes Go values for a page and decodes values that a page sends: JSON by the
// rules of encoding/json, base64, and JavaScript literals. It also reports Go types that have no
// JSON.
//
// It uses goccy/go-json where that is known to agree with encoding/json, and encoding/json
// elsewhere; see [Encoder] and [Decode]. It imports nothing else of Casement.
package codec
