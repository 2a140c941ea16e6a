package shell_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"casement/events"
	"casement/internal/apptest"
	"casement/internal/pagetest"
	"casement/ipc"
	"casement/shell"
)

const eventSuite = "../frontend/api/test/window/events.ts"

func registerEvents(app *shell.App) {
	ipc.Handle(app.Commands(), "emit_many", func(_ context.Context, a struct {
		Event string `json:"event"`
		Count int    `json:"count"`
	}) (none, error) {
		for i := range a.Count {
			if err := app.Emit(a.Event, i); err != nil {
				return none{}, err
			}
		}
		return none{}, nil
	})
	ipc.Handle(app.Commands(), "retain", func(_ context.Context, a struct {
		Event string `json:"event"`
		Value string `json:"value"`
	}) (none, error) {
		return none{}, app.Emit(a.Event, a.Value, events.Retain())
	})
}

func TestPagesHearAndEmitEvents(t *testing.T) {
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		app := apptest.Start(t, apptest.Config{
			Portable: portable, Suite: eventSuite, Setup: registerEvents,
		})
		app.Suite()
	})
}

// openAt opens another window and waits for its page's script.
func openAt(t *testing.T, app *apptest.App, label string) *shell.Window {
	t.Helper()
	w, err := app.OpenWindow(shell.WindowOptions{Label: label, Width: 300, Height: 200})
	if err != nil {
		t.Fatal(err)
	}
	ready(app, w)
	return w
}

// TestWhoHearsWhatInThreeWindows runs the event matrix in real windows, with each way of the API to
// name a target. It would pass vacuously if a listener received nothing at all, which the rows that
// reach it rule out, or if the test looked before the events arrive, so it asks the pages in the
// same lane.
func TestWhoHearsWhatInThreeWindows(t *testing.T) {
	m := pagetest.ReadMatrix(t)
	listeners, err := json.Marshal(m.PageListeners)
	if err != nil {
		t.Fatal(err)
	}
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		app := apptest.Start(t, apptest.Config{
			Portable: portable, Suite: eventSuite, Window: shell.WindowOptions{Label: string(m.Windows[0])},
		})
		ready(app, app.Window)
		windows := map[ipc.Label]*shell.Window{m.Windows[0]: app.Window}
		for _, label := range m.Windows[1:] {
			windows[label] = openAt(t, app, string(label))
		}
		var mu sync.Mutex
		heard := map[string]int{}
		mailboxes := map[string]string{} // by the name of the listener
		for _, l := range m.GoListeners {
			name := "go/" + l.Method + string(l.Window)
			listen := app.Listen
			switch l.Method {
			case "ListenAny":
				listen = app.ListenAny
			case "ListenWindow":
				listen = windows[l.Window].Listen
			}
			if _, err := listen("aimed", func(events.Event) {
				mu.Lock()
				defer mu.Unlock()
				heard[name]++
			}); err != nil {
				t.Fatal(err)
			}
			mailboxes[name] = l.Mailbox
		}
		for _, label := range m.Windows {
			added := app.JS(windows[label], fmt.Sprintf(`
				const { event, windows, forms } = suite;
				globalThis.heard = [];
				const current = windows.getCurrentWebviewWindow();
				const all = [];
				const add = (mailbox, name, on, options) => all.push({ mailbox, name: current.label + '/' + name, on, options });
				const labels = new Set();
				for (const { name, target, mailbox } of %s) {
					if (!target) {
						add(current.label, name, event);
						add(current.label, name + ' of the current window', current);
						continue;
					}
					if (target.label) labels.add(target.label);
					for (const form of forms(target)) {
						const as = typeof form === 'string' ? name + ' as a string' : name;
						add(mailbox, as, event, { target: form });
						add(mailbox, as + ' by the current window', current, { target: form });
					}
				}
				for (const label of labels) add(label, label + ' by object', new windows.WebviewWindow(label));
				await Promise.all(all.map(({ name, on, options }) => on.listen('aimed', (e) => {
					heard.push(name);
					if (e.payload !== 1 || e.event !== 'aimed' || !Object.isFrozen(e)) heard.push('wrong ' + JSON.stringify(e));
				}, options)));
				await event.listen('something-else', () => heard.push('never'), { target: { kind: 'Any' } });
				return all.map(({ name, mailbox }) => ({ name, mailbox }));`, listeners))
			var list []pagetest.PageListener
			if err := json.Unmarshal([]byte(added), &list); err != nil {
				t.Fatal(err)
			}
			for _, l := range list {
				if _, ok := mailboxes[l.Name]; ok {
					t.Fatalf("two listeners are called %q", l.Name)
				}
				mailboxes[l.Name] = l.Mailbox
			}
		}
		verify := func(t *testing.T, reaches []string) {
			t.Helper()
			got := map[string]int{}
			for _, w := range windows {
				var list []string
				if err := json.Unmarshal([]byte(app.JS(w, "heard.splice(0)")), &list); err != nil {
					t.Fatal(err)
				}
				for _, name := range list {
					got[name]++
				}
			}
			mu.Lock()
			maps.Copy(got, heard)
			clear(heard)
			mu.Unlock()
			for _, name := range slices.Sorted(maps.Keys(mailboxes)) {
				n := 0
				if slices.Contains(reaches, mailboxes[name]) {
					n = 1
				}
				if got[name] != n {
					t.Errorf("%s received it %d times, want %d", name, got[name], n)
				}
				delete(got, name)
			}
			if len(got) > 0 {
				t.Errorf("unexpected listeners: %v", got)
			}
		}
		for _, e := range m.Emits {
			if slices.Contains(e.By, "go") {
				for name, from := range map[string]events.Emitter{"app": app.App, "window": windows[m.Windows[1]]} {
					t.Run(name+"/"+e.Name, func(t *testing.T) {
						if err := e.FromGo(from, "aimed"); err != nil {
							t.Fatal(err)
						}
						verify(t, e.Reaches)
					})
				}
			}
			if slices.Contains(e.By, "page") {
				for _, label := range m.Windows[:2] {
					for _, from := range []string{"suite.event", "suite.windows.getCurrentWebviewWindow()"} {
						for _, emit := range pageEmits(t, e) {
							t.Run(string(label)+"/"+e.Name, func(t *testing.T) {
								app.JS(windows[label], "await "+from+"."+emit)
								verify(t, e.Reaches)
							})
						}
					}
				}
			}
		}
	})
}

// pageEmits returns the calls with which a page emits: one for each form of the target.
func pageEmits(t *testing.T, e pagetest.MatrixEmission) []string {
	t.Helper()
	if e.Target == nil {
		return []string{"emit('aimed', 1)"}
	}
	target, err := json.Marshal(e.Target)
	if err != nil {
		t.Fatal(err)
	}
	calls := []string{fmt.Sprintf("emitTo(%s, 'aimed', 1)", target)}
	if e.Target.Kind == "AnyLabel" {
		calls = append(calls, fmt.Sprintf("emitTo('%s', 'aimed', 1)", e.Target.Label))
	}
	return calls
}

// TestAPageThatIsBlockedGetsAllInTheEnd would pass vacuously if the page received the events while
// they were emitted, so it records the number at the moment when it wakes.
func TestAPageThatIsBlockedGetsAllInTheEnd(t *testing.T) {
	const count = 100_000
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		app := apptest.Start(t, apptest.Config{Portable: portable, Suite: eventSuite})
		w := app.Window
		ready(app, w)
		blocked := make(chan none)
		if _, err := app.Once("blocked", func(events.Event) { close(blocked) }); err != nil {
			t.Fatal(err)
		}
		before := heap()
		// The emit leaves in the microtask; then the page blocks.
		app.JS(w, `
			globalThis.next = 0; globalThis.wrong = 0; globalThis.awoke = -1;
			await suite.event.listen('flood', ({ payload }) => { if (Number(payload) !== next++) wrong++; });
			setTimeout(() => {
				void suite.event.emit('blocked');
				Promise.resolve().then(() => {}).then(() => {
					const until = Date.now() + 5000;
					while (Date.now() < until);
					awoke = next;
				});
			}, 20);
			return 1`)
		<-blocked
		for i := range count {
			if err := app.Emit("flood", fmt.Sprintf("%048d", i)); err != nil {
				t.Fatalf("event %d: %v", i, err)
			}
		}
		grown := heap() - before
		t.Logf("the heap holds %d KiB more while %d events wait", grown>>10, count)
		if grown > 64<<20 {
			t.Errorf("the heap has grown by %d MiB", grown>>20)
		}
		app.Eventually("all to arrive", func() bool { return app.JS(w, "next >= "+fmt.Sprint(count)) == "true" })
		if got := app.JS(w, "[next, wrong, awoke]"); got != fmt.Sprintf("[%d,0,0]", count) {
			t.Errorf("[events, out of order, received before it woke] = %s", got)
		}
	})
}

// heap returns the number of live bytes on the heap.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestABlockedPagesBacklogHasABound would pass vacuously if the bound were not reached, or if
// accepted events were not compared with those that arrive.
func TestABlockedPagesBacklogHasABound(t *testing.T) {
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		app := apptest.Start(t, apptest.Config{Portable: portable, Suite: eventSuite, Options: shell.Options{MaxBacklog: 64 << 10}})
		w := app.Window
		ready(app, w)
		other := openAt(t, app, "other")
		heard := 0
		if _, err := app.Listen("flood", func(events.Event) { heard++ }); err != nil {
			t.Fatal(err)
		}
		app.JS(other, "await suite.event.listen('another', () => {}); return 1")
		blocked := make(chan none)
		if _, err := app.Once("blocked", func(events.Event) { close(blocked) }); err != nil {
			t.Fatal(err)
		}
		// The emit leaves in the microtask; then the page blocks.
		app.JS(w, `
			globalThis.got = [];
			await suite.event.listen('flood', ({ payload }) => got.push(payload.n));
			setTimeout(() => {
				void suite.event.emit('blocked');
				Promise.resolve().then(() => {}).then(() => {
					const until = Date.now() + 2000;
					while (Date.now() < until);
				});
			}, 20);
			return 1`)
		<-blocked
		// The flight and the outbox together hold at most about four thousand of these.
		type payload struct {
			N   int    `json:"n"`
			Pad string `json:"pad"`
		}
		pad := strings.Repeat("x", 1000)
		var accepted []int
		refused, n := 0, 0
		for ; refused < 1000; n++ {
			switch err := app.Emit("flood", payload{n, pad}); {
			case err == nil:
				accepted = append(accepted, n)
			case !errors.Is(err, ipc.ErrBacklog) || !strings.Contains(err.Error(), `"main"`):
				t.Fatal(err)
			default:
				refused++
			}
			if n > 200_000 {
				t.Fatal("the bound was not reached")
			}
		}
		app.Eventually("what was accepted to arrive", func() bool {
			value, err := app.TryJS(w, "got.length")
			return err == nil && string(value) == fmt.Sprint(len(accepted))
		})
		var got []int
		if err := json.Unmarshal([]byte(app.JS(w, "got")), &got); err != nil || !slices.Equal(got, accepted) {
			t.Errorf("%d events arrived, %d were accepted: %v", len(got), len(accepted), err)
		}
		if heard != n {
			t.Errorf("Go received %d of %d", heard, n)
		}
		if err := app.Emit("flood", payload{N: n}); err != nil {
			t.Errorf("after the outbox drained: %v", err)
		}
		t.Logf("%d accepted, %d refused", len(accepted), refused)
	})
}

// TestWhatIsEmittedFirstComesFirst emits from the UI thread and from eight goroutines. A counter
// stamps the start and the end of each emit; only emits that do not overlap have an order to check.
// The test would pass vacuously if the emitters took turns, so some must have overlapped.
func TestWhatIsEmittedFirstComesFirst(t *testing.T) {
	const goroutines, each = 8, 400
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		app := apptest.Start(t, apptest.Config{Portable: portable, Suite: eventSuite})
		ready(app, app.Window)
		windows := []*shell.Window{app.Window, openAt(t, app, "second"), openAt(t, app, "third")}
		for _, w := range windows {
			app.JS(w, "globalThis.got = []; await suite.event.listen('x', ({ payload }) => got.push(payload)); return 1")
		}
		type span struct{ begin, end int }
		var mu sync.Mutex
		clock := 0
		tick := func() int {
			mu.Lock()
			defer mu.Unlock()
			clock++
			return clock
		}
		spans := make([]span, (goroutines+1)*each)
		// An app's listener runs on the emitting goroutine. The first one holds its emit back until
		// another emit has begun, so that at least two overlap.
		now := func() int { mu.Lock(); defer mu.Unlock(); return clock }
		var once sync.Once
		if _, err := app.Listen("x", func(events.Event) {
			once.Do(func() {
				for from := now(); now() == from; {
					runtime.Gosched()
				}
			})
		}); err != nil {
			t.Fatal(err)
		}
		emit := func(id int) {
			spans[id].begin = tick()
			if err := app.Emit("x", id); err != nil {
				t.Error(err)
			}
			spans[id].end = tick()
		}
		var all sync.WaitGroup
		for g := range goroutines {
			all.Go(func() {
				for i := range each {
					emit(g*each + i)
				}
			})
		}
		onUI := make(chan none)
		var post func(i int)
		post = func(i int) {
			app.Post(func() {
				for end := min(i+20, each); i < end; i++ {
					emit(goroutines*each + i)
				}
				if i == each {
					close(onUI)
					return
				}
				post(i)
			})
		}
		post(0)
		all.Wait()
		<-onUI
		var first []int
		for _, w := range windows {
			var got []int
			app.Eventually("all to arrive", func() bool { return app.JS(w, "got.length") == fmt.Sprint(len(spans)) })
			if err := json.Unmarshal([]byte(app.JS(w, "got")), &got); err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = got
			} else if !slices.Equal(got, first) {
				t.Errorf("window %q received another order", w.Label())
			}
			latest, overlaps := 0, 0
			for _, id := range got {
				if spans[id].end < latest {
					t.Errorf("window %q: event %d, of %v, arrived after one that began at %d", w.Label(), id, spans[id], latest)
				}
				latest = max(latest, spans[id].begin)
				if spans[id].end-spans[id].begin > 1 {
					overlaps++
				}
			}
			if overlaps == 0 {
				t.Error("no two emits overlapped")
			}
		}
	})
}

// TestTwoHundredReloadsLeaveNothing would pass vacuously if the pages did not listen, so each must
// receive an event before it goes.
func TestTwoHundredReloadsLeaveNothing(t *testing.T) {
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		reloads := 200
		if portable {
			reloads = 40 // Pages load more slowly on the portable path.
		}
		// Scripts for a page that is gone would appear in the console.
		app := apptest.Start(t, apptest.Config{Portable: portable, Suite: eventSuite})
		w := app.Window
		ready(app, w)
		var goroutines int
		for i := range reloads {
			app.Eventually("the page's script to run", func() bool {
				value, err := app.TryJS(w, `
					if (typeof suite !== 'object' || globalThis.began) return !!globalThis.done;
					globalThis.began = true;
					globalThis.noise = [];
					for (const name of ['error', 'warn']) console[name] = (...all) => noise.push(all.join(' '));
					addEventListener('error', (e) => noise.push(e.message));
					addEventListener('unhandledrejection', (e) => noise.push(String(e.reason)));
					globalThis.heard = 0;
					for (let n = 0; n < 5; n++) await suite.event.listen('x', (e) => { heard++; if (e.payload !== 'new') noise.push('stale'); });
					await suite.event.listen('tick', () => {}, { target: { kind: 'Any' } });
					await suite.windows.getCurrentWebviewWindow().once('never', () => {});
					await suite.event.emit('x', 'new');
					return done = heard === 5;`)
				return err == nil && string(value) == "true"
			})
			if got := app.JS(w, "[heard, noise.join()]"); got != `[5,""]` {
				t.Fatalf("reload %d: [heard, noise] = %s", i, got)
			}
			if pages, listeners := app.PageListeners(); pages != 1 || listeners != 7 {
				t.Fatalf("reload %d: Go holds %d pages and %d listeners, want 1 and 7", i, pages, listeners)
			}
			if i == 10 {
				goroutines = runtime.NumGoroutine()
			}
			first := w.Page()
			if err := w.Reload(); err != nil {
				t.Fatal(err)
			}
			for range 20 {
				_ = app.Emit("tick", i) // Travels while the page goes.
			}
			app.Eventually("a new page", func() bool { p := w.Page(); return p != nil && p != first })
		}
		if app.Log.Has("a script failed") || app.Log.Has("WARN") || app.Log.Has("ERROR") {
			t.Errorf("logged:\n%s", app.Log)
		}
		app.Eventually("the goroutines to be no more than before", func() bool { return runtime.NumGoroutine() <= goroutines+2 })
	})
}

// TestAWindowsListenersInGoEndWithIt would pass vacuously if the listeners received nothing before.
func TestAWindowsListenersInGoEndWithIt(t *testing.T) {
	app := apptest.Start(t, apptest.Config{Suite: eventSuite})
	w := openAt(t, app, "second")
	var mu sync.Mutex
	var heard []string
	note := func(name string) func(events.Event) {
		return func(e events.Event) {
			mu.Lock()
			defer mu.Unlock()
			heard = append(heard, name+" "+string(e.Payload()))
		}
	}
	take := func() string {
		mu.Lock()
		defer mu.Unlock()
		all := strings.Join(heard, ", ")
		heard = nil
		return all
	}
	for _, listen := range []func() (events.ID, error){
		func() (events.ID, error) { return w.Listen("x", note("listen")) },
		func() (events.ID, error) { return w.Once("x", note("once")) },
		func() (events.ID, error) { return app.Listen("x", note("app")) },
	} {
		if _, err := listen(); err != nil {
			t.Fatal(err)
		}
	}
	app.JS(w, "await suite.event.emit('x', 1); await suite.event.emit('x', 2)")
	if got := take(); got != "listen 1, once 1, app 1, listen 2, app 2" {
		t.Error(got)
	}
	id, err := w.Listen("x", note("unlistened"))
	if err != nil || !w.Unlisten(id) || w.Unlisten(id) || app.Unlisten(id) {
		t.Errorf("Unlisten reports the wrong result: %v", err)
	}
	_ = w.Destroy()
	closed(app, w)
	if err := app.EmitTo("second", "x", 3); err != nil {
		t.Error(err)
	}
	if err := app.Emit("x", 4); err != nil {
		t.Error(err)
	}
	if got := take(); got != "app 4" {
		t.Error(got)
	}
	if _, err := w.Listen("x", note("late")); !errors.Is(err, shell.ErrClosed) {
		t.Errorf("Listen on a closed window: %v, want ErrClosed", err)
	}
	if _, err := w.Once("x", note("late")); !errors.Is(err, shell.ErrClosed) {
		t.Errorf("Once on a closed window: %v, want ErrClosed", err)
	}
}

// TestWhatHappensBeforeThePageListensIsNotLost emits retained events before the app runs.
func TestWhatHappensBeforeThePageListensIsNotLost(t *testing.T) {
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		app := apptest.Start(t, apptest.Config{Portable: portable, Suite: eventSuite, Setup: func(app *shell.App) {
			for name, err := range map[string]error{
				"theme": errors.Join(app.Emit("theme", "light", events.Retain()), app.Emit("theme", "dark", events.Retain())),
				"file":  app.EmitTo("main", "file", "/tmp/a", events.Retain()),
				"lost":  app.Emit("lost", "in passing"),
			} {
				if err != nil {
					t.Error(name, err)
				}
			}
		}})
		ready(app, app.Window)
		script := `
			const heard = [];
			for (const name of ['theme', 'file', 'lost']) await suite.event.listen(name, (e) => heard.push(name + ' ' + e.payload));
			return heard.join()`
		if got := app.JS(app.Window, script); got != `"theme dark,file /tmp/a"` {
			t.Error(got)
		}
		if got := app.JS(openAt(t, app, "other"), script); got != `"theme dark"` {
			t.Error(got)
		}
	})
}
