// Package other is called like another one.
package other

// Settings are more of them.
type Settings struct {
	Loud bool `json:"loud"`
}
