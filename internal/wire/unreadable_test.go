package wire_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"casement/events"
	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

// TestAMessageThatIsNotJSONFailsAlone would pass vacuously if the messages came in several scripts.
// So all of them are sent while the page is busy.
func TestAMessageThatIsNotJSONFailsAlone(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 3*wire.DefaultMaxScript)
	for name, bad := range map[string]string{
		"an object as a key":      `{{"a":1}:2}`,
		"nothing":                 ``,
		"half":                    `{"a":[1,`,
		"too many brackets":       `1]],[[0,2,"forged"]`,
		"an open string":          `"abc`,
		"a message within":        `{x],[0,2,0],[3,1,"forged"`,
		"larger than a script":    `{"text":"` + large + `",}`,
		"larger, and cut in half": `"` + large,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, pages := events.New(nil)
			var r ipc.Router
			ipc.Handle(&r, "hold", func(ctx context.Context, _ map[string]string) (none, error) { <-ctx.Done(); return none{}, nil })
			returns(&r, "go", 1)
			w := pagetest.Open(t, &r, func(o *wire.EndpointOptions) { o.Bus = pages })
			// Calls 1 to 5, channels 1 and 2, listener 1.
			w.Must(`globalThis.log = [];
				const note = (name, promise) => promise.then((v) => log.push(name + '=' + v), (e) => log.push(name + '!' + e.code));
				const handler = (m) => { log.push('message=' + m); };
				globalThis.one = channel(handler); globalThis.two = channel(handler);
				note('bad', invoke('hold', {one}).catch((e) => { throw e; }));
				note('good', invoke('hold', {two}));
				note('bytes', invoke('hold'));
				note('end', two.closed);
				await __ipc.listen('x', (e) => log.push('event=' + e.payload))`)
			p := w.Endpoint.Page()
			w.OnUI(func() {
				for _, m := range []*wire.Message{
					wire.Raw(`[3,1,"first"]`),
					wire.Raw(`[3,1,` + bad + `,1]`),
					wire.Raw(`[0,1,` + bad + `]`),
					wire.Raw(`[6,[1],` + bad + `,null]`),
					wire.Raw(`[6,[1],"heard",null]`),
					wire.RawBlob(`[1,3]`, "AAAA"),
					wire.RawBlob(`[4,1]`, "AAAA"),
					wire.Raw(`[5,2,` + bad + `]`),
					wire.Raw(`[3,1,"last",1]`),
					wire.Raw(`[0,2,"settled"]`),
				} {
					if err := p.TrySend(m); err != nil {
						t.Error(err)
					}
				}
			})
			pagetest.Until(t, "the last one has come", func() bool { return strings.Contains(w.Must("return log"), "good=settled") })
			got := w.Must("return log")
			for _, want := range []string{"message=first", "bad!bad_result", "event=heard", "bytes=[object ArrayBuffer]", "message=[object ArrayBuffer]",
				"end!bad_result", "message=last"} {
				if strings.Count(got, want) != 1 {
					t.Errorf("%s, want %s once", got, want)
				}
			}
			if n := strings.Count(got, ","); n != 7 {
				t.Errorf("%s: more messages arrived than were sent", got)
			}
			// The page has consumed four messages of channel 1, and grants credit.
			if posted := strings.Join(w.Posted(), ""); !strings.Contains(posted, `{"kind":"grant","channel":1,"messages":4}`) {
				t.Errorf("the page grants nothing: %s", posted)
			}
			if !w.Log.Has("a message from Go cannot be read and is lost: for channel 1") {
				t.Errorf("not logged: %s", w.Log)
			}
			// Later messages are delivered and acknowledged, more than may be in flight.
			for n := range 100 {
				m := wire.Raw(fmt.Sprintf(`[3,1,"after %d"]`, n))
				if err := p.Send(t.Context(), m); err != nil {
					t.Fatal(err)
				}
				w.OnUI(func() {})
			}
			pagetest.Until(t, "it is delivered", func() bool { return strings.Contains(w.Must("return log.at(-1)"), "after 99") })
			pagetest.Until(t, "it is acknowledged", func() bool { return p.Backlog() == 0 })
			if got := w.Must("return await invoke('go')"); got != "1" {
				t.Error(got)
			}
		})
	}
}
