package shell

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"casement/internal/fileurl"
	"casement/internal/instance"
)

// own is what this process itself was started with.
func (a *App) own() instance.Message {
	dir, err := os.Getwd()
	if err != nil {
		a.log.Warn("relative paths can't be opened", "error", err)
	}
	return instance.Message{Args: a.options.Open, Dir: dir}
}

// claim makes this process the one that serves the user, if there has to be one. It reports whether it is;
// if not, what it was to open is handed over. Release gives that up.
func (a *App) claim(ctx context.Context) (release func(), first bool, err error) {
	if !a.options.SingleInstance {
		return func() {}, true, nil
	}
	c, err := instance.Take(ctx, a.options.ID, a.own(), a.startedAgain)
	switch {
	case errors.Is(err, instance.ErrNoAnswer):
		return nil, false, err
	case err != nil:
		// Two of an app are better than none.
		a.log.Warn("other instances of the app can't be found", "error", err)
		return func() {}, true, nil
	case c == nil:
		return nil, false, nil
	}
	giveUp := func() {
		if err := c.Close(); err != nil {
			a.log.Warn("giving up to be the app's only instance", "error", err)
		}
	}
	// An app that is ending opens nothing any more, so the next one need not wait for its end.
	stop := context.AfterFunc(a.ctx, giveUp)
	return func() { stop(); giveUp() }, true, nil
}

// startedAgain is told of a later process. It reports false if the app is ending.
func (a *App) startedAgain(m instance.Message) bool {
	if a.ctx.Err() != nil {
		return false
	}
	a.open(m)
	a.queue(func() error {
		windows := a.Windows()
		if len(windows) == 0 {
			return nil
		}
		if err := windows[0].Focus(); err != nil && !errors.Is(err, ErrClosed) {
			return err
		}
		return nil
	})
	return true
}

// open tells everybody, later listeners included, of what the user opens.
func (a *App) open(m instance.Message) {
	files, urls := a.sort(m)
	if len(files) > 0 {
		tellAll(a, FilesOpened, Files{files}, true)
	}
	if len(urls) > 0 {
		tellAll(a, URLsOpened, URLs{urls}, true)
	}
}

// sort parts URLs of the app's own schemes from files, which may have come as file: URLs, and makes these
// absolute. What names no file of this machine is logged.
func (a *App) sort(m instance.Message) (files, urls []string) {
	for _, arg := range m.Args {
		scheme, _, found := strings.Cut(arg, ":")
		scheme = strings.ToLower(scheme)
		switch {
		case arg == "":
			continue
		case found && slices.Contains(a.options.URLSchemes, scheme):
			urls = append(urls, arg)
			continue
		}
		var path string
		var err error
		if found && scheme == "file" {
			path, err = fileurl.Path(arg)
		} else {
			path, err = absolute(m.Dir, arg)
		}
		if err != nil {
			a.log.Warn("this can't be opened", "argument", arg, "error", err)
			continue
		}
		files = append(files, path)
	}
	return files, urls
}

// absolute returns the path that a process in dir means. On Windows a path may have a drive and no root, or a
// root and no drive.
func absolute(dir, path string) (string, error) {
	if filepath.IsAbs(path) {
		return path, nil
	}
	if !filepath.IsAbs(dir) {
		return "", errors.New("the folder that the path is relative to is not known")
	}
	drive, own := filepath.VolumeName(path), filepath.VolumeName(dir)
	rest := path[len(drive):]
	switch {
	case rest != "" && os.IsPathSeparator(rest[0]):
		return own + rest, nil
	case drive != "" && !strings.EqualFold(drive, own):
		return drive + string(filepath.Separator) + rest, nil
	}
	return filepath.Join(dir, rest), nil
}
