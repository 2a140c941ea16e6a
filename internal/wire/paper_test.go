package wire_test

import (
	"encoding/json"
	"log/slog"
	"testing"

	"casement/internal/pagetest"
	"casement/internal/wire"
	"casement/ipc"
)

type paper struct{ *pagetest.Paper }

func newPaper(t testing.TB, router *ipc.Router, configure ...func(*wire.EndpointOptions)) *paper {
	t.Helper()
	return &paper{pagetest.NewPaper(t, router, configure...)}
}

func newLogger(log *pagetest.Log) *slog.Logger { return slog.New(log) }

// join returns a message as the JSON that arrived.
func join(message []json.RawMessage) string {
	text, _ := json.Marshal(message)
	return string(text)
}
