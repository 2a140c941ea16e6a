// Package other has type names that package everything has too.
package other

// Settings are others.
type Settings struct {
	Volume int `json:"volume"`
}

// A Status has names that begin with a verb.
type Status int

const (
	IsIdle Status = iota + 10
	IsBusy
)
