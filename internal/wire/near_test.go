package wire_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"casement/internal/pagetest"
	"casement/ipc"
)

func TestAnUnknownCommandSuggestsASimilarOne(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	for _, name := range []string{"greet-user", "hash_file", "hash_files", "app:settings/load", "x", "日本語", strings.Repeat("long", 20)} {
		returns(&r, name, 1)
	}
	ipc.Handle(&r, "delete-everything", func(context.Context, none) (none, error) { return none{}, nil }, ipc.AllowWindows("admin"))
	for called, near := range map[string]string{
		"greet_user": "greet-user", "greetUser": "greet-user", "GreetUser": "greet-user", "gret-user": "greet-user",
		"greet-users": "greet-user", "rgeet-user": "greet-user", "hashFile": "hash_file", "hash-fils": "hash_file",
		"app_settings_load": "app:settings/load", "日本話": "日本語", "X": "x",
		// Nothing similar, only in another window, or too long to compare.
		"save": "", "": "", "y": "", "delete-everythin": "", "deleteEverything": "", strings.Repeat("long", 20) + "s": "",
		strings.Repeat("x", 10_000): "",
	} {
		t.Run(fmt.Sprintf("%.20s", called), func(t *testing.T) {
			t.Parallel()
			w := pagetest.Open(t, &r)
			want := fmt.Sprintf("unknown_command: there is no command %q", called)
			if len(called) > 64 {
				want = fmt.Sprintf("unknown_command: there is no command %q", called[:64]+"…")
			}
			line := fmt.Sprintf("WARN the page called a command that does not exist command=%.64s", called)
			if near != "" {
				want += fmt.Sprintf("; did you mean %q?", near)
				line += " near=" + near
			}
			if _, err := w.Run(fmt.Sprintf("await invoke(%s)", quote(t, called))); err == nil || err.Error() != want {
				t.Errorf("%v, want %s", err, want)
			}
			if !w.Log.Has(line) || w.Log.Has(refusal) {
				t.Errorf("%s, want %s", w.Log, line)
			}
		})
	}
	w := pagetest.Open(t, &r)
	if _, err := w.Run("await invoke('delete-everything')"); err == nil || !strings.HasPrefix(err.Error(), "denied: ") {
		t.Error(err)
	}
	if want := "WARN the page called a command that its window may not call command=delete-everything"; !w.Log.Has(want) {
		t.Errorf("%s, want %s", w.Log, want)
	}
}
