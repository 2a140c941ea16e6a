package wire_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"casement/internal/codec"
	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

type none struct{}

// returns registers a command without arguments.
func returns[R any](r *ipc.Router, name string, result R) {
	ipc.Handle(r, name, func(context.Context, none) (R, error) { return result, nil })
}

// nasty are texts that have broken a message somewhere.
const nasty = "\u007f\u2028\u2029\x00\x01\x1f\r\n\t'\"`\\ \\' \\\\ ${x} </script><!-- \u00e9\u65e5\U0001F600 %s %v ]}"

func TestResultsArriveAsTheyAre(t *testing.T) {
	t.Parallel()
	type inner struct {
		Name string   `json:"name"`
		Tags []string `json:"tags"`
	}
	one := 1
	var r ipc.Router
	returns(&r, "struct", inner{"a", []string{"x", "y"}})
	returns(&r, "pointer", &inner{Name: "p", Tags: []string{}})
	returns(&r, "nil_pointer", (*inner)(nil))
	returns(&r, "nothing", struct{}{})
	returns(&r, "nil_any", any(nil))
	returns(&r, "int_pointer", &one)
	returns(&r, "slice", []int{3, 1, 2})
	returns(&r, "map", map[string]int{"b": 1, "a": 2})
	returns(&r, "any", any(map[string]any{"x": []any{1, "two", nil, true}}))
	returns(&r, "bool", true)
	returns(&r, "float", 1e300)
	returns(&r, "tiny", 5e-324)
	returns(&r, "html", "<a href='x'>&amp;</a>")
	returns(&r, "time", time.Unix(0, 0).UTC())
	returns(&r, "raw", json.RawMessage("{\n\"a\": [1,\t2]\n}"))
	returns(&r, "bytes_in_struct", struct{ B []byte }{[]byte{1, 2, 3}})
	w := pagetest.Open(t, &r)
	for name, want := range map[string]string{
		"struct":          `{"name":"a","tags":["x","y"]}`,
		"pointer":         `{"name":"p","tags":[]}`,
		"nil_pointer":     `null`,
		"nothing":         `null`,
		"nil_any":         `null`,
		"int_pointer":     `1`,
		"slice":           `[3,1,2]`,
		"map":             `{"a":2,"b":1}`,
		"any":             `{"x":[1,"two",null,true]}`,
		"bool":            `true`,
		"float":           `1e+300`,
		"tiny":            `5e-324`,
		"html":            `"<a href='x'>&amp;</a>"`,
		"time":            `"1970-01-01T00:00:00Z"`,
		"raw":             `{"a":[1,2]}`,
		"bytes_in_struct": `{"B":"AQID"}`,
	} {
		if got := w.Must(fmt.Sprintf("return await invoke(%q)", name)); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestTextSurvivesBothWays(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	type args struct {
		Text string `json:"text"`
	}
	ipc.Handle(&r, "echo", func(_ context.Context, a args) (string, error) { return a.Text, nil })
	ipc.Handle(&r, "same", func(_ context.Context, a args) (bool, error) { return a.Text == nasty, nil })
	w := pagetest.Open(t, &r)
	literal, err := codec.Literal(nasty)
	if err != nil {
		t.Fatal(err)
	}
	if got := w.Must("const text = " + literal + "; return [await invoke('echo', {text}) === text, await invoke('same', {text})]"); got != "[true,true]" {
		t.Errorf("it was changed: %s", got)
	}
	// A lone surrogate is not a character: Go can't hold it.
	for script, want := range map[string]string{
		`return (await invoke('echo', {text: '\ud800'})) === '\ufffd'`:                 "true",
		`return (await invoke('echo', {text: 'a\udc00\ud800b'})) === 'a\ufffd\ufffdb'`: "true",
		`return (await invoke('echo', {text: '\ud83d\ude00'})) === '\u{1F600}'`:        "true",
	} {
		if got := w.Must(script); got != want {
			t.Errorf("%s: %s", script, got)
		}
	}
	// All characters of the Latin scripts, all control characters, and some of each other block.
	if got := w.Must(`
		for (let from = 0; from < 0xd800; from += 0x400) {
			let text = '';
			for (let c = from; c < from + 0x400; c += from === 0 ? 1 : 31) text += String.fromCharCode(c);
			if (await invoke('echo', {text}) !== text) return from;
		}
		return 'fine'`); got != `"fine"` {
		t.Errorf("a character from %s on is changed", got)
	}
}

func TestBytesTravelRaw(t *testing.T) {
	t.Parallel()
	sizes := []int{0, 1, 2, 3, 100, 535, 536, 767, 768, 769, 3000}
	var r ipc.Router
	ipc.Handle(&r, "make", func(_ context.Context, a struct{ N int }) ([]byte, error) { return pattern(a.N), nil })
	ipc.Handle(&r, "check", func(_ context.Context, data []byte) (int, error) {
		if string(data) != string(pattern(len(data))) {
			return -1, nil
		}
		return len(data), nil
	})
	ipc.Handle(&r, "echo", func(_ context.Context, data []byte) ([]byte, error) { return data, nil })
	ipc.Handle(&r, "nested", func(_ context.Context, a struct {
		Data []byte `json:"data"`
		Deep []struct {
			Data []byte `json:"data"`
		} `json:"deep"`
	}) ([]byte, error) {
		return append(a.Data, a.Deep[0].Data...), nil
	})
	w := pagetest.Open(t, &r, func(o *wire.EndpointOptions) { o.MaxScript = 1024 })
	w.Must(`globalThis.pattern = (n) => Uint8Array.from({length: n}, (_, i) => (i * 7 + (i >> 8)) & 255);
		globalThis.same = (a, b) => a.byteLength === b.length && new Uint8Array(a).every((v, i) => v === b[i]);`)
	for _, n := range sizes {
		if got := w.Must(fmt.Sprintf(`
			const made = await invoke('make', {N: %d}), p = pattern(%[1]d);
			return [made instanceof ArrayBuffer, same(made, p), await invoke('check', p), await invoke('check', p.buffer)]`, n)); got != fmt.Sprintf("[true,true,%d,%[1]d]", n) {
			t.Errorf("%d bytes: %s", n, got)
		}
	}
	for what, script := range map[string]string{
		"a view":           `const p = pattern(100); return same(await invoke('echo', new DataView(p.buffer, 10, 20)), p.subarray(10, 30))`,
		"wide elements":    `return same(await invoke('echo', new Uint16Array([1, 258])), [1, 0, 2, 1])`,
		"a part":           `return same(await invoke('echo', pattern(100).subarray(5, 8)), pattern(100).subarray(5, 8))`,
		"nested":           `return same(await invoke('nested', {data: new Uint8Array([1, 2]), deep: [{data: new Uint8Array([3]).buffer}]}), [1, 2, 3])`,
		"nested and empty": `return same(await invoke('nested', {data: new Uint8Array(0), deep: [{data: new Uint8Array(0)}]}), [])`,
	} {
		if got := w.Must(script); got != "true" {
			t.Errorf("%s: %s", what, got)
		}
	}
	for script, want := range map[string]string{
		`return await invoke('echo', {})`:                 "want bytes, got an object",
		`return await invoke('nested', new Uint8Array())`: "want an object, got bytes",
	} {
		if _, err := w.Run(script); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", script, err, want)
		}
	}
}

// pattern returns n bytes that reveal any reordering.
func pattern(n int) []byte {
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(i*7 + i>>8)
	}
	return data
}

func TestLargeResultsArrive(t *testing.T) {
	t.Parallel()
	const size = 128<<10 + 1
	var r ipc.Router
	returns(&r, "large", pattern(size))
	returns(&r, "text", strings.Repeat("\\'\n", size/8))
	w := pagetest.Open(t, &r)
	if got := w.Must(`return [(await invoke('large')).byteLength, (await invoke('text')).length]`); got != fmt.Sprintf("[%d,%d]", size, size/8*3) {
		t.Error(got)
	}
}

func TestHeadersReachTheCommand(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	ipc.Handle(&r, "where", func(ctx context.Context, _ none) (any, error) {
		call := wire.CallFrom(ctx)
		return []any{call.Command, call.Window, call.Headers, call.Page().ID() != "", call.Page().Window()}, nil
	})
	w := pagetest.Open(t, &r)
	want := `["where","main",{"a":"1","b\nc":"\"\u2028"},true,"main"]`
	if got := w.Must(`return await invoke('where', {}, {headers: {a: '1', 'b\nc': '"\u2028'}})`); got != strings.ReplaceAll(want, `\u2028`, "\u2028") {
		t.Error(got)
	}
	if wire.CallFrom(t.Context()) != nil {
		t.Error("a context from elsewhere has a call")
	}
}

func TestAPayloadSetsNoPrototype(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	returns(&r, "evil", json.RawMessage(`{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},"x":{"__proto__":1}}`))
	w := pagetest.Open(t, &r)
	if got := w.Must(`const v = await invoke('evil');
		return [v.admin, {}.admin, Object.getPrototypeOf(v) === Object.prototype, Object.keys(v), Object.hasOwn(v.x, '__proto__')]`); got != `[null,null,true,["__proto__","constructor","x"],true]` {
		t.Error(got)
	}
}

func TestNoIntegerIsRounded(t *testing.T) {
	t.Parallel()
	const safe = 1<<53 - 1
	type tagged struct {
		N int64 `json:",string"`
	}
	type mixed struct {
		N int64
		F float64
	}
	for _, test := range []struct {
		name  string
		value any
		want  string // empty for an error
	}{
		{"largest", int64(safe), "9007199254740991"},
		{"smallest", int64(-safe), "-9007199254740991"},
		{"one more", int64(safe + 1), ""},
		{"two more", int64(safe + 2), ""},
		{"one less", int64(-safe - 1), ""},
		{"max", int64(math.MaxInt64), ""},
		{"min", int64(math.MinInt64), ""},
		{"uint max", uint64(math.MaxUint64), ""},
		{"int", int(math.MaxInt64), ""},
		{"uintptr", uintptr(math.MaxUint64), ""},
		{"as a string", tagged{math.MaxInt64}, `{"N":"9223372036854775807"}`},
		{"deep", map[string][]*mixed{"a": {{N: math.MaxInt64}}}, ""},
		{"in any", []any{1, int64(safe + 2)}, ""},
		{"big", big.NewInt(0).Lsh(big.NewInt(1), 100), ""},
		{"big and odd", big.NewInt(0).Add(big.NewInt(1), big.NewInt(0).Lsh(big.NewInt(1), 100)), ""},
		{"json.Number", json.Number("9007199254740993"), ""},
		{"json.Number of a float", json.Number("9007199254740993.5"), "9007199254740993.5"},
		{"raw", json.RawMessage(`{"a":[9007199254740993]}`), ""},
		{"in a string", "9007199254740993", `"9007199254740993"`},
		{"in a key", map[int64]bool{math.MaxInt64: true}, `{"9223372036854775807":true}`},
		{"pointer to text", pointerText(math.MaxInt64), ""},
		{"float", 1e300, "1e+300"},
		{"float without an exponent", 1e20, "100000000000000000000"},
		{"float beside an integer", mixed{1, 1e20}, `{"N":1,"F":100000000000000000000}`},
		{"float of 2^60 beside an integer", mixed{1, 1 << 60}, `{"N":1,"F":1152921504606846976}`},
		{"float in any", []any{float32(1e20), 1.5e18}, "[100000000000000000000,1500000000000000000]"},
		{"fraction", 9007199254740993.5, "9007199254740994"},
		{"int32", []int32{math.MaxInt32}, "[2147483647]"},
	} {
		text, err := codec.Marshal(test.value)
		switch {
		case test.want == "" && err == nil:
			t.Errorf("%s: %s, want an error", test.name, text)
		case test.want == "" && !strings.Contains(err.Error(), "2^53-1"):
			t.Errorf("%s: %v", test.name, err)
		case test.want != "" && (err != nil || string(text) != test.want):
			var a, b any
			if err == nil && json.Unmarshal(text, &a) == nil && json.Unmarshal([]byte(test.want), &b) == nil && fmt.Sprint(a) == fmt.Sprint(b) {
				continue // The same number in another notation.
			}
			t.Errorf("%s: %s, %v, want %s", test.name, text, err, test.want)
		}
	}
	var r ipc.Router
	returns(&r, "large", int64(safe+2))
	returns(&r, "safe", []int64{safe, -safe})
	w := pagetest.Open(t, &r)
	if _, err := w.Run("return await invoke('large')"); err == nil || !strings.HasPrefix(err.Error(), "bad_result: ") {
		t.Error(err)
	}
	if got := w.Must("const [a, b] = await invoke('safe'); return [a === Number.MAX_SAFE_INTEGER, b === Number.MIN_SAFE_INTEGER]"); got != "[true,true]" {
		t.Error(got)
	}
}

// pointerText marshals as text only where it is addressable.
type pointerText int64

func (*pointerText) MarshalText() ([]byte, error) { return []byte("text"), nil }

type cyclic struct{ Next *cyclic }

type panicky struct{}

func (panicky) MarshalJSON() ([]byte, error) { panic("no JSON today") }

type written string

func (w written) MarshalJSON() ([]byte, error) { return []byte(w), nil }

// silent is an error whose methods panic on a nil pointer.
type silent struct{ text string }

func (e *silent) Error() string { return e.text }

func TestEveryCallSettlesOnce(t *testing.T) {
	t.Parallel()
	loop := &cyclic{}
	loop.Next = loop
	cause := errors.New("the cause")
	runs := map[string]*atomic.Int32{}
	var r ipc.Router
	does := func(name string, f func(ctx context.Context) (any, error)) {
		count := new(atomic.Int32)
		runs[name] = count
		ipc.Handle(&r, name, func(ctx context.Context, _ none) (any, error) {
			count.Add(1)
			return f(ctx)
		})
	}
	fails := func(name string, err error) {
		does(name, func(context.Context) (any, error) { return nil, err })
	}
	fails("plain", errors.New("it is broken\u2028'\\"))
	fails("details", ipc.NewError(cause, map[string]any{"kind": "missing", "n": 7}))
	fails("wrapped", fmt.Errorf("on top: %w", ipc.NewError(cause, []int{1})))
	fails("chosen", &ipc.Error{Code: ipc.CodeDenied, Message: "not you"})
	fails("codeless", &ipc.Error{Message: "no code"})
	fails("bad_details", ipc.NewError(cause, func() {}))
	fails("panicking_details", ipc.NewError(cause, panicky{}))
	fails("large_details", ipc.NewError(cause, int64(math.MaxInt64)))
	fails("nil_error", (*silent)(nil))
	fails("nil_ipc_error", (*ipc.Error)(nil))
	fails("deadline", fmt.Errorf("asking: %w", context.DeadlineExceeded))
	fails("cancelled_itself", context.Canceled)
	fails("not_utf8", errors.New("a\xffb"))
	does("panics", func(context.Context) (any, error) { panic("at the disco") })
	does("panics_nil", func(context.Context) (any, error) { panic(nil) })
	does("panics_error", func(context.Context) (any, error) { panic(cause) })
	does("panics_silently", func(context.Context) (any, error) { panic((*silent)(nil)) })
	does("dereferences", func(context.Context) (any, error) { return loop.Next.Next.Next, (*cyclic)(nil).check() })
	does("index", func(context.Context) (any, error) { var s []int; return s[len(runs)], nil })
	does("exits", func(context.Context) (any, error) { runtime.Goexit(); return nil, nil })
	does("times_out", func(ctx context.Context) (any, error) {
		ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		<-ctx.Done()
		return nil, ctx.Err()
	})
	returning := func(name string, v any) {
		does(name, func(context.Context) (any, error) { return v, nil })
	}
	returning("channel", make(chan int))
	returning("function", func() {})
	returning("nan", math.NaN())
	returning("infinite", math.Inf(-1))
	returning("complex", 1i)
	returning("cyclic", loop)
	returning("panicky", panicky{})
	returning("half", written(`{"a":`))
	returning("too_much", written(`1]`))
	returning("bare_text", written(`hello`))
	returning("raw_newline", written("\"a\nb\""))
	returning("bad_raw", json.RawMessage(`[1,]`))
	returning("raw_not_utf8", json.RawMessage("\"a\xffb\""))

	w := pagetest.Open(t, &r)
	for name, want := range map[string]string{
		"plain":             `["failed","it is broken` + "\u2028" + `'\\",null]`,
		"details":           `["failed","the cause",{"kind":"missing","n":7}]`,
		"wrapped":           `["failed","on top: the cause",[1]]`,
		"chosen":            `["denied","not you",null]`,
		"codeless":          `["failed","no code",null]`,
		"bad_details":       `["failed","the cause",null]`,
		"panicking_details": `["failed","the cause",null]`,
		"large_details":     `["failed","the cause",null]`,
		"nil_error":         `["panicked",`,
		"nil_ipc_error":     `["panicked",`,
		"deadline":          `["timed_out","asking: context deadline exceeded",null]`,
		"cancelled_itself":  `["failed","context canceled",null]`,
		"not_utf8":          `["failed","a` + "\ufffd" + `b",null]`,
		"panics":            `["panicked","panics: panic: at the disco",null]`,
		"panics_nil":        `["panicked",`,
		"panics_error":      `["panicked","panics_error: panic: the cause",null]`,
		"panics_silently":   `["panicked",`,
		"dereferences":      `["panicked","dereferences: panic: runtime error: invalid memory address or nil pointer dereference",null]`,
		"index":             `["panicked","index: panic: runtime error: index out of range`,
		"exits":             `["panicked","exits: the command ended its goroutine",null]`,
		"times_out":         `["timed_out","context deadline exceeded",null]`,
		"channel":           `["bad_result",`,
		"function":          `["bad_result",`,
		"nan":               `["bad_result",`,
		"infinite":          `["bad_result",`,
		"complex":           `["bad_result",`,
		"cyclic":            `["bad_result",`,
		"panicky":           `["bad_result",`,
		"half":              `["bad_result",`,
		"too_much":          `["bad_result",`,
		"bare_text":         `["bad_result",`,
		"raw_newline":       `["bad_result",`,
		"bad_raw":           `["bad_result",`,
		"raw_not_utf8":      `"a` + "\ufffd" + `b"`,
		"unknown":           `["unknown_command","there is no command \"unknown\"",null]`,
		"__proto__":         `["unknown_command",`,
		"":                  `["unknown_command",`,
	} {
		got := w.Must(fmt.Sprintf(`try { return await invoke(%q) } catch (e) {
			if (!(e instanceof Error) || !(e instanceof IpcError) || e.name !== 'IpcError') return 'not an IpcError';
			return [e.code, e.message, e.details] }`, name))
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		if count := runs[name]; count != nil && count.Load() != 1 {
			t.Errorf("%s ran %d times", name, count.Load())
		}
	}
	if !w.Log.Has("a command panicked") || !w.Log.Has("invoke_test.go") {
		t.Errorf("the log has no panic with its stack:\n%s", w.Log)
	}
	if w.Log.Has("a script failed") || w.Log.Has("a job failed") {
		t.Error(w.Log)
	}
}

func (c *cyclic) check() error { return fmt.Errorf("%v", c.Next) }

func TestOddCallsAreRejected(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	returns(&r, "go", 1)
	w := pagetest.Open(t, &r)
	for script, want := range map[string]string{
		`return await invoke('go', 5)`:                                     "bad_arguments: go: want an object, got a number",
		`return await invoke('go', [])`:                                    "bad_arguments: go: want an object, got an array",
		`return await invoke('go', () => 1)`:                               "bad_arguments: go: want an object, got null",
		`return await invoke('go', {toJSON() { throw new Error('x') }})`:   "bad_arguments: go: x",
		`return await invoke('go', {toJSON() {}})`:                         "bad_arguments: go: want an object, got null",
		`return await invoke('go', {a: 1n})`:                               "bad_arguments: go: ",
		`const a = {}; a.a = a; return await invoke('go', a)`:              "bad_arguments: go: ",
		`return await invoke('go', {}, {headers: {a: 1n}})`:                "bad_arguments: go: ",
		`return await invoke('go', {}, {headers: {a: 1}})`:                 "bad_arguments: ",
		`return await invoke('go', {}, {headers: 'a'})`:                    "bad_arguments: ",
		`return await invoke(5)`:                                           "bad_arguments: ",
		`return await invoke()`:                                            "unknown_command: ",
		`return await invoke('x'.repeat(70000))`:                           "too_large: ",
		`return await invoke('go', {}, {headers: {a: 'x'.repeat(70000)}})`: "too_large: ",
	} {
		if _, err := w.Run(script); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %q", script, err, want)
		}
	}
	for script, want := range map[string]string{
		`return await invoke('go', null)`:           "1",
		`return await invoke('go', undefined)`:      "1",
		`return await invoke('go', {a: undefined})`: "1",
	} {
		if got, err := w.Run(script); err != nil || got != want {
			t.Errorf("%s: %s, %v", script, got, err)
		}
	}
}

func TestWindowsThatAreNotAllowedAreDenied(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	guarded := func(name string, options ...ipc.Option) {
		ipc.Handle(&r, name, func(context.Context, none) (bool, error) { return true, nil }, options...)
	}
	guarded("all")
	guarded("mine", ipc.AllowWindows("other", "main"))
	guarded("theirs", ipc.AllowWindows("other"))
	guarded("both", ipc.AllowWindows("other"), ipc.AllowWindows("main"))
	guarded("nobody", ipc.AllowWindows())
	w := pagetest.Open(t, &r)
	for name, allowed := range map[string]bool{"all": true, "mine": true, "both": true, "theirs": false, "nobody": false} {
		_, err := w.Run(fmt.Sprintf("return await invoke(%q)", name))
		if (err == nil) != allowed || (err != nil && !strings.HasPrefix(err.Error(), "denied: ")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !w.Log.Has("theirs") {
		t.Error("the refusal is not logged")
	}
}

func TestAbortRejectsAtOnceAndCancelsTheCommand(t *testing.T) {
	t.Parallel()
	started, cause, release := make(chan none, 1), make(chan error, 1), make(chan none)
	var r ipc.Router
	ipc.Handle(&r, "wait", func(ctx context.Context, _ none) (none, error) {
		started <- none{}
		<-ctx.Done()
		cause <- context.Cause(ctx)
		<-release
		return none{}, ctx.Err()
	})
	returns(&r, "quick", 1)
	w := pagetest.Open(t, &r)
	running := w.Start(`globalThis.abort = new AbortController();
		try { await invoke('wait', {}, {signal: abort.signal}) } catch (e) { return [e.code, e.cause] }`)
	<-started
	// The command blocks until release, so the page can't have the answer from it.
	w.Must("abort.abort('enough')")
	if got, err := w.Await(running); err != nil || got != `["cancelled","enough"]` {
		t.Error(got, err)
	}
	if err := <-cause; !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "abort") {
		t.Error(err)
	}
	if n := w.Endpoint.InFlight(); n != 1 {
		t.Errorf("%d calls are in flight", n)
	}
	close(release)
	pagetest.Until(t, "the call ends", func() bool { return w.Endpoint.InFlight() == 0 })

	if _, err := w.Run(`const a = new AbortController(); a.abort(); await invoke('wait', {}, {signal: a.signal})`); err == nil || !strings.HasPrefix(err.Error(), "cancelled: ") {
		t.Error(err)
	}
	select {
	case <-started:
		t.Error("a call that was aborted before its start has run")
	default:
	}
	// The signal outlives its calls.
	if got := w.Must(`const a = new AbortController(), one = await invoke('quick', {}, {signal: a.signal}); a.abort(); return one`); got != "1" {
		t.Error(got)
	}
}

func TestTooLargeIsRefusedOnBothSides(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	ipc.Handle(&r, "size", func(_ context.Context, a struct{ S string }) (int, error) { return len(a.S), nil })
	w := pagetest.Open(t, &r, func(o *wire.EndpointOptions) { o.MaxMessage = 2000 })
	for script, want := range map[string]string{
		`return await invoke('size', {S: 'x'.repeat(1800)})`: "1800",
		`return await invoke('size', {S: 'x'.repeat(3000)})`: "too_large: size: ",
		// Few characters, many bytes.
		`return await invoke('size', {S: '\u65e5'.repeat(1000)})`:                "too_large: size: 3008 bytes, more than the app's limit of 2000",
		`return await invoke('size', new Uint8Array(1600))`:                      "too_large: ",
		`return await invoke('size', {S: ''}, {headers: {a: 'x'.repeat(1990)}})`: "too_large: ",
	} {
		got, err := w.Run(script)
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", script, got, want)
		}
	}
	// Messages that fit one by one do not fail together.
	if got := w.Must(`return await Promise.all(Array.from({length: 5}, () => invoke('size', {S: 'x'.repeat(900)})))`); got != "[900,900,900,900,900]" {
		t.Error(got)
	}
}

func TestTooManyCallsAreBusy(t *testing.T) {
	t.Parallel()
	release := make(chan none)
	var r ipc.Router
	ipc.Handle(&r, "wait", func(context.Context, none) (int, error) { <-release; return 1, nil })
	w := pagetest.Open(t, &r, func(o *wire.EndpointOptions) { o.MaxCalls = 3 })
	running := w.Start(`return (await Promise.allSettled(Array.from({length: 5}, () => invoke('wait').catch((e) => { globalThis.busy = (globalThis.busy ?? 0) + 1; throw e }))))
		.map((r) => r.value ?? r.reason.code)`)
	pagetest.Until(t, "two are refused", func() bool { return w.Must("return globalThis.busy") == "2" })
	close(release)
	if got, err := w.Await(running); err != nil || got != `[1,1,1,"busy","busy"]` {
		t.Error(got, err)
	}
	if got := w.Must("return await invoke('wait')"); got != "1" {
		t.Error(got)
	}
}

func TestTheRouterReportsItsErrors(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	if err := r.Err(); err != nil {
		t.Error(err)
	}
	returns(&r, "b", 1)
	returns(&r, "plugin:fs|read_file", 1)
	returns(&r, "\u00e4-/:_.|1", 1)
	if err := r.Err(); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"", "b", "a b", "a\n", "\x00", "a'", strings.Repeat("x", 257), "emoji\U0001F600"} {
		var before string
		if err := r.Err(); err != nil {
			before = err.Error()
		}
		returns(&r, name, 2)
		if err := r.Err(); err == nil || err.Error() == before {
			t.Errorf("%q is accepted", name)
		}
	}
	if got := strings.Join(r.Names(), " "); got != "b plugin:fs|read_file \u00e4-/:_.|1" {
		t.Error(got)
	}
	// The first of two registrations counts.
	w := pagetest.Open(t, &r)
	if got := w.Must("return await invoke('b')"); got != "1" {
		t.Error(got)
	}
}
