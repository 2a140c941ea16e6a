package main

import (
	"context"

	"casement/ipc"
	"casement/shell"
)

// openSettings opens the settings window, or brings it to the front.
func (h *hasher) openSettings(context.Context, struct{}) (struct{}, error) {
	return struct{}{}, h.open(shell.WindowOptions{
		Label: settingsLabel, Title: settingsTitle, Path: "/settings.html",
		Width: 620, Height: 580, MinWidth: 400, MinHeight: 360,
	})
}

// openProcess opens the window that runs a process, or brings it to the front.
func (h *hasher) openProcess(context.Context, struct{}) (struct{}, error) {
	return struct{}{}, h.open(shell.WindowOptions{
		Label: processLabel, Title: processTitle, Path: "/process.html",
		Width: 760, Height: 600, MinWidth: 420, MinHeight: 500,
	})
}

// openPicture opens the window with the live picture, or brings it to the front.
func (h *hasher) openPicture(context.Context, struct{}) (struct{}, error) {
	return struct{}{}, h.open(shell.WindowOptions{
		Label: pictureLabel, Title: pictureTitle, Path: "/picture.html",
		Width: 760, Height: 640, MinWidth: 420, MinHeight: 460,
	})
}

// open opens one of the secondary windows, or brings it to the front.
func (h *hasher) open(o shell.WindowOptions) error {
	if w := h.app.Window(ipc.Label(o.Label)); w != nil {
		return w.Focus()
	}
	o.Access = shell.AccessOwn
	w, err := h.app.OpenWindow(o)
	switch {
	case err == nil:
		h.dress(w)
	case h.app.Window(ipc.Label(o.Label)) != nil:
		err = nil // A concurrent call has opened it.
	}
	return err
}

// dress sets the theme of a window's first page before its own scripts run, so that a dark page
// does not flash light.
func (h *hasher) dress(w *shell.Window) {
	theme := h.preferences.now().Theme
	if theme == ThemeSystem {
		return
	}
	script, err := ipc.Scriptf("document.documentElement.dataset.theme = %v", theme)
	if err == nil {
		err = w.Eval(script)
	}
	h.logError(err)
}
