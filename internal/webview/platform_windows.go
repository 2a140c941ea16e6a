package webview

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// maxScript is the size that passed bytes to a page fastest on WebKitGTK. WebView2 has no known
// limit below it. It is not measured on Windows.
func maxScript() int { return 256 << 10 }

var (
	user32   = syscall.NewLazyDLL("user32.dll")
	comdlg32 = syscall.NewLazyDLL("comdlg32.dll")
)

// onMainThread accepts every thread: on Windows any thread may own windows, and webview_go has
// locked the main goroutine to its thread.
func onMainThread() bool { return true }

// preparePlatform fails without the WebView2 runtime: webview_go's New would hang.
func preparePlatform(LoopOptions) error {
	if !webView2Installed() {
		return ErrNoWebView2
	}
	return nil
}

// webView2Installed reads the runtime's version from the registry keys that Microsoft documents for
// this check: machine-wide (a 64-bit process finds it under WOW6432Node) or for this user.
func webView2Installed() bool {
	const client = `Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}`
	for _, k := range []struct {
		root syscall.Handle
		path string
	}{
		{syscall.HKEY_LOCAL_MACHINE, `SOFTWARE\WOW6432Node\` + client},
		{syscall.HKEY_LOCAL_MACHINE, `SOFTWARE\` + client},
		{syscall.HKEY_CURRENT_USER, `Software\` + client},
	} {
		if v := registryString(k.root, k.path, "pv"); v != "" && v != "0.0.0.0" {
			return true
		}
	}
	return false
}

func registryString(root syscall.Handle, path, name string) string {
	var key syscall.Handle
	if syscall.RegOpenKeyEx(root, utf16(path), 0, syscall.KEY_READ, &key) != nil {
		return ""
	}
	defer syscall.RegCloseKey(key)
	var kind uint32
	buf := make([]uint16, 64) // a version has at most 23 characters
	size := uint32(len(buf) * 2)
	err := syscall.RegQueryValueEx(key, utf16(name), nil, &kind, (*byte)(unsafe.Pointer(&buf[0])), &size)
	if err != nil || kind != syscall.REG_SZ {
		return ""
	}
	return syscall.UTF16ToString(buf)
}

// utf16 converts a string up to its first NUL, which a C string can't hold.
func utf16(s string) *uint16 {
	before, _, _ := strings.Cut(s, "\x00")
	p, _ := syscall.UTF16PtrFromString(before)
	return p
}

// beforeNew removes the WM_QUIT that the last closed window has put into the thread's message
// queue. With it there, New would return a window without a view.
func beforeNew() {
	const wmQuit, remove = 0x0012, 1
	var msg [48]byte // sizeof(MSG) in a 64-bit process; it is less in a 32-bit one
	peek := user32.NewProc("PeekMessageW")
	_, _, _ = peek.Call(uintptr(unsafe.Pointer(&msg)), 0, wmQuit, wmQuit, remove)
	runtime.KeepAlive(&msg)
}

// openURL uses rundll32, which passes the URL on unchanged. The start command of cmd would parse
// it.
func openURL(url string) error { return startAndForget("rundll32", "url.dll,FileProtocolHandler", url) }

// Alert shows an error in a message box, which needs no WebView2, and waits until it is closed. It
// ignores ctx.
func Alert(_ context.Context, title, text string) {
	const iconError = 0x10
	_, _, _ = user32.NewProc("MessageBoxW").Call(0,
		uintptr(unsafe.Pointer(utf16(text))), uintptr(unsafe.Pointer(utf16(title))), iconError)
}

func terminal(os.FileInfo) bool {
	var mode uint32
	return windows.GetConsoleMode(windows.Handle(os.Stderr.Fd()), &mode) == nil
}

// openFileName is Windows' OPENFILENAMEW.
type openFileName struct {
	size         uint32
	owner        uintptr
	instance     uintptr
	filter       *uint16
	customFilter *uint16
	maxCustom    uint32
	filterIndex  uint32
	file         *uint16
	maxFile      uint32
	fileTitle    *uint16
	maxFileTitle uint32
	initialDir   *uint16
	title        *uint16
	flags        uint32
	fileOffset   uint16
	extension    uint16
	defaultExt   *uint16
	custData     uintptr
	hook         uintptr
	template     *uint16
	reserved     uintptr
	reservedInt  uint32
	flagsEx      uint32
}

// pickFile shows the dialog of Windows on its own thread, because the call serves events until the
// user has answered.
func pickFile(l *Loop, title string, d *dialog) (remove func()) {
	thread := make(chan uint32, 1)
	over := make(chan struct{})
	go func() {
		defer close(over)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		thread <- windows.GetCurrentThreadId()
		const explorer, mustExist, noChangeDir = 0x80000, 0x1000 | 0x800, 0x8
		buf := make([]uint16, 32768) // the longest path on Windows
		o := openFileName{
			file: &buf[0], maxFile: uint32(len(buf)), title: utf16(title), flags: explorer | mustExist | noChangeDir,
		}
		o.size = uint32(unsafe.Sizeof(o))
		ok, _, _ := comdlg32.NewProc("GetOpenFileNameW").Call(uintptr(unsafe.Pointer(&o)))
		path := syscall.UTF16ToString(buf)
		var err error
		if ok == 0 {
			path = ""
			if code, _, _ := comdlg32.NewProc("CommDlgExtendedError").Call(); code != 0 {
				err = fmt.Errorf("picking a file: the dialog failed with code %#x", code)
			}
		}
		l.Post(func() { l.answer(d, path, err) })
	}()
	return func() { go closeWindows(<-thread, over) }
}

// closeWindows asks the dialogs of a thread to close until over is closed. It repeats that because
// a dialog may be about to open.
func closeWindows(thread uint32, over <-chan struct{}) {
	const wmClose = 0x0010
	next, post := user32.NewProc("FindWindowExW"), user32.NewProc("PostMessageW")
	class := utf16("#32770") // the window class of dialogs
	for {
		var dialog uintptr
		for {
			if dialog, _, _ = next.Call(0, dialog, uintptr(unsafe.Pointer(class)), 0); dialog == 0 {
				break
			}
			if owner, _ := windows.GetWindowThreadProcessId(windows.HWND(dialog), nil); owner == thread {
				_, _, _ = post.Call(dialog, wmClose, 0, 0)
			}
		}
		select {
		case <-over:
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}
