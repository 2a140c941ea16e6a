package channels_test

import (
	"context"
	"fmt"
	"testing"

	"casement/channels"
	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

// When the page itself rejects a call, Go never sees its streams, so the page must end them.
func TestACallThatThePageRejectsEndsItsStreams(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ call, code string }{
		"its signal is aborted":      {"invoke('open', {c, s}, {signal: aborted})", "cancelled"},
		"it is too large":            {"invoke('open', {c, s, text: 'x'.repeat(3000)})", "too_large"},
		"large in bytes only":        {"invoke('open', {c, s, text: '\u65e5'.repeat(900)})", "too_large"},
		"a bigint comes first":       {"invoke('open', {n: 1n, c, s})", "bad_arguments"},
		"a bigint comes last":        {"invoke('open', {c, s, n: 1n})", "bad_arguments"},
		"a cycle":                    {"(() => { const a = {}; a.a = a; return invoke('open', {a, deep: [{c}, s]}); })()", "bad_arguments"},
		"a getter throws":            {"invoke('open', {get a() { throw new Error('no'); }, c, s})", "bad_arguments"},
		"a toJSON throws":            {"invoke('open', {a: {toJSON() { throw new Error('no'); }}, c, s})", "bad_arguments"},
		"an exception without text":  {"invoke('open', {a: {toJSON() { throw {toString() { throw 1; }}; }}, c, s})", "bad_arguments"},
		"streams in a toJSON":        {"invoke('open', {a: {toJSON: () => ({c, s})}, n: 1n})", "bad_arguments"},
		"the channel twice":          {"invoke('open', {a: c, b: c, s})", "bad_arguments"},
		"the sink twice":             {"invoke('open', {c, a: s, b: s})", "bad_arguments"},
		"with a channel in use":      {"invoke('open', {c, s, used})", "bad_arguments"},
		"its options throw":          {"invoke('open', {c, s}, {get signal() { throw new Error('no'); }})", "bad_arguments"},
		"its signal is invalid":      {"invoke('open', {c, s}, {signal: {aborted: false}})", "bad_arguments"},
		"its headers have no JSON":   {"invoke('open', {c, s}, {headers: {n: 1n}})", "bad_arguments"},
		"the page is over":           {"(() => { __fire('pagehide'); return invoke('open', {c, s}); })()", "disconnected"},
		"the page ends in between":   {"(() => { const p = invoke('open', {c, s}); __fire('pagehide'); return p; })()", "disconnected"},
		"Go does not have it, later": {"invoke('none', {c, s})", "unknown_command"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r ipc.Router
			ipc.Handle(&r, "open", func(context.Context, map[string]any) (none, error) { return none{}, nil })
			used := make(chan channels.Channel[int], 1)
			ipc.Handle(&r, "use", func(_ context.Context, a one[int]) (none, error) { used <- a.C; return none{}, nil })
			w := pagetest.Open(t, &r, func(o *wire.EndpointOptions) { o.MaxMessage = 2000 })
			got := w.Must(fmt.Sprintf(`
				const c = channel(), aborted = {aborted: true, reason: 'no', addEventListener() {}, removeEventListener() {}};
				globalThis.used = channel((m) => { globalThis.got = m; });
				await invoke('use', {c: used});
				let stop, state = 'fresh';
				const stopped = new Promise((resolve) => { stop = resolve; });
				const s = __ipc.sink((kind, why) => {
					if (kind === 'open') state = 'open';
					if (kind === 'stop') { state = 'over'; stop(why.code); }
					return kind === 'refusal' && state !== 'fresh' ? 'is ' + state : undefined;
				});
				const code = await %s.then(() => 'resolved', (e) => e.code);
				return [code, await c.closed.then(() => 'closed', (e) => e.code), await stopped]`, test.call))
			if want := fmt.Sprintf("[%q,%[1]q,%[1]q]", test.code); got != want {
				t.Errorf("%s, want %s", got, want)
			}
			// A channel of another call stays open.
			if test.code == "disconnected" {
				return
			}
			if err := (<-used).Send(7); err != nil {
				t.Error(err)
			}
			page(t, w, "globalThis.got", "7")
		})
	}
}

// The code matches the one that Sink in the package gives to its writers.
func TestAChannelThatIsRefusedCanNotBeUsed(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	taker[int](&r, "open")
	w := pagetest.Open(t, &r)
	_, err := w.Run("const c = channel(); await invoke('open', {c, big: 1n}).catch(() => 0); await invoke('open', {c})")
	if err == nil || err.Error() != "bad_arguments: open: channel 1 is closed" {
		t.Error(err)
	}
}
