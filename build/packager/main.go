// Command packager makes installers of an application; casement dist builds and runs it. It has a module of
// its own, since what it stands on is of no use to the applications themselves.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
)

const usage = `usage: casement dist [-o folder] [-formats list] [package]

It makes installers of the package, the one in the current directory if none is named: of its program, of
casement.json, which says what the app is, and of icon.png, 1024 by 1024 pixels, or a plain icon if there is
none. Either all that were asked for are in the folder in the end, or it is as it was. The page must have been
built.

These are used to sign, if they are set:

  CASEMENT_GPG_KEY                file with an OpenPGP secret key, without other keys: .deb, .rpm, SHA256SUMS
  CASEMENT_GPG_PASSPHRASE         its passphrase
  CASEMENT_CODESIGN_PFX           file with a certificate and its key, for Windows' files
  CASEMENT_CODESIGN_PASSWORD      its password
  CASEMENT_CODESIGN_TIMESTAMP     URL of a server that certifies the time

SOURCE_DATE_EPOCH is the time that everything inside has; without it, that of the last commit.

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit status: 2 is for wrong arguments.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("dist", flag.ContinueOnError)
	flags.SetOutput(stderr)
	out := flags.String("o", filepath.Join("build", "dist"), "the `folder` that gets the installers")
	list := flags.String("formats", strings.Join(defaults(), ","), "comma-separated `list` of them")
	shell := flags.String("casement", "", "the `folder` of Casement's own source")
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	if flags.NArg() > 1 {
		flags.Usage()
		return 2
	}
	dir := "."
	if flags.NArg() == 1 {
		dir = flags.Arg(0)
	}
	if err := dist(ctx, dir, *shell, *out, strings.Split(*list, ","), stdout, stderr); err != nil {
		fmt.Fprintln(stderr, "casement dist:", err)
		return 1
	}
	return 0
}

// dist makes the formats. Nothing that is in the folder already changes before all are made.
func dist(ctx context.Context, dir, shell, out string, names []string, stdout, stderr io.Writer) (err error) {
	chosen, err := choose(names)
	if err != nil {
		return err
	}
	a, err := loadApp(ctx, dir, shell)
	if err != nil {
		return err
	}
	signer, err := newSigner(os.Getenv)
	if err != nil {
		return err
	}
	if err := lookForTools(chosen, signer); err != nil {
		return err
	}
	if out, err = filepath.Abs(out); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o777); err != nil {
		return err
	}
	// Beside the folder, so that what is ready can be renamed into it.
	scratch, err := os.MkdirTemp(filepath.Dir(out), ".dist-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()

	j, err := newJob(a, signer, scratch, stderr)
	if err != nil {
		return err
	}
	var made []artifact
	for _, f := range chosen {
		if err := ctx.Err(); err != nil {
			return err
		}
		one, err := f.make(ctx, j)
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		made = append(made, one)
	}
	sums, err := checksums(j, made)
	if err != nil {
		return err
	}
	made = append(made, sums...)
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	for _, one := range made {
		if err := os.Rename(filepath.Join(j.out, one.file), filepath.Join(out, one.file)); err != nil {
			return err
		}
	}
	if signer.gpg == "" {
		// One of an earlier time is not that of these sums.
		if err := os.Remove(filepath.Join(out, signatureFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return report(stdout, out, made)
}

// defaults are the formats that this machine can make.
func defaults() []string {
	var names []string
	for _, f := range formats {
		if slices.Contains(f.hosts, runtime.GOOS) {
			names = append(names, f.name)
		}
	}
	return names
}
