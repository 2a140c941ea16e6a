package shell

import (
	"io/fs"
	"log/slog"
	"net/http"
	"time"
)

const (
	// DefaultShutdownTimeout is how long commands have to return once their contexts are cancelled. A
	// person who has closed a window waits no longer than this for the program to be gone.
	DefaultShutdownTimeout = 5 * time.Second
	// DefaultCloseTimeout is how long a window's OnClose may take. Then the window closes.
	DefaultCloseTimeout = 5 * time.Second
)

// Options describe an application. Only ID and, unless all windows have a URL, Assets must be set.
type Options struct {
	// ID names the application to the system, such as "com.example.hasher". Its windows and the data that
	// its pages store are known by it. The rule is that for the id in casement.json, see package manifest. Run
	// returns an error for any other.
	ID string
	// Name is what a person calls the application. Empty means ID.
	Name string
	// Assets are the files of the frontend, with index.html at the top. Where neither that nor the document
	// at a window's Path is there, Run returns an error, and so does a later OpenWindow.
	Assets fs.FS
	// DevURL is the origin at which a development server serves the frontend, such as
	// "http://localhost:5173"; one with a path is an error of OpenWindow and Run. Windows then show that in
	// place of Assets, and its origin may talk to Go. It must not come from outside a program that people
	// use: casement dev sets a variable for it when it links.
	DevURL string
	// CSP is the Content-Security-Policy of the app's documents. Empty means DefaultCSP: everything from the
	// app itself, and nothing else. Where the policy lets 'self' run scripts, and allows no inline ones in
	// another way, each document's own inline scripts are allowed too, by their hashes.
	CSP string
	// CSPAdd has the policy allow more, by directive, such as {"connect-src": {"https://api.example.com"}}.
	// An unknown directive, or what is no source, is an error of OpenWindow and Run.
	CSPAdd map[string][]string
	// Headers are added to all responses with the app's files, such as Cross-Origin-Opener-Policy. Those
	// that say how a response is to be read, such as Content-Length, are an error of OpenWindow and Run.
	Headers http.Header
	// Portable has Linux use only what webview_go offers, which is what Windows and macOS always use.
	Portable bool
	// Debug turns on the webview's developer tools.
	Debug bool
	// Logger takes what goes wrong. Nil means slog.Default.
	Logger *slog.Logger
	// Unattended shows nothing to a person if the app ends with an error before its windows are open. All
	// others show a dialog then, unless the standard error is a terminal or a pipe: there, who reads it
	// learns of what Run returns.
	Unattended bool
	// KeepRunning keeps the app running when its last window has closed, until Quit.
	KeepRunning bool

	// SingleInstance has the first process with this ID serve all that the user starts: what a later one is
	// to Open comes to it as events, it brings its oldest window to the front, and the later one's Run
	// returns nil without having opened anything.
	SingleInstance bool
	// Open are the files and URLs that this start is to open: those of the command line, which is where
	// desktops put them. Run emits FilesOpened and URLsOpened for them. A file may be a file: URL; one
	// that names no file of this machine is logged.
	Open []string
	// URLSchemes say which of Open are URLs, such as "hasher" for hasher:…; all others are files.
	URLSchemes []string

	// MaxMessage is the largest message taken from a page, in bytes. Zero means 64 MiB.
	MaxMessage int
	// MaxBacklog bounds what waits for a page that does not drain, in bytes. Zero means 64 MiB.
	MaxBacklog int
	// MaxCalls bounds the calls that one page has in flight. Zero means 65,536.
	MaxCalls int
	// MaxHeld bounds what the pages of one window make Go hold, in bytes. Zero means 256 MiB or
	// four times MaxMessage, whichever is larger.
	MaxHeld int
	// ShutdownTimeout is how long commands have to return at the end. Zero means DefaultShutdownTimeout.
	ShutdownTimeout time.Duration
	// CloseTimeout is how long a window's OnClose may take. Zero means DefaultCloseTimeout.
	CloseTimeout time.Duration
}
