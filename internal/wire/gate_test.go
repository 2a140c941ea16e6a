package wire_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

const refusal = "a message from a document is refused"

func TestForeignMessagesAreRefused(t *testing.T) {
	t.Parallel()
	var runs atomic.Int32
	var r ipc.Router
	ipc.Handle(&r, "run", func(context.Context, none) (none, error) { runs.Add(1); return none{}, nil })
	w := pagetest.Open(t, &r)
	head := w.Head()
	key, page, _ := strings.Cut(head, " ")
	const call = "{\"kind\":\"call\",\"id\":77,\"command\":\"run\"}\n{}\n"
	for name, raw := range map[string]string{
		"empty":               "",
		"no key":              call,
		"an empty key":        " " + page + "\n" + call,
		"half a key":          key[:16] + " " + page + "\n" + call,
		"a longer key":        key + "0 " + page + "\n" + call,
		"another key":         strings.Repeat("0", 32) + " " + page + "\n" + call,
		"the key in capitals": strings.ToUpper(key) + "X " + page + "\n" + call,
		"no page":             key + "\n" + call,
		"an odd page":         key + " x\n" + call,
		"a page and more":     head + " \n" + call,
		"a second hello":      head + "\n{\"kind\":\"hello\"}\n\n",
		"binary":              "\x00\xff\xfe",
	} {
		before := w.Log.Count(refusal)
		w.Receive(raw)
		if w.Log.Count(refusal) != before+1 {
			t.Errorf("%s: it is not refused and logged", name)
		}
	}
	// The last messages of an earlier page are ignored, without a warning.
	w.Receive(key + " " + strings.Repeat("0", 16) + "\n" + call)
	w.Must("await invoke('run')")
	if n := runs.Load(); n != 1 {
		t.Errorf("the command ran %d times", n)
	}
	if strings.Contains(w.Log.String(), key) {
		t.Error("the key is in the log")
	}
}

func TestMalformedMessagesSettleThePromiseTheyName(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header, body string
		want         string // of the settlement; empty if none
	}{
		"no JSON":            {`nonsense`, "", ""},
		"half":               {`{"kind":"call","id":7`, "{}", `[2,7,{"code":"bad_arguments"`},
		"no object":          {`[1]`, "", ""},
		"no kind":            {`{"id":7}`, "{}", `[2,7,{"code":"bad_arguments"`},
		"unknown kind":       {`{"kind":"steal","id":7}`, "{}", `[2,7,{"code":"bad_arguments"`},
		"id is text":         {`{"kind":"call","id":"7","command":"run"}`, "{}", ""},
		"id is negative":     {`{"kind":"call","id":-7,"command":"run"}`, "{}", ""},
		"id is 0":            {`{"kind":"call","id":0,"command":"run"}`, "{}", ""},
		"id is missing":      {`{"kind":"call","command":"run"}`, "{}", ""},
		"id is unsafe":       {`{"kind":"call","id":9007199254740992,"command":"run"}`, "{}", ""},
		"command is odd":     {`{"kind":"call","id":7,"command":{}}`, "{}", `[2,7,{"code":"bad_arguments"`},
		"command is missing": {`{"kind":"call","id":7}`, "{}", `[2,7,{"code":"unknown_command"`},
		"headers are odd":    {`{"kind":"call","id":7,"command":"run","headers":{"a":1}}`, "{}", `[2,7,{"code":"bad_arguments"`},
		"a large header":     {`{"kind":"call","id":7,"command":"` + strings.Repeat("x", wire.MaxHeader) + `"}`, "{}", `[2,7,{"code":"too_large"`},
		"an odd form":        {`{"kind":"call","id":7,"command":"run","body":"gzip"}`, "{}", `[2,7,{"code":"bad_arguments"`},
		"bytes, not base64":  {`{"kind":"call","id":7,"command":"run","body":"bytes"}`, "!", `[2,7,{"code":"bad_arguments"`},
		"malformed body":     {`{"kind":"call","id":7,"command":"run"}`, "{", `[2,7,{"code":"bad_arguments"`},
		"no body":            {`{"kind":"call","id":7,"command":"run"}`, "", `[2,7,{"code":"bad_arguments"`},
		"oversized":          {`{"kind":"call","id":7,"command":"run"}`, `{"a":"` + strings.Repeat("x", 200_000) + `"}`, `[2,7,{"code":"too_large"`},
		"a grant of text":    {`{"kind":"grant","channel":"x"}`, "", ""},
		"an ack below 0":     {`{"kind":"ack","scripts":-1}`, "", ""},
		"unasked evaluation": {`{"kind":"evaluated","id":7}`, "1", ""},
		"cancel of nothing":  {`{"kind":"cancel","id":7}`, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := new(pagetest.Log)
			var r ipc.Router
			returns(&r, "run", 1)
			p := newPaper(t, &r, func(o *wire.EndpointOptions) { o.MaxMessage = 100_000; o.Logger = newLogger(log) })
			p.Receive(test.header, test.body)
			if test.want != "" {
				p.RunUntil("it settles", func() bool { return len(p.Got) > 0 })
				if got := join(p.Got[0]); !strings.HasPrefix(got, test.want) {
					t.Errorf("%s, want %s", got, test.want)
				}
			}
			logged := refusal
			if strings.Contains(test.want, "unknown_command") {
				logged = "the page called a command that does not exist"
			}
			if !strings.Contains(name, "evaluation") && !strings.Contains(name, "cancel") && !log.Has(logged) &&
				!strings.Contains(test.want, "bad_arguments") {
				t.Error("it is not logged")
			}
			p.Run()
			count := len(p.Got)
			p.Receive(`{"kind":"call","id":8,"command":"run"}`, "{}")
			p.RunUntil("the next call settles", func() bool { return len(p.Got) > count })
			if got := join(p.Got[count]); got != "[0,8,1]" {
				t.Errorf("the next call settles with %s", got)
			}
		})
	}
}

func TestACallInFlightIsNotStartedAgain(t *testing.T) {
	t.Parallel()
	release := make(chan none)
	var runs atomic.Int32
	var r ipc.Router
	ipc.Handle(&r, "hold", func(context.Context, none) (none, error) { runs.Add(1); <-release; return none{}, nil })
	p := newPaper(t, &r)
	for range 3 {
		p.Receive(`{"kind":"call","id":1,"command":"hold"}`, "{}")
	}
	close(release)
	p.RunUntil("all settle", func() bool { return len(p.Got) == 3 })
	if n := runs.Load(); n != 1 {
		t.Errorf("it ran %d times", n)
	}
}

func TestAFloodOfBadMessagesIsLoggedInPart(t *testing.T) {
	t.Parallel()
	log := new(pagetest.Log)
	p := newPaper(t, new(ipc.Router), func(o *wire.EndpointOptions) { o.Logger = newLogger(log) })
	for range 5000 {
		p.Endpoint.Receive([]byte("wrong key\n"))
		p.Receive("nonsense", "")
	}
	if n := log.Count(""); n < 90 || n > 110 {
		t.Errorf("%d lines in the log", n)
	}
	// So are calls of commands that do not exist.
	p = newPaper(t, new(ipc.Router), func(o *wire.EndpointOptions) { o.Logger = newLogger(log) })
	before := log.Count("")
	for id := range 1000 {
		p.Receive(fmt.Sprintf(`{"kind":"call","id":%d,"command":"none"}`, id+1), "{}")
	}
	p.RunUntil("all settle", func() bool { return len(p.Got) == 1000 })
	if n := log.Count("") - before; n < 10 || n > 110 {
		t.Errorf("%d lines in the log", n)
	}
}

func TestAnswersToAFloodAreBounded(t *testing.T) {
	t.Parallel()
	const limit = 50_000
	p := newPaper(t, new(ipc.Router), func(o *wire.EndpointOptions) { o.MaxBacklog = limit })
	p.Dumb = true
	for id := range 20_000 {
		p.Receive(fmt.Sprintf(`{"kind":"steal","id":%d}`, id+1), "")
		p.Run()
	}
	if n := p.Endpoint.Page().Backlog(); n > 2*limit {
		t.Errorf("%d bytes of answers wait", n)
	}
}

func TestFramesCanNotTalkToGo(t *testing.T) {
	t.Parallel()
	w := pagetest.Open(t, new(ipc.Router))
	before := len(w.Posted())
	w.LoadFrame(pagetest.Origin + "/")
	if got := w.Must("return typeof globalThis.__ipc"); got != `"undefined"` {
		t.Error(got)
	}
	// Only the page before it has sent its last message.
	if posted := w.Posted()[before:]; len(posted) != 1 || !strings.Contains(posted[0], `"bye"`) {
		t.Errorf("%q", posted)
	}
}

func TestForeignDocumentsHaveNoAccess(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"https://example.com/", "app://other/", "app://localhost:8080/", "http://localhost/", "null"} {
		t.Run(url, func(t *testing.T) {
			t.Parallel()
			w := pagetest.Open(t, new(ipc.Router))
			page := w.Endpoint.Page()
			key, _, _ := strings.Cut(w.Head(), " ")
			spy := `globalThis.seen = [];
				const take = (name) => (...args) => { seen.push(name); };
				globalThis.__ipc = {dispatch: take('dispatch'), part: take('part'), ack: take('ack'), evaluate: take('evaluate')};`
			// Go's messages reach the window's document during the change: the endpoint still has a
			// page.
			w.OnUI(func() {
				for range 3 {
					_ = page.TrySend(value(t, 1, strings.Repeat("secret", 10_000)))
				}
				_ = w.Endpoint.Eval("seen.push('eval')")
			})
			w.LoadForeign(url, spy)
			if got := w.Must("return [seen.length, String(globalThis.__ipc.invoke)]"); got != `[0,"undefined"]` {
				t.Error(got)
			}
			if !w.Log.Has("the window shows a foreign document, which has no access to the app") {
				t.Error("it is not logged")
			}
			if w.Endpoint.Page() != nil {
				t.Error("the window has a page")
			}
			// Scripts for the app wait for its next page.
			if err := w.Endpoint.Eval("globalThis.ran = location.href"); err != nil {
				t.Error(err)
			}
			if got := w.Must("return [seen.length, globalThis.ran ?? 'no']"); got != `[0,"no"]` {
				t.Error(got)
			}
			w.Load(pagetest.Origin + "/back")
			if got := w.Must("return globalThis.ran"); got != `"app://localhost/back"` {
				t.Error(got)
			}
			if k, _, _ := strings.Cut(w.Head(), " "); k != key {
				t.Error("the window has another key")
			}
		})
	}
}

func TestScriptsRunInTheAppsDocumentsOnly(t *testing.T) {
	t.Parallel()
	w := pagetest.Open(t, new(ipc.Router))
	// Neither the endpoint nor the window knows yet that the document has changed.
	w.OnUI(func() { w.Distrusts = true })
	w.Must(`globalThis.seen = []; globalThis.one = channel(() => seen.push('message'));
		globalThis.location = {origin: 'https://example.com', href: 'https://example.com/'};`)
	page := w.Endpoint.Page()
	for _, size := range []int{1, 20_000} {
		if err := page.TrySend(value(t, 1, strings.Repeat("x", size))); err != nil {
			t.Error(err)
		}
	}
	if err := w.Endpoint.Eval("seen.push('script')"); err != nil {
		t.Error(err)
	}
	go func() { _, _ = w.Endpoint.EvalResult(t.Context(), "seen.push('evaluated')") }()
	pagetest.Until(t, "the scripts are evaluated", func() bool { n, _ := w.Evals(); return n >= 8 })
	if got := w.Must("return seen"); got != "[]" {
		t.Error(got)
	}
}

func TestTheKeyIsOutOfReach(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	returns(&r, "go", 1)
	w := pagetest.Open(t, &r)
	key, _, _ := strings.Cut(w.Head(), " ")
	// Search everything reachable from the page's globals, by any kind of property.
	got := w.Must(`
		await invoke('go');
		globalThis.one = channel(() => {});
		const failure = await invoke('none').catch((e) => e);
		const seen = new Set(), texts = [], todo = [globalThis, one, failure, invoke('go'), one[Symbol.asyncIterator]()];
		while (todo.length > 0) {
			const it = todo.pop();
			if ((typeof it !== 'object' && typeof it !== 'function') || it === null) { texts.push(String(it)); continue; }
			if (seen.has(it)) continue;
			seen.add(it);
			try { texts.push(Function.prototype.toString.call(it)); } catch {}
			try { texts.push(JSON.stringify(it)); } catch {}
			try { texts.push(it.stack); } catch {}
			todo.push(Object.getPrototypeOf(it));
			for (const key of Reflect.ownKeys(it)) {
				const d = Object.getOwnPropertyDescriptor(it, key);
				if (d === undefined) continue;
				todo.push(d.value, d.get, d.set);
				if (d.get) try { todo.push(it[key]); } catch {}
			}
		}
		return [seen.size > 100, texts.some((text) => text?.includes?.(` + "`" + key + "`" + `))]`)
	if got != "[true,false]" {
		t.Error(got)
	}
}

// TestNoFloodOfAnyKindFloodsTheLog sends every message that causes a log record, with new pages in
// between. A new page must not reset the limit.
func TestNoFloodOfAnyKindFloodsTheLog(t *testing.T) {
	t.Parallel()
	for name, say := range map[string]func(p *paper, n int){
		"a foreign document":            func(p *paper, _ int) { p.Endpoint.Receive([]byte(p.Key + " -\n{\"kind\":\"bye\",\"url\":\"x\"}\n\n")) },
		"a foreign document, no header": func(p *paper, _ int) { p.Endpoint.Receive([]byte(p.Key + " -")) },
		"hello, nonsense":               func(p *paper, n int) { p.hello(n); p.receiveAs(n, "nonsense", "") },
		"hello, hello":                  func(p *paper, n int) { p.hello(n); p.hello(n) },
		"hello, unknown command":        func(p *paper, n int) { p.hello(n); p.receiveAs(n, `{"kind":"call","id":1,"command":"none"}`, "{}") },
		"hello, bye, wrong key": func(p *paper, n int) {
			p.hello(n)
			p.receiveAs(n, `{"kind":"bye"}`, "")
			p.Endpoint.Receive([]byte("x"))
		},
		"hello, a call that is busy":     func(p *paper, n int) { p.hello(n); p.receiveAs(n, `{"kind":"call","id":0}`, "") },
		"an earlier page, after a hello": func(p *paper, n int) { p.hello(n); p.receiveAs(n-1, `{"kind":"ack"}`, "") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := new(pagetest.Log)
			p := newPaper(t, new(ipc.Router), func(o *wire.EndpointOptions) { o.Logger = newLogger(log) })
			p.Deaf = true // It parses only the scripts of its own page.
			for n := range 5000 {
				say(p, n)
				p.Run()
			}
			p.Endpoint.Wait()
			// Calls of unknown commands have their own limit. A few more lines are allowed for the
			// seconds that the test takes.
			if n := log.Count(""); n < 10 || n > 160 {
				t.Errorf("%d lines in the log", n)
			}
		})
	}
}

// hello starts page n.
func (p *paper) hello(n int) { p.receiveAs(n, `{"kind":"hello"}`, "") }

func (p *paper) receiveAs(n int, header, body string) {
	p.Endpoint.Receive(fmt.Appendf(nil, "%s %016x\n%s\n%s\n", p.Key, n, header, body))
}
