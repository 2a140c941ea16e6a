package wire_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

func TestLogRecordsOfAPageArePrintable(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100_000)
	for name, test := range map[string]struct{ header, body, want string }{
		"an error":           {`"log":"error","url":"app://localhost/a.js","line":3,"column":7`, `"TypeError: no"`, "ERROR an error in the page was not caught error=TypeError: no at=app://localhost/a.js:3:7"},
		"without a place":    {`"log":"rejection"`, `"no"`, "ERROR a promise rejection in the page was not handled error=no"},
		"a file":             {`"log":"resource","url":"app://localhost/a.png"`, `"img"`, "WARN a file of the page could not be loaded element=img at=app://localhost/a.png"},
		"lines":              {`"log":"console"`, `"a\nERROR forged\r\n\tb"`, `ERROR the page logged an error error=a\nERROR forged\r\n\tb`},
		"a terminal's codes": {`"log":"console"`, `"\u001b[31mred\u0007\u009b2J"`, `ERROR the page logged an error error=\x1b[31mred\a\u009b2J`},
		"text direction":     {`"log":"console"`, `"\u202eabc\u2066\u200b\u2028\ufeff"`, `ERROR the page logged an error error=\u202eabc\u2066\u200b\u2028\ufeff`},
		"other languages":    {`"log":"console"`, `"日本語 é 😀"`, `ERROR the page logged an error error=日本語 é 😀`},
		"a place of lines":   {`"log":"error","url":"a\nb","line":1`, `"no"`, `error=no at=a\nb:1:0`},
		"very long":          {`"log":"console"`, `"` + long + `"`, "error=" + long[:4096] + "…"},
		"no text":            {`"log":"console"`, `{"a":1}`, "ERROR the page logged an error error="},
		"no JSON":            {`"log":"console"`, `nonsense`, "ERROR the page logged an error error="},
		"nothing at all":     {`"log":"console"`, ``, "ERROR the page logged an error error="},
		"an unknown one":     {`"log":"fatal"`, `"no"`, ""},
		"omitted records":    {`"log":"omitted","messages":12`, ``, "WARN the page reported more problems than were logged omitted=12"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := new(pagetest.Log)
			p := newPaper(t, new(ipc.Router), func(o *wire.EndpointOptions) { o.Logger = newLogger(log) })
			p.Receive(`{"kind":"log",`+test.header+`}`, test.body)
			got := log.String()
			if !strings.Contains(got, test.want) || (test.want == "") != (got == "") {
				t.Errorf("%.200q, want %.200q", got, test.want)
			}
			if strings.ContainsFunc(got, unicode.IsControl) || len(got) > 5000 {
				t.Errorf("the log has an unprintable character: %.200q", got)
			}
		})
	}
}

func TestAPageDoesNotFloodTheLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := new(pagetest.Log)
		p := newPaper(t, new(ipc.Router), func(o *wire.EndpointOptions) { o.Logger = newLogger(log) })
		left := func() (sum int) {
			for _, match := range regexp.MustCompile(`omitted=(\d+)`).FindAllStringSubmatch(log.String(), -1) {
				n, _ := strconv.Atoi(match[1])
				sum += n
			}
			return sum
		}
		// Three seconds of it, with new pages in between, which must not reset the limit.
		for n := range 3000 {
			p.Receive(`{"kind":"log","log":"console"}`, `"flood"`)
			if n%100 == 0 {
				p.Receive(`{"kind":"bye"}`, "")
				p.Receive(`{"kind":"hello"}`, "")
			}
			time.Sleep(time.Millisecond)
		}
		if n := log.Count("error=flood"); n < 20 || n > 40 {
			t.Errorf("%d lines in three seconds", n)
		}
		if n := log.Count("omitted="); n > 0 {
			t.Errorf("%d lines report omitted records before the end of the flood", n)
		}
		time.Sleep(2 * time.Second)
		logged := log.Count("error=flood")
		p.Receive(`{"kind":"log","log":"console"}`, `"after"`)
		if n := left(); !log.Has("error=after") || log.Count("omitted=") != 1 || n != 3000-logged {
			t.Errorf("%d omitted, want %d, in one line of %s", n, 3000-logged, log)
		}
		// The page's own reports of omitted records must not flood the log either.
		before := log.Count("")
		for range 1000 {
			p.Receive(`{"kind":"log","log":"omitted","messages":1}`, "")
		}
		if n := log.Count("") - before; n > 10 {
			t.Errorf("%d more lines", n)
		}
	})
}

func TestTheLastOfAFloodIsCounted(t *testing.T) {
	t.Parallel()
	log := new(pagetest.Log)
	p := newPaper(t, new(ipc.Router), func(o *wire.EndpointOptions) { o.Logger = newLogger(log) })
	for range 1000 {
		p.Receive(`{"kind":"log","log":"console"}`, `"flood"`)
	}
	logged := log.Count("error=flood")
	p.Endpoint.Close()
	if want := fmt.Sprintf("omitted=%d", 1000-logged); !log.Has(want) {
		t.Errorf("%s, want %s", log, want)
	}
}

// The page runtime's reports, in QuickJS, which has no window errors.
func TestThePagesConsoleIsLogged(t *testing.T) {
	t.Parallel()
	w := pagetest.Open(t, new(ipc.Router))
	w.Must(`
		console.error('a', 1, null, undefined, {b: [true]}, new TypeError('c'), 5n, Symbol('d'), () => 0);
		const cycle = {}; cycle.cycle = cycle;
		console.error(cycle, {toJSON() { throw 1; }});
		console.error({many: Array.from({length: 1000}, (_, n) => n)});
		console.error('x'.repeat(1_000_000));
		console.error();`)
	for _, want := range []string{
		`error=a 1 null undefined {"b":[true]} TypeError: c 5 Symbol(d) `, `error=[object Object] [object Object]`, "error=[object Object] ",
		"error=" + strings.Repeat("x", 4096) + " ",
	} {
		if !w.Log.Has(want) {
			t.Errorf("no %.100s in %.2000s", want, w.Log)
		}
	}
	if n := w.Log.Count("console: "); n != 5 {
		t.Errorf("the console has %d lines of 5", n)
	}
	if got := w.Must(`
		const { error } = console;
		return [error.name, console.error === error]`); got != `["error",true]` {
		t.Error(got)
	}
}
