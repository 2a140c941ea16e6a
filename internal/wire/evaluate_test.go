package wire_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"

	"casement/internal/codec"
	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

func TestEvalResultReturnsTheValue(t *testing.T) {
	t.Parallel()
	w := pagetest.Open(t, new(ipc.Router))
	for script, want := range map[string]string{
		"1 + 1":                    "2",
		"'a\\u2028\"'":             `"a` + "\u2028" + `\""`,
		"({a: [1, {b: null}]})":    `{"a":[1,{"b":null}]}`,
		"{}":                       "{}",
		"undefined":                "null",
		"null":                     "null",
		"() => 1":                  "null",
		"NaN":                      "null",
		"Promise.resolve(7)":       "7",
		"await Promise.resolve(8)": "8",
		"new Promise((r) => setTimeout(() => r('late'), 1))": `"late"`,
		"const x = 1; return x + 1":                          "2",
		"return await Promise.resolve([])":                   "[]",
		"if (true) return 'yes'":                             `"yes"`,
		"let x = 1":                                          "null",
		"":                                                   "null",
		"// nothing":                                         "null",
		"1 // one":                                           "1",
		"return 2 // two":                                    "2",
		"1, 2":                                               "2",
		"async () => 1":                                      "null",
		"new Date(0)":                                        `"1970-01-01T00:00:00.000Z"`,
		"`${1 + 1}`":                                         `"2"`,
		"location.origin":                                    `"app://localhost"`,
		"[...'ab'].map((c) => c + '\\n')":                    `["a\n","b\n"]`,
		"globalThis.count = (globalThis.count ?? 0) + 1": "1",
	} {
		got, err := w.Endpoint.EvalResult(t.Context(), script)
		if err != nil || string(got) != want {
			t.Errorf("%q: %s, %v, want %s", script, got, err, want)
		}
	}
	// Each script ran once.
	if got := w.Must("return globalThis.count"); got != "1" {
		t.Errorf("a script ran %s times", got)
	}
}

func TestEvalResultReturnsTheException(t *testing.T) {
	t.Parallel()
	w := pagetest.Open(t, new(ipc.Router))
	for script, want := range map[string]string{
		"throw new TypeError('no')":                           "TypeError: no",
		"nope.nope":                                           "ReferenceError: ",
		"Promise.reject(new RangeError('far'))":               "RangeError: far",
		"throw 'text'":                                        "Error: text",
		"throw null":                                          "Error: null",
		"throw undefined":                                     "Error: undefined",
		"throw Symbol('s')":                                   "Error: Symbol(s)",
		"throw Object.create(null)":                           "Error: ",
		"throw {toString() { throw 1 }}":                      "Error: ",
		"throw Object.assign(new Error('x'), {name: 5})":      "5: x",
		"throw Object.assign(new Error(''), {message: 10n})":  "Error: 10",
		"throw Object.assign(new Error('a'), {name: 'Mine'})": "Mine: a",
		"const a = {}; a.a = a; return a":                     "TypeError: ",
		"10n":                                                 "TypeError: ",
		"({toJSON() { throw new Error('j') }})":               "Error: j",
		"const const":                                         "SyntaxError: ",
		"1 +":                                                 "SyntaxError: ",
		"}":                                                   "SyntaxError: ",
		"return return":                                       "SyntaxError: ",
	} {
		got, err := w.Endpoint.EvalResult(t.Context(), script)
		var thrown *ipc.ScriptError
		if !errors.As(err, &thrown) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %s, %v, want %s", script, got, err, want)
		}
	}
}

func TestALargeEvalResultIsAnError(t *testing.T) {
	t.Parallel()
	w := pagetest.Open(t, new(ipc.Router), func(o *wire.EndpointOptions) { o.MaxMessage = 1000 })
	_, err := w.Endpoint.EvalResult(t.Context(), "'x'.repeat(2000)")
	var failed *ipc.Error
	if !errors.As(err, &failed) || failed.Code != ipc.CodeTooLarge {
		t.Error(err)
	}
}

func TestScriptsWaitForTheFirstPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPaper(t, new(ipc.Router), func(o *wire.EndpointOptions) { o.MaxBacklog = 4000 })
		p.Endpoint.Gone()
		if err := p.Endpoint.Eval(strings.Repeat(" ", 2400)); err != nil {
			t.Error(err)
		}
		if err := p.Endpoint.Eval(strings.Repeat(" ", 2400)); !errors.Is(err, ipc.ErrBacklog) {
			t.Error(err)
		}
		ctx, cancel := context.WithCancelCause(context.Background())
		errs := make(chan error, 1)
		evaluate := func(ctx context.Context) {
			_, err := p.Endpoint.EvalResult(ctx, "1")
			errs <- err
		}
		go evaluate(ctx)
		synctest.Wait()
		enough := errors.New("enough")
		cancel(enough)
		if err := <-errs; !errors.Is(err, enough) {
			t.Error(err)
		}
		go evaluate(context.Background())
		synctest.Wait()
		p.Receive(`{"kind":"hello"}`, "")
		synctest.Wait()
		p.Run()
		if p.Scripts != 5 {
			t.Errorf("%d scripts, want one that waited, and four for the evaluation", p.Scripts)
		}
		// An answer to another evaluation, a malformed answer, and a second answer.
		p.Receive(`{"kind":"evaluated","id":99}`, "1")
		p.Receive(`{"kind":"evaluated","id":1}`, "nonsense")
		if err := <-errs; err == nil || !strings.Contains(err.Error(), "malformed JSON") {
			t.Error(err)
		}
		p.Receive(`{"kind":"evaluated","id":1}`, "1")
		go evaluate(context.Background())
		synctest.Wait()
		p.Receive(`{"kind":"evaluated","id":2,"failed":true}`, "[nonsense")
		if err := <-errs; err == nil || !strings.Contains(err.Error(), "malformed JSON") {
			t.Error(err)
		}
		// A running evaluation ends with its context, and with the page.
		ctx, cancel = context.WithCancelCause(context.Background())
		go evaluate(ctx)
		synctest.Wait()
		cancel(enough)
		if err := <-errs; !errors.Is(err, enough) {
			t.Error(err)
		}
		go evaluate(context.Background())
		synctest.Wait()
		p.Endpoint.Gone()
		if err := <-errs; !errors.Is(err, ipc.ErrPageGone) {
			t.Error(err)
		}
		go evaluate(context.Background())
		synctest.Wait()
		p.Endpoint.Close()
		if err := <-errs; !errors.Is(err, ipc.ErrPageGone) {
			t.Error(err)
		}
	})
}

func TestScriptsThatWaitedRunInOrder(t *testing.T) {
	t.Parallel()
	w := pagetest.Open(t, new(ipc.Router))
	w.Load("https://example.com/")
	for i := range 20 {
		if err := w.Endpoint.Eval(fmt.Sprintf("(globalThis.log ??= []).push(%d)", i)); err != nil {
			t.Fatal(err)
		}
	}
	// More scripts follow while the page arrives.
	done := make(chan none)
	go func() {
		defer close(done)
		for i := 20; i < 300; i++ {
			if err := w.Endpoint.Eval(fmt.Sprintf("globalThis.log.push(%d)", i)); err != nil {
				t.Error(err)
			}
		}
	}()
	w.Load(pagetest.Origin + "/")
	<-done
	pagetest.Until(t, "all have run", func() bool { return w.Must("return globalThis.log?.length ?? 0") == "300" })
	if got := w.Must("return log.every((n, i) => n === i)"); got != "true" {
		t.Error(w.Must("return log"))
	}
}

func TestLiteralsEvaluateToTheirValue(t *testing.T) {
	t.Parallel()
	w := pagetest.Open(t, new(ipc.Router))
	for _, v := range []any{
		nil, true, 7, -1.5, "", nasty, "'); alert(1); ('", `\');`, "\\", "\\\\'", "\u2028", "</script>",
		[]string{"'", `"`}, map[string]any{"__proto__": "x", "'": 1}, "\xff",
	} {
		literal, err := codec.Literal(v)
		if err != nil {
			t.Errorf("%q: %v", v, err)
			continue
		}
		want, err := codec.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		got, err := w.Endpoint.EvalResult(t.Context(), literal)
		if err != nil || normal(got) != normal(want) {
			t.Errorf("%q: %s, %v, want %s", v, got, err, want)
		}
	}
	for _, v := range []any{make(chan int), int64(math.MaxInt64), math.NaN()} {
		if literal, err := codec.Literal(v); err == nil {
			t.Errorf("%v: %s", v, literal)
		}
	}
}

func TestScriptfTakesValuesOnly(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		format string
		values []any
		want   string // empty for an error
	}{
		{"", nil, " "},
		{"a = %v", []any{1}, "a = JSON.parse('1')"},
		{"%v%v", []any{"it's", nil}, `JSON.parse('"it\'s"')JSON.parse('null')`},
		{"100%%", nil, "100%"},
		{"%%v", nil, "%v"},
		{"%v", []any{"%v%s%"}, `JSON.parse('"%v%s%"')`},
		{"%s", []any{"a"}, ""},
		{"%d", []any{1}, ""},
		{"%+v", []any{1}, ""},
		{"%", nil, ""},
		{"a % b", nil, ""},
		{"%v", nil, ""},
		{"%v %v", []any{1}, ""},
		{"%v", []any{1, 2}, ""},
		{"none", []any{1}, ""},
		{"%v", []any{func() {}}, ""},
	} {
		got, err := ipc.Scriptf(test.format, test.values...)
		if (err != nil) != (test.want == "") || (err == nil && got != strings.TrimSpace(test.want)) {
			t.Errorf("%q of %v: %s, %v, want %s", test.format, test.values, got, err, test.want)
		}
	}
}
