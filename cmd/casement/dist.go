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
	name: "dist", brief: "build installers of an app", run: runDist,
}

// runDist builds the packager and runs it with the arguments. The packager is a module of its own,
// so that apps, whose modules require this tool, do not depend on the packager's dependencies.
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
	// Settings for the app's module or target must not apply to the tool.
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

// sourceFolder returns the folder of Casement's source: the module casement as resolved in the
// current folder.
func sourceFolder(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "casement")
	cmd.Stderr = new(strings.Builder)
	out, err := cmd.Output()
	dir := strings.TrimSpace(string(out))
	if err != nil || dir == "" {
		return "", fmt.Errorf("the module in this folder does not require casement: %s", strings.TrimSpace(fmt.Sprint(cmd.Stderr)))
	}
	if _, err := os.Stat(filepath.Join(dir, "build", "packager", "go.mod")); err != nil {
		return "", fmt.Errorf("the module casement is not a checkout: %w", err)
	}
	return dir, nil
}
