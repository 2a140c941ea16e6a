package webview

import (
	"fmt"
	"net/url"
	"os/exec"
)

// OpenExternal opens a URL in the system's browser or mail program. Only http, https and mailto are accepted: any other
// scheme may start a program. Any goroutine may call it; it does not wait for the browser.
func OpenExternal(raw string) error {
	u, err := url.Parse(raw)
	if err != nil {
		return fmt.Errorf("opening a URL outside: %w", err)
	}
	if !external(u) {
		return fmt.Errorf("opening a URL outside: %q is not http, https or mailto", raw)
	}
	// What was parsed, not what was given: a leading dash or a line break is then impossible.
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

// startAndForget runs a program that may live as long as the browser does, and whose exit code says nothing reliable.
func startAndForget(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { _ = cmd.Wait() }() // so that it doesn't stay behind as a zombie
	return nil
}
