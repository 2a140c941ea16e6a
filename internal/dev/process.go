package dev

import (
	"bytes"
	"context"
	"io"
	"os/exec"
	"sync"
	"time"
)

// A process is a command and everything that it starts.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the command has ended
	err  error         // the result of the command, once done is closed
}

// command returns a command that writes to out. It leads a process group of its own, so signals
// that a terminal sends to its foreground group do not reach it.
func command(out io.Writer, dir, name string, args ...string) *process {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, out
	// Children of a command may hold its output open after it has ended.
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

// why waits for the process to end and returns its error, or nil if it succeeded.
func (p *process) why() error {
	<-p.done
	return p.err
}

// run runs the command until it ends, or ends it when ctx is done.
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

// end asks the process to end, waits at most endPatience, and kills what is left of the process and
// its children.
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

// lines is a writer for several processes. It does not split what they write in one call.
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
	// Messages of Run begin on a new line.
	if l.last != 0 && l.last != '\n' && bytes.HasPrefix(text, []byte("dev: ")) {
		if _, err := l.to.Write([]byte{'\n'}); err != nil {
			return 0, err
		}
	}
	l.last = text[len(text)-1]
	return l.to.Write(text)
}
