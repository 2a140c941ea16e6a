package events_test

import (
	"fmt"
	"log/slog"
	"testing"

	"casement/events"
	"casement/internal/pagetest"
	"casement/ipc"
)

type download struct {
	URL  string `json:"url"`
	Size int    `json:"size"`
}

func TestATypedEventCarriesItsType(t *testing.T) {
	t.Parallel()
	started := events.Define[download]("download-started")
	if started.Name() != "download-started" {
		t.Errorf("its name is %q", started.Name())
	}
	b := events.NewBus(nil)
	p := newPaper(t, b, "w")
	p.listen(1, "download-started", "")
	var heard []string
	note := func(who string) func(events.Event, download) {
		return func(e events.Event, d download) {
			heard = append(heard, fmt.Sprintf("%s %d %s from %q", who, d.Size, d.URL, e.Source))
		}
	}
	must(t)(started.Listen(b, note("go")))
	must(t)(started.Once(b, note("once")))
	check(t, started.Emit(b, download{"a", 1}))
	check(t, started.EmitTo(b, "w", download{"b", 2}))
	check(t, started.EmitFilter(b, download{"c", 3}, events.Target.IsApp))
	check(t, started.Emit(b, download{"d", 4}, events.Retain()))
	must(t)(started.Once(b, note("late")))
	want := `[go 1 a from "" once 1 a from "" go 3 c from "" go 4 d from "" late 4 d from ""]`
	if got := fmt.Sprint(heard); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	want = `[[1] {"url":"a","size":1} from null [1] {"url":"b","size":2} from null [1] {"url":"d","size":4} from null]`
	if got := fmt.Sprint(p.notes()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestATypedListenerIsNotCalledWithAnotherType would pass vacuously if the page's emit did not
// arrive, so the payload that is not a T must be logged.
func TestATypedListenerIsNotCalledWithAnotherType(t *testing.T) {
	t.Parallel()
	log := new(pagetest.Log)
	b := events.NewBus(slog.New(log))
	p := newPaper(t, b, "w")
	var heard []download
	must(t)(events.Define[download]("x").Listen(b, func(_ events.Event, d download) { heard = append(heard, d) }))
	for _, payload := range []string{`"text"`, `{"url":1}`, `[]`, `{"url":"good","size":1}`} {
		if got := p.answer(p.emit("x", "", payload)); got != "null" {
			t.Errorf("the emit settles with %s", got)
		}
	}
	if fmt.Sprint(heard) != "[{good 1}]" || log.Count(`from window \"w\"`)+log.Count(`from window "w"`) != 3 {
		t.Errorf("heard %v, logged:\n%s", heard, log)
	}
}

func TestAMalformedNameFailsEveryMethod(t *testing.T) {
	t.Parallel()
	b := events.NewBus(nil)
	bad := events.Define[int]("a b")
	if bad.Emit(b, 1) == nil || bad.EmitTo(b, "w", 1) == nil || bad.EmitFilter(b, 1, events.Target.IsApp) == nil {
		t.Error("it was emitted")
	}
	if _, err := bad.Listen(b, func(events.Event, int) {}); err == nil {
		t.Error("it has a listener")
	}
	var zero events.Type[int]
	if zero.Emit(b, 1) == nil {
		t.Error("the zero Type was emitted")
	}
}

func TestATypedEventIsMarshalledAsItsType(t *testing.T) {
	t.Parallel()
	var e ears
	b := events.NewBus(nil)
	must(t)(b.Listen("x", e.listener("x")))
	check(t, events.Define[any]("x").Emit(b, nil))
	check(t, events.Define[*int]("x").Emit(b, nil))
	check(t, events.Define[struct{}]("x").Emit(b, struct{}{}))
	check(t, events.Define[[]string]("x").Emit(b, []string{"a"}))
	check(t, events.Define[ipc.Label]("x").Emit(b, "main"))
	if got := e.take(); got != `x null, x null, x null, x ["a"], x "main"` {
		t.Error(got)
	}
}
