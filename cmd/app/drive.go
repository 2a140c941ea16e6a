package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	json "github.com/goccy/go-json"

	"casement/ipc"
	"casement/shell"
)

// driveTimeout is the time that the page has to start. The time for hashing depends on the file.
const driveTimeout = 30 * time.Second

// photographTimeout is the time that a screenshot may take.
const photographTimeout = 10 * time.Second

// untilReady waits until the page has started, which its first state shows.
const untilReady = `
	while (document.body?.dataset.state === undefined) await new Promise((go) => setTimeout(go, 10));
	return document.body.dataset.state;
`

// hashInPage acts like a user: it fills in the path, presses the button, waits for the result and
// reads it.
const hashInPage = `
	const path = document.querySelector('#path');
	path.value = %v;
	path.dispatchEvent(new Event('input', { bubbles: true }));
	document.querySelector('#hash').click();
	const over = ['done', 'error', 'cancelled'];
	while (!over.includes(document.body.dataset.state)) await new Promise((go) => setTimeout(go, 10));
	await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
	const text = (id) => document.querySelector(id)?.textContent.trim() ?? '';
	return { state: document.body.dataset.state, digest: text('#digest'), error: text('#error'), status: text('#status') };
`

// outcome is the result that the page shows.
type outcome struct {
	State  string `json:"state"`
	Digest string `json:"digest"`
	Error  string `json:"error"`
	Status string `json:"status"`
}

// drive hashes a file through the page and prints the digest that the page shows.
func drive(ctx context.Context, window *shell.Window, o options) error {
	path, err := filepath.Abs(o.file)
	if err != nil {
		return err
	}
	shown, err := hashThroughPage(ctx, window, path)
	if err != nil {
		return fmt.Errorf("driving the page: %w", err)
	}
	if o.screenshot != "" {
		if err := photograph(ctx, window, o.screenshot); err != nil {
			return err
		}
	}
	switch shown.State {
	case "done":
		_, err := fmt.Printf("sha256  %s  %s\n", shown.Digest, path)
		return err
	case "error":
		return errors.New(shown.Error)
	default:
		return errors.New(shown.Status)
	}
}

func hashThroughPage(ctx context.Context, window *shell.Window, path string) (shown outcome, err error) {
	starting, cancel := context.WithTimeout(ctx, driveTimeout)
	defer cancel()
	if _, err := window.EvalResult(starting, untilReady); err != nil {
		return shown, err
	}
	script, err := ipc.Scriptf(hashInPage, path)
	if err != nil {
		return shown, err
	}
	text, err := window.EvalResult(ctx, script)
	if err != nil {
		return shown, err
	}
	return shown, json.Unmarshal(text, &shown)
}

// photograph takes a screenshot of the window, which ImageMagick finds by its title.
func photograph(ctx context.Context, window *shell.Window, file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, photographTimeout)
	defer cancel()
	for {
		// The page changes the title too, perhaps once more after this.
		if err := window.SetTitle(title); err != nil {
			return err
		}
		out, err := exec.CommandContext(ctx, "import", "-window", title, file).CombinedOutput()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("taking a screenshot with ImageMagick's import: %w: %s", err, out)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
