// Command app is Casement's demo: it hashes a file and shows the progress. A second window shows
// the settings and a log of the events between the two. Two more windows stream: one runs a process
// and shows its output, the other shows a picture that Go paints. Both can be paused, which blocks
// their producer.
//
//	hasher [--portable] [--drive] [--screenshot PNG] [FILE]
//
// FILE may also be a URL, hasher:///PATH. If the program is already running, the running instance
// hashes the file.
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"casement/manifest"
	"casement/shell"
)

//go:embed all:dist
var dist embed.FS

//go:embed casement.json
var manifestJSON []byte

// devURL is the address of the development server. Only make dev sets it, at link time.
var devURL string

// about is the application's manifest. Installers are built from it too.
var about = manifest.Must(manifest.Parse(manifestJSON))

var (
	// title differs from the name, which is also the name of a hidden GTK window in X.
	title         = about.Name + ": SHA-256"
	settingsTitle = about.Name + " Settings"
	processTitle  = about.Name + " Process"
	pictureTitle  = about.Name + " Picture"
)

const (
	mainLabel     = "main"
	settingsLabel = "settings"
	processLabel  = "process"
	pictureLabel  = "picture"
)

func main() {
	var o options
	flag.BoolVar(&o.portable, "portable", false, "use only the features of webview_go, as on Windows and macOS")
	flag.BoolVar(&o.drive, "drive", false, "hash FILE through the page, print the digest and quit")
	flag.StringVar(&o.screenshot, "screenshot", "", "with --drive: save a picture of the window in this `file`")
	flag.BoolVar(&o.debug, "debug", false, "enable the webview's developer tools")
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "usage: %s [options] [FILE]\n", filepath.Base(os.Args[0]))
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() > 1 || (o.drive && flag.NArg() == 0) || (o.screenshot != "" && !o.drive) {
		flag.Usage()
		os.Exit(2)
	}
	o.file, o.single = fileOf(flag.Arg(0)), !o.drive
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// options are the options of the command line.
type options struct {
	portable, drive, debug bool
	single                 bool // a second start passes its file to the first
	screenshot             string
	file                   string
	config                 string // the folder of the settings; empty means the user's
}

// configFile returns the path of a settings file. With --drive it returns "", because the output
// must not depend on the user's settings, and they must not change.
func (o options) configFile(name string) (string, error) {
	if o.drive {
		return "", nil
	}
	if o.config != "" {
		return filepath.Join(o.config, name), nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, about.ID, name), nil
}

// run runs the app until it ends.
func run(ctx context.Context, o options) error {
	app, window, err := newApp(o)
	if err != nil {
		return err
	}
	if !o.drive {
		return app.Run(ctx)
	}
	driven := make(chan error, 1)
	go func() {
		defer app.Quit()
		driven <- drive(app.Context(), window, o)
	}()
	if err := app.Run(ctx); err != nil {
		return err
	}
	return <-driven
}

// newApp returns the app, ready to run, and its main window.
func newApp(o options) (*shell.App, *shell.Window, error) {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, nil, err
	}
	if _, err := fs.Stat(files, "index.html"); err != nil && devURL == "" {
		return nil, nil, errors.New("the page is not embedded: run make build")
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	settings := shell.Options{
		ID: about.ID, Name: about.Name, Assets: files, DevURL: devURL, Portable: o.portable,
		Debug: o.debug || devURL != "", Logger: log, SingleInstance: o.single, Unattended: o.drive,
	}
	if o.single && o.file != "" {
		settings.Open = []string{o.file}
	}
	app := shell.New(settings)
	h := &hasher{app: app, log: log, file: o.file}
	h.restore(o)
	if err := h.register(); err != nil {
		return nil, nil, err
	}
	window, err := app.OpenWindow(shell.WindowOptions{
		Label: mainLabel, Title: title, Width: 760, Height: 560, MinWidth: 420, MinHeight: 420,
		Access: shell.AccessOwn, OnDrop: h.dropped,
	})
	if err == nil {
		h.dress(window)
	}
	return app, window, err
}

// restore loads the settings and the history of earlier runs. It logs a file that cannot be read
// and uses the defaults instead.
func (h *hasher) restore(o options) {
	settings, err := o.configFile("settings.json")
	if err != nil {
		h.log.Error("the settings folder is unknown; settings last until the app ends", "error", err)
	}
	if h.preferences, err = openPreferences(settings); err != nil {
		h.log.Error("the settings cannot be read; the defaults apply", "error", err)
	}
	history, _ := o.configFile("history.json") // The folder is the same, and so is the error.
	if h.recents, err = openRecents(history); err != nil {
		h.log.Error("the history cannot be read; it starts empty", "error", err)
	}
	if !h.preferences.now().KeepHistory {
		h.logError(h.recents.clear(func([]Recent) {}))
	}
}
