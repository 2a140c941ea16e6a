package wire

import (
	_ "embed"

	"casement/internal/codec"
	"casement/ipc"
)

// runtimeSource is the page runtime, bundled from frontend/api/src/runtime by "make generate". It
// connects its document to Go, as configured by the variable "config".
//
//go:embed runtime.js
var runtimeSource string

// A runtimeConfig configures the page runtime.
type runtimeConfig struct {
	Key        string    `json:"key"`
	Origin     string    `json:"origin"`
	Label      ipc.Label `json:"label"`
	MaxMessage int       `json:"maxMessage"`
	Upload     string    `json:"upload,omitempty"`
}

// runtimeScript returns the script to run at the start of each document of a window. The
// configuration stays inside its function: no document can read the key. The script has a name, so
// that the runtime can tell its own stack frames from the page's.
func runtimeScript(config runtimeConfig) (string, error) {
	literal, err := codec.Literal(config)
	if err != nil {
		return "", err
	}
	return "(config=>{" + runtimeSource + "})(" + literal + ")\n//# sourceURL=casement-runtime\n", nil
}
