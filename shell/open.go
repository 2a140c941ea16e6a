package shell

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"casement/events"
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
	a.tell(func() error {
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
		a.tell(func() error { return a.events.Announce("", EventOpenFile, filesPayload{files}, events.Retain) })
	}
	if len(urls) > 0 {
		a.tell(func() error { return a.events.Announce("", EventOpenURL, urlsPayload{urls}, events.Retain) })
	}
}

// sort parts URLs of the app's own schemes from files, which may have come as file: URLs, and makes these
// absolute.
func (a *App) sort(m instance.Message) (files, urls []string) {
	for _, arg := range m.Args {
		scheme, _, found := strings.Cut(arg, ":")
		scheme = strings.ToLower(scheme)
		if found && slices.Contains(a.options.URLSchemes, scheme) {
			urls = append(urls, arg)
			continue
		}
		if found && scheme == "file" {
			if path, ok := pathOf(arg); ok {
				files = append(files, path)
				continue
			}
		}
		if arg == "" {
			continue
		}
		if !filepath.IsAbs(arg) {
			arg = filepath.Join(m.Dir, arg)
		}
		files = append(files, arg)
	}
	return files, urls
}

// pathOf returns the path that a file: URL of this machine names.
func pathOf(text string) (string, bool) {
	u, err := url.Parse(text)
	if err != nil || (u.Host != "" && u.Host != "localhost") || !strings.HasPrefix(u.Path, "/") {
		return "", false
	}
	path := u.Path
	if runtime.GOOS == "windows" {
		path = strings.TrimPrefix(path, "/") // That of file:///C:/x is /C:/x.
	}
	return filepath.FromSlash(path), true
}
