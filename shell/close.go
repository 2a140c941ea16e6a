package shell

import (
	"context"
	"errors"

	"casement/internal/wire"
)

// A closing is one request to close a window. It lasts while OnClose and the page are asked.
type closing struct {
	id     uint64
	page   *wire.Page
	answer chan bool // whether the window may close
}

// requestClose asks OnClose and the page, and closes the window if they agree or do not answer in
// time: a page that hangs or reloads never makes its window unclosable. Further requests do nothing
// while one is pending.
func (w *Window) requestClose() {
	w.mu.Lock()
	page := w.asksClose
	ask := w.options.OnClose != nil || (page != nil && page.Context().Err() == nil)
	busy := w.closing != nil
	if ask && !busy {
		w.closes++
		w.closing = &closing{id: w.closes, page: page, answer: make(chan bool, 1)}
	}
	c := w.closing
	w.mu.Unlock()
	switch {
	case busy:
	case !ask:
		w.destroy()
	default:
		w.app.tasks.run(func() { w.decideClose(c) })
	}
}

// decideClose asks OnClose, and then the page.
func (w *Window) decideClose(c *closing) {
	ctx, cancel := context.WithTimeout(w.app.ctx, w.app.options.CloseTimeout)
	defer cancel()
	agreed := w.askOnClose(ctx) && w.askPage(ctx, c)
	w.mu.Lock()
	w.closing = nil
	w.mu.Unlock()
	if agreed {
		_ = w.Destroy() // The only error is ErrClosed.
	}
}

// askOnClose reports whether OnClose lets the window close. A panic or a timeout counts as true.
func (w *Window) askOnClose(ctx context.Context) bool {
	if w.options.OnClose == nil {
		return true
	}
	answer := make(chan bool, 1)
	w.app.tasks.run(func() {
		agreed := true
		defer func() { answer <- agreed }()
		defer w.recover("OnClose")
		agreed = w.options.OnClose(ctx)
	})
	select {
	case agreed := <-answer:
		return agreed
	case <-ctx.Done():
		w.lateToClose("OnClose")
		return true
	}
}

// askPage reports whether the page lets the window close. A page that goes or does not answer in
// time counts as true.
func (w *Window) askPage(ctx context.Context, c *closing) bool {
	if c.page == nil {
		return true
	}
	// Go's listeners receive this event too, and may hang.
	w.app.tasks.run(func() {
		if err := w.app.bus.Announce(w.label, CloseRequested.Name(), CloseRequest{c.id}, false); err != nil {
			w.log.Warn("a page cannot be asked whether its window may close", "error", err)
		}
	})
	select {
	case agreed := <-c.answer:
		return agreed
	case <-c.page.Context().Done():
		return true
	case <-ctx.Done():
		w.lateToClose("the page")
		return true
	}
}

func (w *Window) lateToClose(who string) {
	if w.app.ctx.Err() == nil {
		w.log.Warn(who+" did not answer in time whether the window may close; the window closes", "waited", w.app.options.CloseTimeout)
	}
}

// askClose records whether the calling page wants to be asked before its window closes.
func (a *App) askClose(ctx context.Context, o struct {
	Ask bool `json:"ask"`
}) (struct{}, error) {
	w, call := a.WindowFrom(ctx), wire.CallFrom(ctx)
	if w == nil {
		return struct{}{}, ErrClosed
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case o.Ask:
		w.asksClose = call.Page()
	case w.asksClose == call.Page():
		w.asksClose = nil
	}
	return struct{}{}, nil
}

// replyClose receives the page's answer.
func (a *App) replyClose(ctx context.Context, o struct {
	ID      uint64 `json:"id"`
	Prevent bool   `json:"prevent"`
}) (struct{}, error) {
	w, call := a.WindowFrom(ctx), wire.CallFrom(ctx)
	if w == nil {
		return struct{}{}, ErrClosed
	}
	w.mu.Lock()
	c := w.closing
	w.mu.Unlock()
	if c == nil || c.id != o.ID || c.page != call.Page() {
		return struct{}{}, errors.New("no request to close the window waits for this answer")
	}
	select {
	case c.answer <- !o.Prevent:
	default: // The first answer counts.
	}
	return struct{}{}, nil
}
