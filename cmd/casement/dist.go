package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

var distCommand = subcommand{
	name: "dist", brief: "make installers of an app", run: runDist,
}

// runDist builds the packager and hands it the arguments. It has a module of its own, so that the modules of
// apps, which have this tool, need not know what it stands on.
func runDist(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	source, err := sourceFolder(ctx)
	if err != nil {
		return fmt.Errorf("casement dist: %w", err)
	}
	scratch, err := os.MkdirTemp("", "casement-dist-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	program := filepath.Join(scratch, "packager")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", program, ".")
	build.Dir = filepath.Join(source, "build", "packager")
	// What an app's module or its target asks for is not meant for a tool.
	build.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "GOOS=", "GOARCH=", "CGO_ENABLED=0")
	build.Stdout, build.Stderr = stderr, stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("casement dist: building the packager: %w", err)
	}
	run := exec.CommandContext(ctx, program, append([]string{"-casement", source}, args...)...)
	run.Stdout, run.Stderr = stdout, stderr
	run.Cancel = func() error { return run.Process.Signal(os.Interrupt) }
	err = run.Run()
	var exit *exec.ExitError
	switch {
	case !errors.As(err, &exit):
		return err
	case exit.ExitCode() == 2:
		return errUsage
	case exit.ExitCode() == 1:
		return errSaid
	}
	return fmt.Errorf("casement dist: the packager: %w", err)
}

// sourceFolder finds Casement's own source: the module that this command has come from, as the module in the
// current folder sees it.
func sourceFolder(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "casement")
	cmd.Stderr = new(strings.Builder)
	out, err := cmd.Output()
	dir := strings.TrimSpace(string(out))
	if err != nil || dir == "" {
		return "", fmt.Errorf("the module here does not have casement: %s", strings.TrimSpace(fmt.Sprint(cmd.Stderr)))
	}
	if _, err := os.Stat(filepath.Join(dir, "build", "packager", "go.mod")); err != nil {
		return "", fmt.Errorf("casement is not a checkout: %w", err)
	}
	return dir, nil
}
