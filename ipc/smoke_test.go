package ipc_test

import (
	"context"
	"testing"

	"casement/internal/pagetest"
	"casement/ipc"
)

func TestSmoke(t *testing.T) {
	var r ipc.Router
	ipc.Handle(&r, "greet", func(_ context.Context, a struct {
		Name string `json:"name"`
	}) (string, error) { return "hi " + a.Name, nil })
	w := pagetest.Open(t, &r)
	t.Log(w.Must("return await invoke('greet', {name: 'ann\\u2028'})"))
	_, err := w.Run("return await invoke('greet', {nam: 1})")
	t.Log(err)
	v, err := w.Endpoint.EvalResult(t.Context(), "1+1")
	t.Log(string(v), err)
	v, err = w.Endpoint.EvalResult(t.Context(), "const x = {a:1}; return x")
	t.Log(string(v), err)
	v, err = w.Endpoint.EvalResult(t.Context(), "const const")
	t.Log(string(v), err)
	t.Log(w.Log)
}
