package wire_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"casement/channels"
	"casement/internal/pagetest"
	"casement/ipc"
)

func TestABadArgumentNamesItsFieldToThePage(t *testing.T) {
	t.Parallel()
	ran := false
	var r ipc.Router
	ipc.Handle(&r, "deep", func(context.Context, everything) (none, error) { ran = true; return none{}, nil })
	w := pagetest.Open(t, &r)
	const want = `["bad_arguments","deep: list[1].name: want a string, got a number",{"path":"list[1].name","reason":"want a string, got a number"}]`
	if got := w.Must(`try { await invoke('deep', {id: 1, list: [{name: ''}, {name: 1}]}) } catch (e) { return [e.code, e.message, e.details] }`); got != want {
		t.Error(got)
	}
	if _, err := w.Run(`await invoke('deep', {id: 1, when: 'yesterday'})`); err == nil || !strings.HasPrefix(err.Error(), "bad_arguments: deep: ") {
		t.Error(err)
	}
	if _, err := w.Run(`await invoke('deep', {id: NaN})`); err == nil || !strings.HasPrefix(err.Error(), "bad_arguments: deep: id: want an integer, got null") {
		t.Error(err)
	}
	if ran {
		t.Error("the command ran")
	}
}

// The search for the field does not blame a channel that was decoded before it.
func TestABadArgumentBehindAChannelIsNamed(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	ipc.Handle(&r, "watch", func(context.Context, struct {
		Out  channels.Channel[int]  `json:"out"`
		In   channels.Receiver[int] `json:"in"`
		From time.Time              `json:"from"`
	}) (none, error) {
		return none{}, nil
	})
	w := pagetest.Open(t, &r)
	_, err := w.Run(`await invoke('watch', {out: channel(() => {}), in: __ipc.sink(() => {}), from: 'yesterday'})`)
	if err == nil || !strings.HasPrefix(err.Error(), "bad_arguments: watch: from: parsing time") {
		t.Error(err)
	}
}

// An upset panics when it is decoded.
type upset struct{}

func (*upset) UnmarshalJSON([]byte) error { panic("upset") }

type strict struct{ Level int }

func (s *strict) UnmarshalJSON(data []byte) error {
	if string(data) != `"high"` {
		return errors.New("want high")
	}
	s.Level = 3
	return nil
}

func TestTypesDecodeThemselves(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	ipc.Handle(&r, "strict", func(_ context.Context, a struct{ Level strict }) (int, error) { return a.Level.Level, nil })
	ipc.Handle(&r, "upset", func(context.Context, struct{ A upset }) (none, error) { return none{}, nil })
	ipc.Handle(&r, "whole", func(_ context.Context, a strict) (int, error) { return a.Level, nil })
	ipc.Handle(&r, "map", func(_ context.Context, a map[string]any) (int, error) { return len(a), nil })
	ipc.Handle(&r, "pointer", func(_ context.Context, a *base) (bool, error) { return a == nil, nil })
	w := pagetest.Open(t, &r)
	for script, want := range map[string]string{
		`return await invoke('strict', {Level: 'high'})`:       "3",
		`return await invoke('strict', {Level: 'low'})`:        "bad_arguments: strict: ",
		`return await invoke('upset', {A: 1})`:                 "panicked: upset: panic: upset",
		`return await invoke('whole', {toJSON: () => 'high'})`: "3",
		`return await invoke('map', {a: 1, b: {}})`:            "2",
		`return await invoke('pointer', {id: 1})`:              "false",
	} {
		got, err := w.Run(script)
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", script, got, want)
		}
	}
}
