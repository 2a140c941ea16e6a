package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"casement/manifest"
)

// iconFile is the name of the icon, beside the manifest.
const iconFile = "icon.png"

// iconSize is what macOS shows at most; every other size is made of it.
const iconSize = 1024

// An app is what installers are made of.
type app struct {
	manifest.Manifest
	dir     string // of its main package
	shell   string // Casement's own source
	icon    image.Image
	license string    // the text, empty if there is none
	time    time.Time // of all that is inside
}

func loadApp(ctx context.Context, dir, shell string) (*app, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(dir, manifest.File))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: there is none in %s", manifest.File, dir)
	}
	if err != nil {
		return nil, err
	}
	a := &app{dir: dir, shell: shell}
	if a.Manifest, err = manifest.Parse(data); err != nil {
		return nil, err
	}
	if a.icon, err = loadIcon(filepath.Join(dir, iconFile)); err != nil {
		return nil, err
	}
	if a.license, err = findLicense(ctx, dir); err != nil {
		return nil, err
	}
	if a.time, err = sourceDate(ctx, dir, os.Getenv("SOURCE_DATE_EPOCH")); err != nil {
		return nil, err
	}
	if a.Copyright == a.Publisher {
		a.Copyright = fmt.Sprintf("%d %s", a.time.Year(), a.Publisher) // A notice has a year.
	}
	return a, nil
}

// plainIcon is that of an app which has none yet.
//
//go:embed icon.png
var plainIcon []byte

// loadIcon reads the icon and holds it to its size.
func loadIcon(path string) (image.Image, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		data, err = plainIcon, nil
	}
	if err != nil {
		return nil, err
	}
	config, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: it does not read as a PNG: %w", iconFile, err)
	}
	if config.Width != iconSize || config.Height != iconSize {
		return nil, fmt.Errorf("%s: it is %d by %d pixels, and must be %d by %[4]d", iconFile, config.Width, config.Height, iconSize)
	}
	icon, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: it does not read as a PNG: %w", iconFile, err)
	}
	return icon, nil
}

// findLicense reads the licence of the module that a package is in. There may be none.
func findLicense(ctx context.Context, dir string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("finding the module of %s: %w", dir, said(err))
	}
	for _, folder := range []string{dir, strings.TrimSpace(string(out))} {
		for _, name := range []string{"LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING"} {
			text, err := os.ReadFile(filepath.Join(folder, name))
			if err == nil {
				return string(text), nil
			}
			if !errors.Is(err, fs.ErrNotExist) {
				return "", err
			}
		}
	}
	return "", nil
}

// sourceDate returns the time that all files get: what the environment says; without that, the last
// commit's; and that of the manifest where there is no commit yet.
func sourceDate(ctx context.Context, dir, epoch string) (time.Time, error) {
	if epoch == "" {
		cmd := exec.CommandContext(ctx, "git", "log", "-1", "--format=%ct")
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil {
			info, err := os.Stat(filepath.Join(dir, manifest.File))
			if err != nil {
				return time.Time{}, err
			}
			return info.ModTime().UTC().Truncate(time.Second), nil
		}
		epoch = strings.TrimSpace(string(out))
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	// A zip's time begins in 1980.
	first := time.Date(1980, 1, 2, 0, 0, 0, 0, time.UTC)
	if err != nil || time.Unix(seconds, 0).Before(first) {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH: %q is no number of seconds since 1970 that is in 1980 or later", epoch)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// release returns the version without what precedes a release, and that.
func (a *app) release() (version, before string) {
	version, before, _ = strings.Cut(a.Version, "-")
	return version, before
}

// said adds what a program wrote to the error that it ended with.
func said(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(exit.Stderr))
	}
	return err
}
