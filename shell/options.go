package shell

import (
	"io/fs"
	"log/slog"
	"net/http"
	"time"
)

const (
	// DefaultShutdownTimeout is the time that commands have to return after their contexts are
	// cancelled. It is the longest that a user who has closed the last window waits for the program
	// to end.
	DefaultShutdownTimeout = 5 * time.Second
	// DefaultCloseTimeout is the time that OnClose and the page have to answer a request to close.
	// Then the window closes.
	DefaultCloseTimeout = 5 * time.Second
)

// Options configure an application. ID is required, and Assets is required unless every window has
// a URL.
type Options struct {
	// ID identifies the application to the system, such as "com.example.hasher". The desktop finds
	// its windows by ID, and the data that its pages store belongs to ID. The rules are those for
	// the id in casement.json, see package manifest; Run returns an error for an invalid ID.
	ID string
	// Name is the application's name for users. Empty means ID.
	Name string
	// Assets are the files of the frontend, with index.html at the top. Run and OpenWindow return
	// an error if a window has neither that file nor a document at its Path.
	Assets fs.FS
	// DevURL is the origin of a development server, such as "http://localhost:5173". Windows then
	// show its pages in place of Assets, and those pages may call Go. Never read DevURL from
	// outside the program in a build that users get: casement dev sets it at link time. OpenWindow
	// and Run return an error for a URL with a path.
	DevURL string
	// CSP is the Content-Security-Policy of the app's documents. Empty means DefaultCSP: everything
	// from the app itself, and nothing else. If the policy allows scripts from 'self' and has no
	// other rule for inline scripts, the inline scripts of each document are allowed by their
	// hashes.
	CSP string
	// CSPAdd adds sources to the policy by directive, such as {"connect-src":
	// {"https://api.example.com"}}. OpenWindow and Run return an error for an unknown directive or
	// an invalid source.
	CSPAdd map[string][]string
	// Headers are added to every response with the app's files, such as Cross-Origin-Opener-Policy.
	// OpenWindow and Run return an error for headers that describe the response's body, such as
	// Content-Length.
	Headers http.Header
	// Portable restricts Linux to the features of webview_go, which Windows and macOS always use.
	Portable bool
	// Debug enables the webview's developer tools.
	Debug bool
	// Logger receives warnings and errors. Nil means slog.Default.
	Logger *slog.Logger
	// Unattended suppresses the dialog for an error that ends the app before its windows are open.
	// Without Unattended the dialog appears unless the standard error is a terminal or a pipe.
	Unattended bool
	// KeepRunning keeps the app running when its last window has closed, until Quit.
	KeepRunning bool

	// SingleInstance makes the first process with this ID serve every start. A later process passes
	// its Open list to the first one, which emits the events and brings its oldest window to the
	// front. Run of the later process returns nil without opening a window.
	SingleInstance bool
	// Open are the files and URLs that this start is to open, usually the arguments of the command
	// line. Run emits FilesOpened and URLsOpened for them. A file may be given as a file: URL; one
	// that names no file on this machine is logged.
	Open []string
	// URLSchemes lists the schemes that mark an entry of Open as a URL, such as "hasher" for
	// hasher:…. All other entries are files.
	URLSchemes []string

	// MaxMessage is the size of the largest message that a page may send, in bytes. Zero means 64
	// MiB.
	MaxMessage int
	// MaxBacklog bounds the outbox of a page that does not drain, in bytes. Zero means 64 MiB.
	MaxBacklog int
	// MaxCalls bounds the calls in flight of one page. Zero means 65,536.
	MaxCalls int
	// MaxHeld bounds the memory that Go holds for the pages of one window, in bytes. Zero means 256
	// MiB or four times MaxMessage, whichever is larger.
	MaxHeld int
	// ShutdownTimeout is the time that commands have to return at the end. Zero means
	// DefaultShutdownTimeout.
	ShutdownTimeout time.Duration
	// CloseTimeout is the time that OnClose and the page together have to answer a request to
	// close. Zero means DefaultCloseTimeout.
	CloseTimeout time.Duration
}
