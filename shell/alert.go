package shell

import (
	"context"
	"errors"
	"strings"

	"casement/internal/instance"
	"casement/internal/webview"
)

// alert shows a person why the app does not come up. Where somebody reads the standard error it is for main to
// say what Run returned.
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

// remedy says what a person can do about an error, or else the error.
func remedy(err error) string {
	text := strings.TrimPrefix(err.Error(), "shell: ")
	switch {
	case errors.Is(err, ErrNoWebView2):
		return "It needs Microsoft's WebView2 runtime, which is not installed on this computer. Microsoft has it here, " +
			"free of charge:\n\nhttps://developer.microsoft.com/microsoft-edge/webview2/"
	case errors.Is(err, instance.ErrNoAnswer):
		return "It is running already, and does not answer. End it, or log out and in, and try again.\n\n(" + text + ")"
	}
	return text
}
