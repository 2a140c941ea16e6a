package webview

/*
#include <pthread.h>
*/
import "C"

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"golang.org/x/sys/unix"
)

// maxScript follows reports that scripts above 8 to 16 KB leak memory in WKWebView. It is not
// measured.
func maxScript() int { return 8 << 10 }

func onMainThread() bool { return C.pthread_main_np() != 0 }

func preparePlatform(LoopOptions) error { return nil }

func beforeNew() {}

func openURL(url string) error { return startAndForget("open", url) }

// Alert shows an error in a dialog and waits until the dialog is closed or ctx is done.
func Alert(ctx context.Context, title, text string) {
	_ = exec.CommandContext(ctx, "osascript", "-e", `on run argv
	display alert (item 1 of argv) message (item 2 of argv) as critical
end run`, title, text).Run()
}

func terminal(info os.FileInfo) bool {
	if info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	_, err := unix.IoctlGetTermios(int(os.Stderr.Fd()), unix.TIOCGETA)
	return err == nil
}

// pickFile shows the dialog of osascript, the system's script runner: webview_go has none.
func pickFile(l *Loop, title string, d *dialog) (remove func()) {
	ctx, cancel := context.WithCancel(l.ctx)
	go func() {
		out, err := exec.CommandContext(ctx, "osascript", "-e", `on run argv
	try
		return POSIX path of (choose file with prompt (item 1 of argv))
	on error number -128
		return ""
	end try
end run`, title).Output()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
		}
		if err != nil {
			err = fmt.Errorf("picking a file: %w", err)
		}
		path := strings.TrimSuffix(string(out), "\n")
		l.Post(func() { l.answer(d, path, err) })
	}()
	return cancel
}
