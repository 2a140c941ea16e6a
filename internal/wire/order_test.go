package wire_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

// A sent is a message in transit: the page has to receive it.
type sent struct {
	channel wire.ChannelID
	text    string // of a value
	data    []byte // of bytes
	raw     bool
}

func (s sent) message(t testing.TB) *wire.Message {
	if s.raw {
		return wire.NewBytes(s.channel, s.data)
	}
	m, err := wire.NewValue(s.channel, s.text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// wants reports whether the page received this message.
func (s sent) wants(got []json.RawMessage) bool {
	if string(got[1]) != fmt.Sprint(s.channel) {
		return false
	}
	if s.raw {
		var data []byte
		return string(got[0]) == "4" && json.Unmarshal(got[len(got)-1], &data) == nil && bytes.Equal(data, s.data)
	}
	var text string
	return string(got[0]) == "3" && json.Unmarshal(got[2], &text) == nil && text == s.text
}

// alphabet holds characters of every width, and characters that are escaped once and twice.
var alphabet = []rune("ab'\"\\\n\u007f\u2028é日\U0001F600\x00")

func randomText(random *rand.Rand, size int) string {
	var text strings.Builder
	for text.Len() < size {
		text.WriteRune(alphabet[random.IntN(len(alphabet))])
	}
	return text.String()
}

func TestMessagesOfAnySizeArriveInOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 1))
		maxScript := 512 + random.IntN(600)
		p := newPaper(t, new(ipc.Router), func(o *wire.EndpointOptions) { o.MaxScript = maxScript })
		page := p.Endpoint.Page()
		room := page.Room()
		var all []sent
		for i := range 300 {
			size := 0
			switch random.IntN(4) {
			case 0:
				size = random.IntN(30)
			case 1:
				size = room - 20 + random.IntN(30)
			case 2:
				size = random.IntN(room * 4)
			case 3:
				// Base64 makes four bytes of three.
				size = room*3/4 - 12 + random.IntN(14)
			}
			s := sent{channel: wire.ChannelID(i + 1)}
			if s.raw = random.IntN(2) == 0; s.raw {
				s.data = pattern(max(size, 0))
			} else {
				s.text = randomText(random, size)
			}
			all = append(all, s)
			m := s.message(t)
			if random.IntN(3) == 0 {
				m.AskGrant()
			}
			if err := page.TrySend(m); err != nil {
				t.Fatal(err)
			}
			m.Free()
			if random.IntN(5) == 0 {
				p.Run()
			}
		}
		p.Run()
		if len(p.Got) != len(all) {
			t.Fatalf("seed %d: %d messages of %d", seed, len(p.Got), len(all))
		}
		for i, s := range all {
			if !s.wants(p.Got[i]) {
				t.Fatalf("seed %d: message %d is %.100s", seed, i, p.Got[i])
			}
		}
		if p.Largest > max(maxScript, 512) {
			t.Errorf("seed %d: a script of %d bytes, more than %d", seed, p.Largest, maxScript)
		}
	}
}

func TestMessagesAroundTheSizeOfAScriptArrive(t *testing.T) {
	t.Parallel()
	const maxScript = 600
	for delta := -40; delta <= 40; delta++ {
		p := newPaper(t, new(ipc.Router), func(o *wire.EndpointOptions) { o.MaxScript = maxScript })
		page := p.Endpoint.Page()
		all := []sent{
			{channel: 1, text: "before"},
			{channel: 2, text: strings.Repeat("x", page.Room()+delta)},
			{channel: 3, raw: true, data: []byte("between")},
			{channel: 4, text: strings.Repeat("\\", (page.Room()+delta)/4)},
			{channel: 5, raw: true, data: pattern((page.Room() + delta) * 3 / 4)},
			{channel: 6, text: strings.Repeat("\u2028", (page.Room()+delta)/3)},
			{channel: 7, raw: true},
			{channel: 8, text: "behind"},
		}
		for _, s := range all {
			if err := page.TrySend(s.message(t)); err != nil {
				t.Fatal(err)
			}
		}
		p.Run()
		for i, s := range all {
			if i >= len(p.Got) || !s.wants(p.Got[i]) {
				t.Fatalf("delta %d: message %d did not arrive: %.200s", delta, i, p.Got)
			}
		}
	}
}

func TestALongOriginLeavesRoomForMessages(t *testing.T) {
	t.Parallel()
	p := newPaper(t, new(ipc.Router), func(o *wire.EndpointOptions) {
		o.MaxScript = 512
		o.Origin = "app://" + strings.Repeat("x", 500)
	})
	s := sent{channel: 1, text: strings.Repeat("y", 1000)}
	if err := p.Endpoint.Page().TrySend(s.message(t)); err != nil {
		t.Fatal(err)
	}
	p.Run()
	if len(p.Got) != 1 || !s.wants(p.Got[0]) {
		t.Errorf("%.100s", p.Got)
	}
}

func TestManySendersKeepTheirOwnOrder(t *testing.T) {
	t.Parallel()
	const senders, each = 8, 2000
	p := newPaper(t, new(ipc.Router), func(o *wire.EndpointOptions) {
		o.MaxBacklog = 4 << 10
		o.MaxScript = 1 << 10
	})
	page := p.Endpoint.Page()
	var done sync.WaitGroup
	finished := make(chan none)
	for s := range senders {
		done.Go(func() {
			for i := range each {
				text := fmt.Sprint(i)
				if i%100 == s {
					text += strings.Repeat(" ", 3000)
				}
				m, err := wire.NewValue(wire.ChannelID(s+1), text)
				if err != nil {
					t.Error(err)
					return
				}
				if err := page.Send(t.Context(), m); err != nil {
					t.Error(err)
					return
				}
				m.Free()
			}
		})
	}
	go func() { done.Wait(); close(finished) }()
	p.RunUntil("all have sent", func() bool {
		select {
		case <-finished:
			return true
		default:
			return false
		}
	})
	p.Run()
	var next [senders + 1]int
	for _, message := range p.Got {
		var from int
		var text string
		if json.Unmarshal(message[1], &from) != nil || json.Unmarshal(message[2], &text) != nil || strings.TrimSpace(text) != fmt.Sprint(next[from]) {
			t.Fatalf("%d sent %.40s, want %d", from, text, next[from])
		}
		next[from]++
	}
	for s, n := range next[1:] {
		if n != each {
			t.Errorf("sender %d: %d messages of %d", s+1, n, each)
		}
	}
}

// tape registers the command "tape", which sends the given messages over the page's channels, and
// returns.
func tape(t testing.TB, r *ipc.Router) {
	type step struct {
		Size int  `json:"size"`
		Raw  bool `json:"raw"`
	}
	ipc.Handle(r, "tape", func(ctx context.Context, a struct {
		Channel string `json:"channel"`
		Steps   []step `json:"steps"`
		Raw     bool   `json:"raw,omitempty"`
	}) (any, error) {
		page := wire.CallFrom(ctx).Page()
		id, err := wire.ParseChannel(a.Channel)
		if err != nil {
			return nil, err
		}
		for _, step := range a.Steps {
			s := sent{channel: id, raw: step.Raw, data: pattern(step.Size), text: strings.Repeat("\u2028", step.Size)}
			if err := page.Send(ctx, s.message(t)); err != nil {
				return nil, err
			}
		}
		if a.Raw {
			return pattern(5000), nil
		}
		return strings.Repeat("r", 2000), nil
	})
}

func TestThePageSeesMessagesBeforeTheResult(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	tape(t, &r)
	w := pagetest.Open(t, &r, func(o *wire.EndpointOptions) { o.MaxScript = 1024 })
	got := w.Must(`
		const sizes = [1, 5000, 2, 300, 699, 700, 701, 0, 1024, 3], log = [];
		const one = channel((m) => log.push(m.byteLength ?? m.length));
		const steps = sizes.map((size, i) => ({size, raw: i % 3 === 1}));
		const result = await invoke('tape', {channel: one, steps});
		log.push('result ' + result.length);
		const two = channel((m) => log.push(m.byteLength ?? m.length));
		const bytes = await invoke('tape', {channel: two, steps: steps.slice(0, 3), raw: true});
		log.push('bytes ' + bytes.byteLength);
		return log;`)
	if got != `[1,5000,2,300,699,700,701,0,1024,3,"result 2000",1,5000,2,"bytes 5000"]` {
		t.Error(got)
	}
}

func TestReactionsToAPromiseRunBeforeLaterMessages(t *testing.T) {
	t.Parallel()
	ready := make(chan *wire.Page, 2)
	release := make(chan none)
	var r ipc.Router
	ipc.Handle(&r, "hold", func(ctx context.Context, _ none) (none, error) {
		ready <- wire.CallFrom(ctx).Page()
		<-release
		return none{}, nil
	})
	w := pagetest.Open(t, &r)
	running := w.Start(`
		globalThis.log = [];
		globalThis.one = channel((m) => log.push(m));
		invoke('hold').then(() => { log.push('settled'); one.onmessage = (m) => log.push('after ' + m); });
		one.closed.then(() => log.push('closed'));
		globalThis.two = channel((m) => log.push('two ' + m));
		return one.id`)
	if got, err := w.Await(running); err != nil || got != "1" {
		t.Fatal(got, err)
	}
	page := <-ready
	// All of it is in one script, because the UI thread is blocked meanwhile.
	w.OnUI(func() {
		before, _ := wire.NewValue(1, "before")
		_ = page.TrySend(before)
		close(release)
		pagetest.Until(t, "the call is settled", func() bool { return w.Endpoint.InFlight() == 0 })
		after, _ := wire.NewValue(1, "1")
		_ = page.TrySend(after)
		_ = page.TrySend(wire.NewEnd(1, nil))
		last, _ := wire.NewValue(2, "end")
		_ = page.TrySend(last)
	})
	pagetest.Until(t, "all has arrived", func() bool { return strings.Contains(w.Must("return log"), "two end") })
	if got := w.Must("return log"); got != `["before","settled","after 1","closed","two end"]` {
		t.Error(got)
	}
}

func TestPagesMessagesReachGoInOrder(t *testing.T) {
	t.Parallel()
	const calls = 500
	var r ipc.Router
	ipc.Handle(&r, "hold", func(ctx context.Context, _ none) (none, error) {
		<-ctx.Done()
		return none{}, ctx.Err()
	})
	w := pagetest.Open(t, &r)
	// Cancels follow their calls in one batch, so none may be lost.
	got := w.Must(fmt.Sprintf(`
		const all = [];
		for (let i = 0; i < %d; i++) {
			const abort = new AbortController();
			all.push(invoke('hold', {}, {signal: abort.signal}).catch((e) => e.code));
			abort.abort();
		}
		return (await Promise.all(all)).every((code) => code === 'cancelled')`, calls))
	if got != "true" {
		t.Error(got)
	}
	pagetest.Until(t, "all commands end", func() bool { return w.Endpoint.InFlight() == 0 })
	// The batches themselves are in order.
	last := 0
	for _, batch := range w.Posted() {
		for _, line := range strings.Split(batch, "\n") {
			var h struct {
				Kind string
				ID   int
			}
			if strings.HasPrefix(line, `{"kind":"call"`) && json.Unmarshal([]byte(line), &h) == nil {
				if h.ID != last+1 {
					t.Fatalf("call %d behind %d", h.ID, last)
				}
				last = h.ID
			}
		}
	}
	if last != calls {
		t.Errorf("%d calls of %d", last, calls)
	}
}

func TestScriptsAndMessagesShareOneOrder(t *testing.T) {
	t.Parallel()
	w := pagetest.Open(t, new(ipc.Router))
	w.Must(`globalThis.log = []; globalThis.one = channel((m) => log.push(m)); globalThis.end = channel((m) => log.push(m)); return one.id`)
	page := w.Endpoint.Page()
	for i := range 50 {
		m, err := wire.NewValue(1, i*2)
		if err != nil {
			t.Fatal(err)
		}
		if err := page.TrySend(m); err != nil {
			t.Fatal(err)
		}
		if err := w.Endpoint.Eval(fmt.Sprintf("log.push(%d)", i*2+1)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Endpoint.EvalResult(t.Context(), "log.push(100)"); err != nil {
		t.Fatal(err)
	}
	if got := w.Must("return [log.length, log.every((n, i) => n === i)]"); got != "[101,true]" {
		t.Error(got)
	}
}
