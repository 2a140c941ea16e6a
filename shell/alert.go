package shell

import (
	"context"
	"errors"
	"strings"

	"casement/internal/instance"
	"casement/internal/webview"
)

// alert shows the user why the app does not start. If the standard error is a terminal or a pipe it
// shows nothing, because main reports the error of Run.
func (a *App) alert(ctx context.Context, err error) {
	if a.options.Unattended || webview.Attended() {
		return
	}
	name := a.options.Name
	if name == "" {
		name = a.options.ID
	}
	webview.Alert(ctx, name+" could not start", remedy(err))
}

// remedy returns the text for a user: the remedy of a known error, otherwise the error itself.
func remedy(err error) string {
	text := strings.TrimPrefix(err.Error(), "shell: ")
	switch {
	case errors.Is(err, ErrNoWebView2):
		return "It needs Microsoft's WebView2 runtime, which is not installed on this computer. Download it here, " +
			"free of charge:\n\nhttps://developer.microsoft.com/microsoft-edge/webview2/"
	case errors.Is(err, instance.ErrNoAnswer):
		return "It is already running and does not respond. End it, or log out and in again, and then try again.\n\n(" + text + ")"
	}
	return text
}
