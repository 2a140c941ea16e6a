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

// own returns the arguments and the folder that this process was started with.
func (a *App) own() instance.Message {
	dir, err := os.Getwd()
	if err != nil {
		a.log.Warn("relative paths can't be opened: the working directory is unknown", "error", err)
	}
	return instance.Message{Args: a.options.Open, Dir: dir}
}

// claim makes this process the app's only instance, if Options.SingleInstance asks for that. If
// another process is the instance, claim passes this start on to it and reports first as false.
// release gives the claim up.
func (a *App) claim(ctx context.Context) (release func(), first bool, err error) {
	if !a.options.SingleInstance {
		return func() {}, true, nil
	}
	c, err := instance.Take(ctx, a.options.ID, a.own(), a.startedAgain)
	switch {
	case errors.Is(err, instance.ErrNoAnswer):
		return nil, false, err
	case err != nil:
		// Two instances of an app are better than none.
		a.log.Warn("cannot look for another instance of the app; this one starts beside it", "error", err)
		return func() {}, true, nil
	case c == nil:
		return nil, false, nil
	}
	giveUp := func() {
		if err := c.Close(); err != nil {
			a.log.Warn("cannot release the single-instance claim", "error", err)
		}
	}
	// An app that is ending opens nothing more, so the next instance need not wait for its end.
	stop := context.AfterFunc(a.ctx, giveUp)
	return func() { stop(); giveUp() }, true, nil
}

// startedAgain serves the start of a later process. It reports false if the app is ending.
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

// open emits retained events for the files and URLs of a start.
func (a *App) open(m instance.Message) {
	files, urls := a.sort(m)
	if len(files) > 0 {
		tellAll(a, FilesOpened, Files{files}, true)
	}
	if len(urls) > 0 {
		tellAll(a, URLsOpened, URLs{urls}, true)
	}
}

// sort separates the URLs of the app's own schemes from files. It makes file paths absolute and
// accepts files as file: URLs. It logs arguments that name no file on this machine.
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
			a.log.Warn("an argument is not a file and cannot be opened", "argument", arg, "error", err)
			continue
		}
		files = append(files, path)
	}
	return files, urls
}

// absolute returns the absolute path of a path that is relative to dir. On Windows a path may have
// a drive and no root, or a root and no drive.
func absolute(dir, path string) (string, error) {
	if filepath.IsAbs(path) {
		return path, nil
	}
	if !filepath.IsAbs(dir) {
		return "", errors.New("the path is relative, and the working directory is unknown")
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
