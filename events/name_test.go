package events_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"casement/events"
	"casement/internal/pagetest"
	"casement/ipc"
)

var names = []struct {
	name string
	ok   bool
}{
	{"x", true}, {"download-started", true}, {"a/b:c_d-e", true}, {"日本語", true}, {"naïve", true}, {"Ⅷ²", true}, {"0", true}, {"-", true},
	{"casement", true}, {"casement:/x", true}, {"Casement://x", true}, {"x-casement://x", true}, {"e\u0301"[:1], true},
	{strings.Repeat("x", 256), true}, {strings.Repeat("語", 256), true},
	{"", false}, {" ", false}, {"a b", false}, {"a.b", false}, {"a\n", false}, {"\na", false}, {"a\x00", false}, {"\x7f", false}, {"a\u2028", false},
	{"e\u0301", false}, {"😀", false}, {"\xff", false}, {"a\xff", false}, {"\xed\xa0\x80", false}, {"\ufffd", false}, {"a'", false}, {`a"`, false},
	{"<x>", false}, {"a|b", false}, {"a\\b", false}, {"$x", false}, {"\u202ea", false}, {"\ufeffa", false},
	{strings.Repeat("x", 257), false}, {strings.Repeat("語", 257), false}, {strings.Repeat("x", 1<<20), false},
}

func TestNames(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	p := newPaper(t, b, "w")
	for at, c := range names {
		got, err := events.ParseName(c.name)
		if c.ok != (err == nil) || (c.ok && string(got) != c.name) {
			t.Errorf("%.80q: %v", c.name, err)
		}
		_, listenErr := b.Listen(c.name, func(events.Event) {})
		for how, err := range map[string]error{
			"Emit": b.Emit(c.name, nil), "EmitTo": b.EmitTo("w", c.name, nil), "Listen": listenErr,
			"EmitFilter": b.EmitFilter(c.name, nil, func(events.Target) bool { return true }),
		} {
			if c.ok != (err == nil) {
				t.Errorf("%s of %.80q: %v", how, c.name, err)
			}
			if err != nil && len(err.Error()) > 500 {
				t.Errorf("%s: an error of %d bytes", how, len(err.Error()))
			}
		}
		if !utf8.ValidString(c.name) || len(c.name) > 1000 || strings.ContainsAny(c.name, "\x00\x7f\"\\\u2028\ufeff\u202e") {
			continue // %q does not write it as JSON, or a header can't hold it.
		}
		for _, id := range []uint64{p.emit(c.name, "", "1"), p.listen(1<<20, c.name, "")} {
			if got := p.answer(id); c.ok != (got == "null") || (!c.ok && !strings.Contains(got, "bad_arguments")) {
				t.Errorf("name %d: the listen settles with %s", at, got)
			}
		}
		p.unlisten(1 << 20)
	}
}

func TestReservedNamesAreListenOnly(t *testing.T) {
	t.Parallel()
	var e ears
	b := events.NewBus(nil)
	w := pagetest.Open(t, nil, busOf(b))
	must(t)(b.Listen("casement://focus", e.listener("go")))
	if got := w.Must(`
		const codes = [];
		await __ipc.listen('casement://focus', (e) => codes.push('heard ' + e.payload));
		for (const target of [undefined, {kind: 'Any'}, {kind: 'App'}, {kind: 'Window', label: 'main'}])
			await __ipc.emit('casement://focus', 1, target).catch((e) => codes.push(e.code));
		return codes`); got != `["bad_arguments","bad_arguments","bad_arguments","bad_arguments"]` {
		t.Error(got)
	}
	for _, err := range []error{
		b.Emit("casement://focus", 1), b.Emit("casement://", 1), b.EmitTo("main", "casement://focus", 1),
		b.EmitFilter("casement://focus", 1, func(events.Target) bool { return true }),
		events.Define[int]("casement://focus").Emit(b, 1),
	} {
		if err == nil || !strings.Contains(err.Error(), "only the shell emits") {
			t.Errorf("the error is %v", err)
		}
	}
	check(t, b.Announce("", "focus", "real"))
	if got := e.take(); got != `go "real"` {
		t.Error(got)
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	window := events.Window("main")
	for _, c := range []struct {
		kind, label string
		target      events.Target
		any, ok     bool
	}{
		{"Any", "", events.App, true, true}, {"Any", "ignored", events.App, true, true},
		{"App", "", events.App, false, true}, {"App", "a b", events.App, false, true},
		{"AnyLabel", "main", window, false, true}, {"Window", "main", window, false, true},
		{"Webview", "main", window, false, true}, {"WebviewWindow", "main", window, false, true},
		{kind: "", label: "main"}, {kind: "any"}, {kind: "ANY"}, {kind: "window", label: "main"}, {kind: "Label", label: "main"},
		{kind: "AnyLabel"}, {kind: "Window"}, {kind: "Window", label: "a b"}, {kind: "Webview", label: "\x00"},
		{kind: "WebviewWindow", label: strings.Repeat("x", 257)}, {kind: strings.Repeat("x", 1<<20)},
	} {
		target, any, err := events.ParseTarget(c.kind, c.label)
		if c.ok != (err == nil) || (c.ok && (target != c.target || any != c.any)) {
			t.Errorf("%.40q %.40q: %v %v %v", c.kind, c.label, target, any, err)
		}
		if err != nil && len(err.Error()) > 500 {
			t.Errorf("an error of %d bytes", len(err.Error()))
		}
	}
	if events.App.String() != "app" || window.String() != `window "main"` || !events.App.IsApp() || window.IsApp() {
		t.Errorf("%v and %v", events.App, window)
	}
	b := events.NewBus(nil)
	for _, label := range []string{"", "a b", "\xff", "a.b"} {
		if err := b.EmitTo(ipc.Label(label), "x", nil); err == nil {
			t.Errorf("an emit to label %q returns no error", label)
		}
	}
}

func FuzzName(f *testing.F) {
	for _, c := range names {
		if len(c.name) < 1000 {
			f.Add(c.name)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		good := s != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= 256
		for _, r := range s {
			good = good && (unicode.IsLetter(r) || unicode.Is(unicode.N, r) || strings.ContainsRune("-/:_", r))
		}
		name, err := events.ParseName(s)
		if good != (err == nil) || (good && string(name) != s) {
			t.Errorf("%q: %q, %v", s, name, err)
		}
		if err != nil && len(err.Error()) > 500 {
			t.Errorf("an error of %d bytes", len(err.Error()))
		}
		if _, err := events.ParseOwn(s); good && !strings.HasPrefix(s, "casement://") != (err == nil) {
			t.Errorf("%q may be emitted: %v", s, err)
		}
	})
}

func FuzzTarget(f *testing.F) {
	for _, kind := range []string{"Any", "App", "AnyLabel", "Window", "Webview", "WebviewWindow", "", "window"} {
		for _, label := range []string{"", "main", "a b", "窗/1:_-", "\xff"} {
			f.Add(kind, label)
		}
	}
	f.Fuzz(func(t *testing.T, kind, label string) {
		target, any, err := events.ParseTarget(kind, label)
		switch {
		case err != nil:
			if len(err.Error()) > 600 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			if kind == "Any" || kind == "App" {
				t.Errorf("%s is an error: %v", kind, err)
			}
		case any:
			if kind != "Any" {
				t.Errorf("%q is any", kind)
			}
		case target.IsApp():
			if kind != "App" {
				t.Errorf("%q, %q is the app", kind, label)
			}
		default:
			// A label has the form of a name.
			if _, err := events.ParseName(label); err != nil || string(target.Label) != label {
				t.Errorf("%q, %q is %v", kind, label, target)
			}
		}
	})
}
