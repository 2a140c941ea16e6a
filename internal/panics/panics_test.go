package panics_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"casement/internal/panics"
)

// logged returns what slog's text handler writes when f panics.
func logged(f func()) string {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	func() {
		defer func() {
			if v := recover(); v != nil {
				log.Error("f panicked", panics.Attributes(v)...)
			}
		}()
		f()
	}()
	return out.String()
}

func save(text *string) int { return len(*text) }

func load() { save(nil) }

type odd struct{}

func (odd) String() string { panic("again") }

func deep(n int) {
	if n == 0 {
		panic("deep")
	}
	deep(n - 1)
}

func TestAPanicIsOneReadableLine(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		panics func()
		want   []string
	}{
		"a nil dereference": {load, []string{
			`panic="runtime error: invalid memory address or nil pointer dereference"`, `panics_test.go:27 `,
			`stack="casement/internal/panics_test.save (panics_test.go:27) < casement/internal/panics_test.load (panics_test.go:29)`,
		}},
		"a value":                    {func() { panic("on purpose") }, []string{`panic="on purpose"`, "panics_test.go:"}},
		"a value that panics itself": {func() { panic(odd{}) }, []string{"PANIC=String method: again", "panics_test.go:"}},
		"during a panic": {func() {
			defer func() {
				recover()
				load()
			}()
			panic("first")
		}, []string{"invalid memory address", "panics_test.go:27 "}},
		"deep down": {func() { deep(100) }, []string{"panics_test.go:37 ", "more"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line := logged(test.panics)
			for _, want := range test.want {
				if !strings.Contains(line, want) {
					t.Errorf("%s\nwant %s", line, want)
				}
			}
			if strings.Count(line, "\n") != 1 || strings.Contains(line, `\n`) || strings.Contains(line, `\t`) {
				t.Errorf("the log entry is not one line: %s", line)
			}
			if strings.Contains(line, "runtime.gopanic") || strings.Contains(line, "testing.tRunner") || len(line) > 2000 {
				t.Errorf("the stack has useless frames or is too long: %s", line)
			}
		})
	}
}
