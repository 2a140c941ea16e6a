package wire_test

//lint:file-ignore U1000 the tests are about the JSON of unexported fields

import (
	"context"
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"casement/channels"
	"casement/events"
	"casement/internal/pagetest"
	"casement/ipc"
)

type (
	muted   struct{ name string }
	withOne struct {
		Files []struct {
			Owner map[string]muted
		}
	}
	cyclicType struct {
		Next *cyclicType
		Bad  []func()
	}
	speaking struct{ n int }
)

func (speaking) MarshalJSON() ([]byte, error) { return []byte("1"), nil }

func takes[A any](r *ipc.Router, name string) {
	ipc.Handle(r, name, func(context.Context, A) (none, error) { return none{}, nil })
}

func gives[R any](r *ipc.Router, name string) {
	ipc.Handle(r, name, func(context.Context, none) (v R, err error) { return v, nil })
}

func TestATypeWithoutJSONFailsItsRegistration(t *testing.T) {
	t.Parallel()
	for want, register := range map[string]func(r *ipc.Router, name string){
		"its result, a chan int: a chan has no JSON":                                                     gives[chan int],
		"its result, a func(): a func has no JSON":                                                       gives[func()],
		"its result, a []complex128: a complex number has no JSON; use two float64":                      gives[[]complex128],
		"its result, a *unsafe.Pointer: an unsafe.Pointer has no JSON":                                   gives[*unsafe.Pointer],
		"its result, a wire_test.muted: all fields of wire_test.muted are unexported":                    gives[muted],
		"its result, a *wire_test.muted: all fields of wire_test.muted are unexported":                   gives[*muted],
		"its result, a wire_test.withOne: Files.Owner: all fields of wire_test.muted are unexported":     gives[withOne],
		"its result, a *wire_test.cyclicType: Bad: a func has no JSON":                                   gives[*cyclicType],
		"its result, a map[float64]int: keys of type float64 have no JSON":                               gives[map[float64]int],
		"its result, a map[interface {}]int: keys of type interface {} have no JSON":                     gives[map[any]int],
		"its result, a map[*wire_test.oddAT]int: keys of type *wire_test.oddAT have no JSON":             gives[map[*oddAT]int],
		"its result, a channels.Channel[int]: all fields of channels.Channel[int] are unexported":        gives[channels.Channel[int]],
		"its arguments, a struct { A chan int }: A: a chan has no JSON; stream with a channels.Channel":  takes[struct{ A chan int }],
		"its arguments, a struct { A error }: A: nothing can be decoded into the interface error":        takes[struct{ A error }],
		"its arguments, a struct { A map[*int]int }: A: keys of type *int have no JSON":                  takes[struct{ A map[*int]int }],
		"its arguments, a struct { A wire_test.muted }: A: all fields of wire_test.muted are unexported": takes[struct{ A muted }],
		"its arguments, a wire_test.taggedPointer: oddBase: an embedded pointer to an unexported struct": takes[taggedPointer],
		"C: the values of the stream, a func(): a func has no JSON":                                      takes[struct{ C channels.Channel[func()] }],
		"C: the values of the stream, a struct { A []wire_test.muted }: A: all fields of wire_test.muted ": takes[struct {
			C channels.Channel[struct{ A []muted }]
		}],
		"C: the values of the stream, a error: nothing can be decoded into the interface error": takes[struct{ C channels.Receiver[error] }],
		"A: only go-json passes a context to methods, and it is not safe for a pointer to a pointer": takes[struct {
			A **int
			C channels.Channel[int]
		}],
	} {
		var r ipc.Router
		register(&r, "some/command")
		if err := r.Err(); err == nil || !strings.HasPrefix(err.Error(), `ipc: command "some/command": `) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

type taggedPointer struct {
	*oddBase `json:"base"`
}

func TestTypesWithJSONAreRegistered(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	gives[none](&r, "none")
	gives[struct{ A none }](&r, "empty")
	gives[any](&r, "any")
	gives[error](&r, "error")
	gives[speaking](&r, "speaking")
	gives[*guarded](&r, "guarded")
	gives[struct {
		M *sync.Mutex
		N sync.Mutex
	}](&r, "mutex")
	gives[url.URL](&r, "url")
	gives[struct {
		F func() `json:"-"`
		g func()
	}](&r, "left out")
	gives[map[netip.Addr]int](&r, "keys")
	gives[map[encoding.TextMarshaler]int](&r, "key interface")
	gives[[]byte](&r, "bytes")
	gives[faces](&r, "faces")
	gives[struct{ _ int }](&r, "blank")
	gives[json.RawMessage](&r, "raw")
	takes[map[level]int](&r, "level")
	takes[tree](&r, "tree")
	takes[struct {
		C channels.Channel[any]
		R channels.Receiver[[]byte]
		F float32
		K map[int]channels.Channel[progress]
	}](&r, "channels")
	takes[struct {
		everything
		C channels.Channel[[]byte]
	}](&r, "beside")
	if err := r.Err(); err != nil && !strings.Contains(err.Error(), "command name") {
		t.Error(err)
	}
}

type progress interface{ channels.Variant }

func TestAnEventWithoutJSONFailsItsUsers(t *testing.T) {
	t.Parallel()
	bus, _ := events.New(nil)
	typed := events.Define[withOne]("files")
	const want = "events: files: the payload, a wire_test.withOne: Files.Owner: all fields of wire_test.muted are unexported"
	_, listen := typed.Listen(bus, func(events.Event, withOne) {})
	_, once := typed.Once(bus, func(events.Event, withOne) {})
	for what, err := range map[string]error{
		"emit": typed.Emit(bus, withOne{}), "emit to": typed.EmitTo(bus, "main", withOne{}), "listen": listen, "once": once,
		"filter": typed.EmitFilter(bus, withOne{}, func(events.Target) bool { return true }),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", what, err, want)
		}
	}
	if err := bus.Emit("loop", map[string]any{"a": func() {}}); err == nil || !strings.HasPrefix(err.Error(), "events: loop: ipc: marshalling a map[string]interface {}: a: ") {
		t.Error(err)
	}
}

func TestAnUnwritableValueNamesTheCommandAndThePath(t *testing.T) {
	t.Parallel()
	loop := &cyclic{}
	loop.Next = &cyclic{loop}
	ring := map[string]any{"a": []any{1, map[string]any{}}}
	ring["a"].([]any)[1].(map[string]any)["back to"] = ring
	odd := &linked[twice]{}
	odd.Next = odd
	slice := []any{0}
	slice[0] = slice
	deep := &cyclic{}
	for range 1_000_000 {
		deep = &cyclic{deep}
	}
	var deepOdd any = map[oddTV]int{}
	for range 100_000 {
		deepOdd = []any{deepOdd}
	}
	var r ipc.Router
	want := map[string]string{
		"loop":     "loop: ipc: marshalling a *wire_test.cyclic: Next.Next: the value contains itself",
		"ring":     `ring: ipc: marshalling a map[string]interface {}: a[1]["back to"]: the value contains itself`,
		"odd":      "odd: ipc: marshalling a *wire_test.linked[casement/internal/wire_test.twice]: Next: the value contains itself",
		"slice":    "slice: ipc: marshalling a []interface {}: [0]: the value contains itself",
		"nan":      "nan: ipc: marshalling a map[string][]float64: x[1]: json: unsupported value: NaN",
		"func":     "func: ipc: marshalling a []interface {}: [0].a: json: unsupported type: func()",
		"large":    "large: ipc: marshalling a struct { A []int64 }: A[1]: the integer 9007199254740993 is beyond 2^53-1",
		"deep":     "deep: ipc: marshalling a *wire_test.cyclic: ",
		"deep_odd": "deep_odd: ipc: marshalling a []interface {}: the value is nested too deeply, or contains itself",
		"panics":   "panics: ipc: marshalling a []wire_test.panicky: panic: no JSON today",
	}
	returned(&r, "loop", loop)
	returned(&r, "ring", ring)
	returned(&r, "odd", odd)
	returned(&r, "slice", slice)
	returned(&r, "nan", map[string][]float64{"x": {1, math.NaN()}})
	returned(&r, "func", any([]any{map[string]any{"a": func() {}}}))
	returned(&r, "large", struct{ A []int64 }{[]int64{1, 1<<53 + 1}})
	returned(&r, "deep", deep)
	returned(&r, "deep_odd", deepOdd)
	returned(&r, "panics", []panicky{{}})
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	w := pagetest.Open(t, &r)
	for name, want := range want {
		got := w.Must(fmt.Sprintf(`try { return await invoke(%q) } catch (e) { return e.code + ': ' + e.message }`, name))
		var text string
		if err := json.Unmarshal([]byte(got), &text); err != nil || !strings.HasPrefix(text, "bad_result: "+want) {
			t.Errorf("%.300s, want %s", got, want)
		}
	}
}

type twice struct{ A **int }
