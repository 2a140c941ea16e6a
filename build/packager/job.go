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

// An artifact is a file that has been made.
type artifact struct {
	file    string
	checked []string // what has looked at it
}

// A job makes installers of an app. What several formats need is made once.
type job struct {
	*app
	sign    *signer
	out     string // the folder of what is ready
	work    string // of what is not
	log     io.Writer
	program map[string]string // by system
	entries []entry           // of Linux' installations
	looked  []string          // what has looked at those
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

// say tells how far it is.
func (j *job) say(format string, args ...any) { fmt.Fprintf(j.log, "dist: "+format+"\n", args...) }

// run runs a program in a folder. What it writes is in the error, if there is one.
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

// look runs a checker, where it is installed, and notes that it had nothing to say against a file.
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

// linkFlags leave out what tells one build from another, and the symbols.
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
		mode = "pie" // As distributions want all programs to be.
		// Distributions of today have 4.1 only.
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
