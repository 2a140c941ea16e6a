// Command packager builds installers of an application. casement dist builds and runs it. It is a
// module of its own, because the applications do not need its dependencies.
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

Builds installers of the package, by default the one in the current directory, from its program, its
casement.json and its icon.png, 1024 by 1024 pixels. Without icon.png it uses a plain icon. If an error
occurs, the output folder stays unchanged. Build the page first.
built.

Signing uses these variables, if they are set:

  CASEMENT_GPG_KEY                file with an OpenPGP secret key, without other keys: .deb, .rpm, SHA256SUMS
  CASEMENT_GPG_PASSPHRASE         its passphrase
  CASEMENT_CODESIGN_PFX           file with a certificate and its key, for Windows files
  CASEMENT_CODESIGN_PASSWORD      its password
  CASEMENT_CODESIGN_TIMESTAMP     URL of a server that certifies the time

SOURCE_DATE_EPOCH is the time of all files in the installers. Default: the time of the last commit.

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit status: 2 means wrong arguments.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("dist", flag.ContinueOnError)
	flags.SetOutput(stderr)
	out := flags.String("o", filepath.Join("build", "dist"), "write the installers to this `folder`")
	list := flags.String("formats", strings.Join(defaults(), ","), "comma-separated `list` of formats")
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

// dist builds the formats. It changes no file of the folder before all formats are built.
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
	// The scratch folder lies beside the output folder, so that finished files can be renamed into
	// it.
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
		// An old signature would not match the new checksums.
		if err := os.Remove(filepath.Join(out, signatureFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return report(stdout, out, made)
}

// defaults returns the formats that this machine can build.
func defaults() []string {
	var names []string
	for _, f := range formats {
		if slices.Contains(f.hosts, runtime.GOOS) {
			names = append(names, f.name)
		}
	}
	return names
}
