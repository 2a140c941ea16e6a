package shell

import (
	"context"
	"errors"
	"fmt"

	"casement/internal/origin"
	"casement/ipc"
)

// Access says what the pages of a window may do with windows. Its flags combine with |. With the
// zero Access, pages may list windows and may close their own window in answer to onCloseRequested.
type Access uint8

const (
	// AccessOwn lets pages close, focus, retitle and resize their own window.
	AccessOwn Access = 1 << iota
	// AccessOthers lets pages do the same with every window.
	AccessOthers
	// AccessOpen lets pages open windows that show the app's own files. The new windows have no
	// access.
	AccessOpen
)

// The commands behind @casement/api/window belong to the shell, not to the app.
const (
	commandList       = "casement:window/list"
	commandOpen       = "casement:window/open"
	commandClose      = "casement:window/close"
	commandDestroy    = "casement:window/destroy"
	commandFocus      = "casement:window/focus"
	commandTitle      = "casement:window/set-title"
	commandSize       = "casement:window/set-size"
	commandAskClose   = "casement:window/ask-close"
	commandReplyClose = "casement:window/reply-close"
)

// pageOptions are the options that a page may set for a window that it opens.
type pageOptions struct {
	Label     string `json:"label"`
	Title     string `json:"title,omitempty"`
	URL       string `json:"url,omitempty"` // a path below the app's origin
	Width     int    `json:"width,omitempty"`
	Height    int    `json:"height,omitempty"`
	MinWidth  int    `json:"minWidth,omitempty"`
	MinHeight int    `json:"minHeight,omitempty"`
	Resizable *bool  `json:"resizable"`
}

type named struct {
	Label string `json:"label"`
}

// registerOwn registers the commands with which pages manage windows.
func (a *App) registerOwn() {
	r := &a.commands
	ipc.Handle(r, commandList, func(context.Context, struct{}) ([]ipc.Label, error) {
		labels := []ipc.Label{}
		for _, w := range a.Windows() {
			labels = append(labels, w.label)
		}
		return labels, nil
	})
	ipc.Handle(r, commandOpen, a.openForPage)
	ipc.Handle(r, commandClose, func(ctx context.Context, n named) (struct{}, error) {
		return a.manage(ctx, n.Label, (*Window).Close)
	})
	ipc.Handle(r, commandDestroy, func(ctx context.Context, n named) (struct{}, error) {
		return a.manage(ctx, n.Label, (*Window).Destroy)
	})
	ipc.Handle(r, commandFocus, func(ctx context.Context, n named) (struct{}, error) {
		return a.manage(ctx, n.Label, (*Window).Focus)
	})
	ipc.Handle(r, commandTitle, func(ctx context.Context, o struct {
		named
		Title string `json:"title"`
	}) (struct{}, error) {
		return a.manage(ctx, o.Label, func(w *Window) error { return w.SetTitle(o.Title) })
	})
	ipc.Handle(r, commandSize, func(ctx context.Context, o struct {
		named
		Width  int `json:"width"`
		Height int `json:"height"`
	}) (struct{}, error) {
		if o.Width <= 0 || o.Height <= 0 {
			return struct{}{}, fmt.Errorf("a window can't be %d by %d", o.Width, o.Height)
		}
		return a.manage(ctx, o.Label, func(w *Window) error { return w.SetSize(o.Width, o.Height) })
	})
	ipc.Handle(r, commandAskClose, a.askClose)
	ipc.Handle(r, commandReplyClose, a.replyClose)
}

func denied(format string, args ...any) error {
	return &ipc.Error{Code: ipc.CodeDenied, Message: fmt.Sprintf(format, args...)}
}

// manage applies act to a window if the calling page has the access.
func (a *App) manage(ctx context.Context, label string, act func(*Window) error) (struct{}, error) {
	caller := a.WindowFrom(ctx)
	if caller == nil {
		return struct{}{}, ErrClosed
	}
	may := caller.options.Access
	own := string(caller.label) == label
	if may&AccessOthers == 0 && (!own || may&AccessOwn == 0) {
		return struct{}{}, denied("window %q may not manage window %.64q", caller.label, label)
	}
	w := a.Window(ipc.Label(label))
	if w == nil {
		return struct{}{}, fmt.Errorf("there is no window %.64q", label)
	}
	return struct{}{}, act(w)
}

func (a *App) openForPage(ctx context.Context, o pageOptions) (struct{}, error) {
	caller := a.WindowFrom(ctx)
	switch {
	case caller == nil:
		return struct{}{}, ErrClosed
	case caller.options.Access&AccessOpen == 0:
		return struct{}{}, denied("window %q may not open windows", caller.label)
	}
	if _, err := origin.Path(o.URL); errors.Is(err, origin.ErrOutside) || o.URL != "" && o.URL[0] != '/' {
		return struct{}{}, denied("a page may open only the app's own files, by a path that begins with /, not %.64q", o.URL)
	}
	_, err := a.OpenWindow(WindowOptions{
		Label: o.Label, Title: o.Title, Path: o.URL, Width: o.Width, Height: o.Height,
		MinWidth: o.MinWidth, MinHeight: o.MinHeight, Fixed: o.Resizable != nil && !*o.Resizable,
	})
	return struct{}{}, err
}
