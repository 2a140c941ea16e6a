package shell_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"casement/internal/apptest"
)

const faults = `console.error('told', { a: 1 });
setTimeout(() => { throw new TypeError('uncaught'); });
Promise.reject(new RangeError('unhandled'));
function deep() { console.error(new Error('from afar')); }
deep();
fetch('https://example.com/').catch(() => undefined);
const image = new Image();
image.src = '/none.png';
document.body.append(image);
const script = document.createElement('script');
script.src = '/none.js';
document.body.append(script);
const inline = document.createElement('script');
inline.textContent = 'globalThis.never = 1';
document.body.append(inline);
`

func TestWhatGoesWrongInAPageIsLogged(t *testing.T) {
	t.Parallel()
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		a := apptest.Start(t, apptest.Config{
			Portable: portable,
			Files: fstest.MapFS{
				"index.html": {Data: []byte("<!doctype html><title>faults</title><body><script src=/faults.js></script>")},
				"faults.js":  {Data: []byte(faults)},
			},
		})
		origin := strings.Trim(a.JS(a.Window, "location.origin"), `"`)
		for _, want := range []string{
			`ERROR the page logged an error error=told {"a":1} at=ORIGIN/faults.js:1:`,
			"ERROR an error in the page was not caught error=TypeError: uncaught at=ORIGIN/faults.js:2:",
			"ERROR a promise rejection in the page was not handled error=RangeError: unhandled at=ORIGIN/faults.js:3:",
			"ERROR the page logged an error error=Error: from afar at=ORIGIN/faults.js:4:",
			"WARN the Content-Security-Policy blocked something in the page blocked=connect-src https://example.com",
			"WARN the Content-Security-Policy blocked something in the page blocked=script-src-elem inline",
			"WARN a file of the page could not be loaded element=img at=ORIGIN/none.png",
			"WARN a file of the page could not be loaded element=script at=ORIGIN/none.js",
		} {
			want = strings.ReplaceAll(want, "ORIGIN", origin)
			a.Eventually(want, func() bool { return a.Log.Has(want) })
		}
		if got := a.JS(a.Window, "[console.error.name, console.error.length, String(console.error).includes('native code'), typeof never]"); got != `["error",0,true,"undefined"]` {
			t.Error(got)
		}
	})
}

func TestAPageThatFloodsTheLogIsCounted(t *testing.T) {
	t.Parallel()
	a := apptest.Start(t, apptest.Config{})
	const count = 2000
	a.JS(a.Window, fmt.Sprintf("for (let n = 0; n < %d; n++) console.error('flood ' + n)", count))
	omitted := regexp.MustCompile(`omitted=(\d+)`)
	a.Eventually("the flood is over", func() bool { return omitted.MatchString(a.Log.String()) })
	left := 0
	for _, match := range omitted.FindAllStringSubmatch(a.Log.String(), -1) {
		n, _ := strconv.Atoi(match[1])
		left += n
	}
	if n := a.Log.Count("error=flood"); n < 10 || n > 100 || n+left != count {
		t.Errorf("%d lines logged and %d left out, of %d", n, left, count)
	}
	if n := a.Log.Count("omitted="); n != 1 {
		t.Errorf("%d lines give the number of lines left out", n)
	}
}

// A rejection's stack points to the line that made the call.
func TestARejectionKnowsWhoCalled(t *testing.T) {
	t.Parallel()
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		a := apptest.Start(t, apptest.Config{
			Portable: portable, Setup: register,
			Files: fstest.MapFS{
				"index.html": {Data: []byte("<!doctype html><title>calls</title><body><script src=/calls.js></script>")},
				"calls.js": {Data: []byte(`function caller(name, args) {
	return __ipc.invoke(name, args);
}
`)},
			},
		})
		for call, want := range map[string]string{
			"caller('fail')": "calls.js:2:", "caller('greet', {})": "calls.js:2:", "caller('greet_')": "calls.js:2:",
			"caller('greet', {n: 1n})": "calls.js:2:",
		} {
			got := a.JS(a.Window, "try { await "+call+" } catch (error) { return error.stack.split('\\n')[0] }")
			if !strings.Contains(got, want) || strings.Contains(got, "user-script") {
				t.Errorf("%s: %s, want %s", call, got, want)
			}
		}
		if got := a.JS(a.Window, "try { await caller('greet_') } catch (error) { return error.message }"); got != `"there is no command \"greet_\"; did you mean \"greet\"?"` {
			t.Error(got)
		}
		a.Eventually("it is logged", func() bool {
			return a.Log.Has("WARN the page called a command that does not exist command=greet_ near=greet")
		})
	})
}
