package shell_test

import (
	"context"
	"testing"

	"casement/events"
	"casement/internal/apptest"
	"casement/ipc"
	"casement/shell"
)

func registerEvents(app *shell.App) {
	ipc.Handle(app.Commands(), "emit_many", func(_ context.Context, a struct {
		Event string `json:"event"`
		Count int    `json:"count"`
	}) (none, error) {
		for i := range a.Count {
			if err := app.Emit(a.Event, i); err != nil {
				return none{}, err
			}
		}
		return none{}, nil
	})
	ipc.Handle(app.Commands(), "retain", func(_ context.Context, a struct {
		Event string `json:"event"`
		Value string `json:"value"`
	}) (none, error) {
		return none{}, app.Emit(a.Event, a.Value, events.Retain)
	})
}

func TestPagesHearAndEmitEvents(t *testing.T) {
	apptest.EachPath(t, func(t *testing.T, portable bool) {
		app := apptest.Start(t, apptest.Config{
			Portable: portable, Suite: "../frontend/api/test/window/events.ts", Setup: registerEvents,
		})
		app.Suite()
	})
}
