package ipc_test

import (
	"context"
	"errors"
	"fmt"

	"casement/ipc"
)

func ExampleHandle() {
	type args struct {
		Path  string `json:"path"`
		Limit *int   `json:"limit"` // A pointer: the page may leave it out.
	}
	type info struct {
		Size int64 `json:"size"`
	}
	stat := func(ctx context.Context, a args) (info, error) {
		if a.Path == "" {
			return info{}, ipc.NewError(errors.New("no path"), map[string]string{"field": "path"})
		}
		return info{Size: 1234}, ctx.Err()
	}

	var commands ipc.Router
	ipc.Handle(&commands, "stat", stat)
	ipc.Handle(&commands, "wipe", stat, ipc.AllowWindows("settings"))
	fmt.Println(commands.Names(), commands.Err())
	// In the page: const { size } = await invoke<Info>('stat', { path: '/etc/hosts' });

	// Output: [stat wipe] <nil>
}

func ExampleInline() {
	theme := func(context.Context, struct{}) (string, error) { return "dark", nil }

	var commands ipc.Router
	ipc.Handle(&commands, "theme", theme, ipc.Inline())
	fmt.Println(commands.Names(), commands.Err())
	// In the page: document.body.className = await invoke('theme');

	// Output: [theme] <nil>
}

func ExampleScriptf() {
	script, err := ipc.Scriptf("document.title = %v", `it's "quoted"`)
	fmt.Println(script, err)
	_, err = ipc.Scriptf("document.title = '%s'", "never like this")
	fmt.Println(err)
	// Output:
	// document.title = JSON.parse('"it\'s \\"quoted\\""') <nil>
	// ipc: script format: want %v or %%, got %s'
}
