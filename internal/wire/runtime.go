package wire

import (
	_ "embed"

	"casement/internal/codec"
	"casement/ipc"
)

// runtimeSource is the page runtime, made from frontend/api/src/runtime by "make generate". It connects
// the document it runs in, as the variable "config" tells it.
//
//go:embed runtime.js
var runtimeSource string

// A runtimeConfig is what the runtime is told.
type runtimeConfig struct {
	Key        string    `json:"key"`
	Origin     string    `json:"origin"`
	Label      ipc.Label `json:"label"`
	MaxMessage int       `json:"maxMessage"`
	Upload     string    `json:"upload,omitempty"`
}

// runtimeScript returns the script that has to run at the start of each document of a window. What it
// is given stays inside its function: no document can read the key. It has a name, so that the runtime can tell its own
// frames of a stack from the page's.
func runtimeScript(config runtimeConfig) (string, error) {
	literal, err := codec.Literal(config)
	if err != nil {
		return "", err
	}
	return "(config=>{" + runtimeSource + "})(" + literal + ")\n//# sourceURL=casement-runtime\n", nil
}
