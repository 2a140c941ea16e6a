// Package dev runs an app during development. A development server serves the page and reloads it
// when it changes; the program is rebuilt and restarted when its Go source changes.
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
// shell.Options.DevURL. It is set at link time, so that the environment cannot steer a program.
const Variable = "main.devURL"

const (
	// serverPatience is the time that the development server has to answer. Vite takes a second; on
	// its first run it scans all dependencies.
	serverPatience = time.Minute
	// endPatience is the time that a program has to end before it is killed. It exceeds
	// shell.DefaultShutdownTimeout.
	endPatience = 7 * time.Second
	// pollInterval is the interval between checks of the sources. Checking 200 files takes 1 ms.
	pollInterval = 250 * time.Millisecond
)

// Options describe what to run.
type Options struct {
	// Package is the app's main package, in the go command's syntax. Empty means the current
	// directory.
	Package string
	// Frontend is the folder whose package.json has a script "dev" that starts Vite. Empty means
	// "frontend".
	Frontend string
	// Args are the program's arguments.
	Args []string
	// Generate, if not nil, is called before each build and may write files.
	Generate func(context.Context) error
	// Out receives the output of the server, the compiler and the program, and the messages of Run.
	Out io.Writer
}

// Run runs the app until its program ends without an error, such as when its last window closes, or
// until ctx is done. It leaves no process behind. When a build fails, Run reports it and the
// previous program keeps running.
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
	r.say("the page is served at %s", r.url)

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
				r.say("the program has ended")
				return nil
			}
			r.say("the program has ended: %v; it restarts when its Go source changes", why)
		case <-tick.C:
			// An editor may write several files, so the build waits until one check finds no
			// change.
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

// A runner builds the program and runs the latest successful build.
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

// renew builds the program and replaces the running one.
func (r *runner) renew(ctx context.Context) {
	start := time.Now()
	if r.options.Generate != nil {
		if err := r.options.Generate(ctx); err != nil {
			r.refused(ctx, "the bindings cannot be generated", err)
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
		r.refused(ctx, "the program does not compile", nil)
		return
	}
	r.end()
	p := command(r.options.Out, "", file, r.options.Args...)
	if err := p.start(); err != nil {
		r.say("the program cannot be started: %v", err)
		return
	}
	r.program = p
	r.say("the program was built and started in %s", time.Since(start).Round(100*time.Millisecond))
}

// refused reports why there is no new program.
func (r *runner) refused(ctx context.Context, what string, why error) {
	if ctx.Err() != nil {
		return
	}
	if why != nil {
		fmt.Fprintln(r.options.Out, strings.TrimSpace(why.Error()))
	}
	if r.program != nil {
		what += "; the previous program keeps running"
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
