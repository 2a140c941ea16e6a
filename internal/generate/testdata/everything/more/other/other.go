// Package other has the name of another package.
package other

// Settings are more of them.
type Settings struct {
	Loud bool `json:"loud"`
}
