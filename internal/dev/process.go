package dev

import (
	"bytes"
	"context"
	"io"
	"os/exec"
	"sync"
	"time"
)

// A process is a command with all that it starts.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the command has ended
	err  error         // what it ended with, once done is closed
}

// command returns a command that writes to out, and is the leader of a group of its own: what a terminal
// sends to those in the foreground does not reach it.
func command(out io.Writer, dir, name string, args ...string) *process {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, out
	// What a command has started may hold its output open for longer than it lives.
	cmd.WaitDelay = time.Second
	lead(cmd)
	return &process{cmd: cmd, done: make(chan struct{})}
}

func (p *process) start() error {
	if err := p.cmd.Start(); err != nil {
		return err
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	return nil
}

// why returns what an ended process has ended with, nil if it did so well.
func (p *process) why() error {
	<-p.done
	return p.err
}

// run runs the command to its end, or kills it.
func (p *process) run(ctx context.Context) error {
	if err := p.start(); err != nil {
		return err
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		p.end()
	}
	return p.why()
}

// end asks the process to end, waits, and kills what is then left of it and of what it has started.
func (p *process) end() {
	select {
	case <-p.done:
	default:
		ask(p.cmd.Process)
	}
	select {
	case <-p.done:
	case <-time.After(endPatience):
	}
	kill(p.cmd.Process)
	<-p.done
}

// lines is a writer for several processes at once: what each writes reaches it in whole lines, as far as
// the process writes them so.
type lines struct {
	mu   sync.Mutex
	to   io.Writer
	last byte
}

func (l *lines) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(text) == 0 {
		return 0, nil
	}
	// What we say begins a line.
	if l.last != 0 && l.last != '\n' && bytes.HasPrefix(text, []byte("dev: ")) {
		if _, err := l.to.Write([]byte{'\n'}); err != nil {
			return 0, err
		}
	}
	l.last = text[len(text)-1]
	return l.to.Write(text)
}
