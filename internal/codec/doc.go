// Package codec turns Go values into what a page reads, and what a page sends into Go values: JSON by the rules of
// encoding/json, base64, and literals of JavaScript. It also says which Go types have no JSON at all.
//
// It uses goccy/go-json where that is known to agree with encoding/json, and encoding/json elsewhere; see [Encoder] and
// [Decode]. It imports nothing else of Casement.
package codec
