package channels_test

import (
	"context"
	"testing"

	"casement/channels"
	"casement/internal/pagetest"
	"casement/ipc"
)

func TestSmoke(t *testing.T) {
	type args struct {
		OnEvent channels.Channel[int] `json:"onEvent"`
		N       int                   `json:"n"`
	}
	var r ipc.Router
	ipc.Handle(&r, "count", func(_ context.Context, a args) (string, error) {
		for i := range a.N {
			if err := a.OnEvent.Send(i); err != nil {
				return "", err
			}
		}
		a.OnEvent.Close()
		return "done", nil
	})
	w := pagetest.Open(t, &r)
	t.Log(w.Must(`
		const got = []; const onEvent = channel((n) => { got.push(n); });
		const r = await invoke('count', {onEvent, n: 20000});
		const n = got.length;
		await onEvent.closed;
		return [r, n, got.every((v, i) => v === i)];`))
	t.Log(w.Must(`
		const onEvent = channel(); let sum = 0;
		await invoke('count', {onEvent, n: 100});
		for await (const n of onEvent) sum += n;
		return sum;`))
	t.Log(w.Log)
}
