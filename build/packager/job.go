package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// An artifact is a finished file.
type artifact struct {
	file    string
	checked []string // the checkers that it passed
}

// A job builds the installers of an app. Intermediate files that several formats need are built
// once.
type job struct {
	*app
	sign    *signer
	out     string // the folder of finished files
	work    string // the folder of intermediate files
	log     io.Writer
	program map[string]string // by system
	entries []entry           // the files of a Linux installation
	looked  []string          // the checkers that these passed
	icons   map[int][]byte    // PNG by size
}

func newJob(a *app, s *signer, scratch string, log io.Writer) (*job, error) {
	j := &job{
		app: a, sign: s, out: filepath.Join(scratch, "out"), work: filepath.Join(scratch, "work"), log: log,
		program: map[string]string{},
	}
	for _, dir := range []string{j.out, j.work} {
		if err := os.Mkdir(dir, 0o777); err != nil {
			return nil, err
		}
	}
	j.say("icons from %s", iconFile)
	var err error
	j.icons, err = resize(a.icon)
	return j, err
}

// say prints progress.
func (j *job) say(format string, args ...any) { fmt.Fprintf(j.log, "dist: "+format+"\n", args...) }

// run runs a program in a folder. If the program fails, the error contains its output.
func (j *job) run(ctx context.Context, dir, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "SOURCE_DATE_EPOCH="+strconv.FormatInt(j.time.Unix(), 10), "TZ=UTC", "LC_ALL=C.UTF-8")
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", filepath.Base(name), err, bytes.TrimSpace(append(out.Bytes(), complaints.Bytes()...)))
	}
	return out.Bytes(), nil
}

// look runs a checker on a file, if the checker is installed, and records that the file passed.
func (j *job) look(ctx context.Context, one *artifact, what, name string, args ...string) error {
	if _, err := exec.LookPath(name); err != nil {
		return nil
	}
	if _, err := j.run(ctx, j.out, name, args...); err != nil {
		return err
	}
	one.checked = append(one.checked, what)
	return nil
}

// linkFlags omit the build id and the symbols, so that builds are reproducible.
const linkFlags = "-s -w -buildid="

// build builds the program for a system, once, and returns its path.
func (j *job) build(ctx context.Context, system string) (string, error) {
	if path := j.program[system]; path != "" {
		return path, nil
	}
	j.say("building %s for %s", j.Executable, system)
	path := filepath.Join(j.work, system, j.Executable)
	flags := linkFlags
	mode := "default"
	environment := "set -e\n"
	switch system {
	case "linux":
		mode = "pie" // Distributions require it.
		// Current distributions have only 4.1.
		environment += `casement=$(WEBKIT=${WEBKIT:-4.1} "$1/build/env.sh"); eval "$casement"` + "\n"
	case "windows":
		path += ".exe"
		flags += " -H windowsgui"
		compiler, err := mingw.find()
		if err != nil {
			return "", err
		}
		compiler = filepath.Base(compiler)
		environment += `export GOOS=windows GOARCH=amd64 CGO_CXXFLAGS="-O2 -g '-I$1/build/windows/include'"` + "\n" +
			`export CXX=` + compiler + ` CC=` + strings.Replace(compiler, "g++", "gcc", 1) + "\n"
	}
	script := environment + `export CGO_ENABLED=1; shift; exec go build -trimpath -buildvcs=false "$@"`
	_, err := j.run(ctx, j.dir, "bash", "-c", script, "build", j.shell, "-buildmode="+mode, "-ldflags", flags,
		"-o", path, ".")
	if err != nil {
		return "", fmt.Errorf("building the program for %s: %w", system, err)
	}
	j.program[system] = path
	return path, nil
}
