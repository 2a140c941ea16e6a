package webview

import (
	"fmt"
	"net/url"
	"os/exec"
)

// OpenExternal opens a URL in the system's browser or mail program. It accepts http, https and
// mailto only: other schemes may start any program. It may be called from any goroutine and does
// not wait for the browser.
func OpenExternal(raw string) error {
	u, err := url.Parse(raw)
	if err != nil {
		return fmt.Errorf("opening a URL outside: %w", err)
	}
	if !external(u) {
		return fmt.Errorf("opening a URL outside: %q is not http, https or mailto", raw)
	}
	// The parsed URL can have neither a leading dash nor a line break.
	if err := openURL(u.String()); err != nil {
		return fmt.Errorf("opening a URL outside: %w", err)
	}
	return nil
}

func external(u *url.URL) bool {
	switch u.Scheme {
	case "http", "https":
		return u.Host != ""
	case "mailto":
		return u.Opaque != ""
	}
	return false
}

// startAndForget starts a program and does not wait for it: it may run as long as the browser, and
// its exit code is not reliable.
func startAndForget(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { _ = cmd.Wait() }() // reaps the process
	return nil
}
