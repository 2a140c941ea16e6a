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
	"unsafe"

	"golang.org/x/sys/unix"
)

// MaxScript returns the largest script, in bytes, worth handing to one Eval: above 8 to 16 KB they were reported to leave memory
// behind in WKWebView. Not measured.
func MaxScript() int { return 8 << 10 }

func onMainThread() bool { return C.pthread_main_np() != 0 }

func preparePlatform(LoopOptions) error { return nil }

func beforeNew() {}

func afterNew(*Loop) {}

func openURL(url string) error { return startAndForget("open", url) }

// Alert shows a dialog and waits until it is closed or ctx is done.
func Alert(ctx context.Context, title, text string) {
	_ = exec.CommandContext(ctx, "osascript", "-e", `on run argv
	display alert (item 1 of argv) message (item 2 of argv) as critical
end run`, title, text).Run()
}

// answerDialogs has nothing to do: a page's dialogs go with its window.
func answerDialogs(unsafe.Pointer) {}

func terminal(info os.FileInfo) bool {
	if info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	_, err := unix.IoctlGetTermios(int(os.Stderr.Fd()), unix.TIOCGETA)
	return err == nil
}

// pickFile has the system's script runner ask: webview_go has no dialog to open from Go.
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
