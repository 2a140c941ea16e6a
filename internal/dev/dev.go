// Package dev runs an app while it is being written: its page from a development server, which renews it in
// the window as it is edited, and its program built and started again whenever its Go changes.
package dev

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Variable is the string in an app's main package that holds the development server's URL, for
// shell.Options.DevURL. It is set when the program is linked, so that no program is steered by what it finds
// in its environment.
const Variable = "main.devURL"

const (
	// serverPatience is how long the development server may take to answer. Vite takes a second; on its first
	// run it looks through all dependencies.
	serverPatience = time.Minute
	// endPatience is how long a program may take to end before it is killed. It is more than
	// shell.DefaultShutdownTimeout.
	endPatience = 7 * time.Second
	// pollInterval is how often the sources are looked at. A look at 200 files takes 1 ms.
	pollInterval = 250 * time.Millisecond
)

// Options say what to run.
type Options struct {
	// Package is the app's main package, as the go command takes it. Empty means the current directory's.
	Package string
	// Frontend is the folder whose package.json has a script "dev" that starts Vite. Empty means "frontend".
	Frontend string
	// Args are the program's.
	Args []string
	// Generate, if it is set, is called before each build, and may write files.
	Generate func(context.Context) error
	// Out takes what the server, the compiler and the program print, and what there is to say about them.
	Out io.Writer
}

// Run runs the app until its program ends well, which it does when its last window is closed, or ctx is done.
// It leaves no process behind. A program that does not compile is told of, and the one before it goes on.
func Run(ctx context.Context, o Options) (err error) {
	if o.Package == "" {
		o.Package = "."
	}
	if o.Frontend == "" {
		o.Frontend = "frontend"
	}
	o.Out = &lines{to: o.Out}
	scratch, err := os.MkdirTemp("", "casement-dev-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	s, err := startServer(ctx, o)
	if err != nil {
		return err
	}
	defer s.end()
	r := &runner{options: o, scratch: scratch}
	proxy, err := startProxy(s.url, r.say)
	if err != nil {
		return fmt.Errorf("the development server's proxy: %w", err)
	}
	defer proxy.end()
	r.url = proxy.url
	defer r.end()
	r.say("the page comes from %s", r.url)

	sources := newSources(o.Package)
	sources.find(ctx)
	r.renew(ctx)
	sources.find(ctx)
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	changed := false
	for {
		select {
		case <-ctx.Done():
			r.say("ending")
			return nil
		case <-s.done:
			return fmt.Errorf("the development server has ended: %w", s.why())
		case <-r.ended():
			why := r.program.why()
			r.program = nil
			if why == nil {
				r.say("the program has ended, and so does this")
				return nil
			}
			r.say("the program has ended: %v; it starts again when its Go changes", why)
		case <-tick.C:
			// An editor may write several files. What still changes is not built yet.
			if sources.changed() {
				changed = true
			} else if changed {
				changed = false
				r.renew(ctx)
				sources.find(ctx)
			}
		}
	}
}

// A runner builds the program and runs the latest that compiled.
type runner struct {
	options Options
	url     string
	scratch string
	builds  int
	program *process // nil if none runs
}

func (r *runner) say(format string, args ...any) {
	fmt.Fprintf(r.options.Out, "dev: "+format+"\n", args...)
}

// renew builds the program and runs it instead of the one that runs.
func (r *runner) renew(ctx context.Context) {
	start := time.Now()
	if r.options.Generate != nil {
		if err := r.options.Generate(ctx); err != nil {
			r.refused(ctx, "the bindings can't be generated", err)
			return
		}
	}
	r.builds++
	file := filepath.Join(r.scratch, fmt.Sprintf("program-%d", r.builds))
	if runtime.GOOS == "windows" {
		file += ".exe"
	}
	build := command(r.options.Out, "", "go", "build", "-ldflags", "-X "+Variable+"="+r.url, "-o", file, r.options.Package)
	if err := build.run(ctx); err != nil {
		r.refused(ctx, "the Go does not compile", nil)
		return
	}
	r.end()
	p := command(r.options.Out, "", file, r.options.Args...)
	if err := p.start(); err != nil {
		r.say("the program can't be started: %v", err)
		return
	}
	r.program = p
	r.say("the program is built and started, in %s", time.Since(start).Round(100*time.Millisecond))
}

// refused tells that there is no new program.
func (r *runner) refused(ctx context.Context, what string, why error) {
	if ctx.Err() != nil {
		return
	}
	if why != nil {
		fmt.Fprintln(r.options.Out, strings.TrimSpace(why.Error()))
	}
	if r.program != nil {
		what += "; the program from before goes on"
	}
	r.say("%s", what)
}

// ended returns a channel that is closed when the program has ended.
func (r *runner) ended() <-chan struct{} {
	if r.program == nil {
		return nil
	}
	return r.program.done
}

// end ends the program.
func (r *runner) end() {
	if r.program != nil {
		r.program.end()
		r.program = nil
	}
}
