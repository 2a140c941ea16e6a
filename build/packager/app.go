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

// iconFile is the name of the icon file, beside the manifest.
const iconFile = "icon.png"

// iconSize is the largest size that macOS shows. All other sizes are derived from it.
const iconSize = 1024

// An app is the input of the installers.
type app struct {
	manifest.Manifest
	dir     string // the folder of the main package
	shell   string // the folder of Casement's source
	icon    image.Image
	license string    // the text, "" if there is none
	time    time.Time // of all files in the installers
}

func loadApp(ctx context.Context, dir, shell string) (*app, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(dir, manifest.File))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: not found in %s; casement new creates one", manifest.File, dir)
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
		a.Copyright = fmt.Sprintf("%d %s", a.time.Year(), a.Publisher) // A copyright notice needs a year.
	}
	return a, nil
}

// plainIcon is the icon of an app that has none.
//
//go:embed icon.png
var plainIcon []byte

// loadIcon reads the icon and checks its size.
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
		return nil, fmt.Errorf("%s: the icon cannot be read as a PNG: %w", iconFile, err)
	}
	if config.Width != iconSize || config.Height != iconSize {
		return nil, fmt.Errorf("%s: the icon is %d by %d pixels; it must be %d by %[4]d", iconFile, config.Width, config.Height, iconSize)
	}
	icon, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: the icon cannot be read as a PNG: %w", iconFile, err)
	}
	return icon, nil
}

// findLicense returns the licence text of the package's module, or "" if there is none.
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

// sourceDate returns the time of all files: SOURCE_DATE_EPOCH, else the time of the last commit,
// else that of the manifest if there is no commit.
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
	// The times of a zip begin in 1980.
	first := time.Date(1980, 1, 2, 0, 0, 0, 0, time.UTC)
	if err != nil || time.Unix(seconds, 0).Before(first) {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH: %q must be seconds since 1970, for a time in 1980 or later", epoch)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// release splits the version into the release and the pre-release suffix.
func (a *app) release() (version, before string) {
	version, before, _ = strings.Cut(a.Version, "-")
	return version, before
}

// said adds a program's standard error to the error of its exit.
func said(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(exit.Stderr))
	}
	return err
}
