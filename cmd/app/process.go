package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"casement/channels"
	"casement/ipc"
)

const (
	// outputChunk bounds how much one message carries: half of what a pipe holds on Linux, so that a
	// program writes on while a message is on its way.
	outputChunk = 32 << 10
	// outputAhead is how much may be under way to the page: 32 such messages, which bridge a frame of the
	// screen in which the page draws, and let a pause reach the process soon.
	outputAhead = 1 << 20
	// outputPace is the time between two messages of a stream that is slower than its reader. Nobody sees
	// more than a screen shows; what a program writes meanwhile comes together.
	outputPace = 16 * time.Millisecond
	// stopGrace is how long a process that was asked to end has to do so. Then it is killed.
	stopGrace = 2 * time.Second
	// cutGrace is how long a killed process's pipes are still read. Something that it started, and that has
	// got away, may have them open for ever. Both graces fit into the time that an app has to end.
	cutGrace = time.Second
	// cutBytes is what a pipe holds on Linux: no more than that can come from a process that is dead.
	cutBytes = 64 << 10
)

// RunProcess are the arguments of run_process.
type RunProcess struct {
	// Command is a line for the platform's shell: sh on Unix, cmd on Windows. So pipes, quotes and
	// variables mean what they do in a terminal. The process has the app's working directory and
	// environment, and nothing to read.
	Command string `json:"command"`
	// OnEvent takes what happens. A page that is slow to take it holds the process back.
	OnEvent channels.Channel[ProcessEvent] `json:"onEvent"`
	// OnGauge takes how much was read from the process, whether or not OnEvent moves.
	OnGauge channels.Channel[Gauge] `json:"onGauge"`
}

// ProcessEvent is what run_process tells: ProcessStarted, any number of ProcessOutputs, and ProcessExited.
type ProcessEvent interface {
	channels.Variant
	isProcessEvent()
}

// ProcessStarted is the first.
type ProcessStarted struct {
	PID int `json:"pid"`
}

// A Stream is one of the two that a process writes.
type Stream string

// The streams.
const (
	Stdout Stream = "stdout"
	Stderr Stream = "stderr"
)

// ProcessOutput is some of what the process has written to one of its streams. It begins and ends anywhere
// but within a character.
type ProcessOutput struct {
	Stream Stream `json:"stream"`
	// Text is what was written, with a replacement character in place of what is not UTF-8.
	Text string `json:"text"`
	// Bytes is how long it was as it was written.
	Bytes int `json:"bytes"`
}

// ProcessExited is the last: the process has ended, and everything that it has written has been told.
type ProcessExited struct {
	// Code is nil if a signal has ended it.
	Code *int `json:"code"`
	// Signal is the name of that signal.
	Signal  *string `json:"signal"`
	Seconds float64 `json:"seconds"`
}

// Variant returns "started".
func (ProcessStarted) Variant() string { return "started" }

// Variant returns "output".
func (ProcessOutput) Variant() string { return "output" }

// Variant returns "exited".
func (ProcessExited) Variant() string { return "exited" }

func (ProcessStarted) isProcessEvent() {}
func (ProcessOutput) isProcessEvent()  {}
func (ProcessExited) isProcessEvent()  {}

var errNoCommand = errors.New("there is no command to run")

// runProcess is run_process: it runs a process, and tells what it writes and how it ends. When the call is
// cancelled, or nobody listens any more, the process ends, with everything that it has started.
func runProcess(ctx context.Context, a RunProcess) (struct{}, error) {
	defer a.OnGauge.Close()
	defer a.OnEvent.Close()
	if strings.TrimSpace(a.Command) == "" {
		return struct{}{}, errNoCommand
	}
	a.OnEvent.SetLimit(channels.Limit{Bytes: outputAhead})
	var g gauge
	return struct{}{}, reported(ctx, &g, a.OnGauge, func(ctx context.Context) error {
		err := tail(ctx, a.Command, a.OnEvent, &g)
		if err != nil && ctx.Err() == nil {
			err = ipc.NewError(fmt.Errorf("the process can't be run: %w", err), nil)
		}
		return err
	})
}

// A process is one that is being run, as the leader of a group with all that it starts.
type process struct {
	cmd      *exec.Cmd
	out, err *os.File
	to       channels.Sender[ProcessEvent]
	gauge    *gauge
	cut      atomic.Bool // it is dead; what is left in the pipes is the last
}

// tail runs a command until it has ended and nobody has its pipes open any more. It leaves nothing of it
// running. If ctx is done first, or nobody takes events any more, it ends the process and returns why.
func tail(ctx context.Context, command string, to channels.Sender[ProcessEvent], g *gauge) error {
	p := &process{cmd: shellCommand(command), to: to, gauge: g}
	begun := time.Now()
	if err := p.start(); err != nil {
		return err
	}
	defer p.out.Close()
	defer p.err.Close()
	ended := make(chan struct{})
	var stopper errgroup.Group
	stopper.Go(func() error {
		select {
		case <-ended:
			return nil
		case <-to.Done():
			p.stop(ended)
			return channels.ErrClosed
		case <-ctx.Done():
			p.stop(ended)
			return ctx.Err()
		}
	})
	_ = to.Send(ProcessStarted{PID: p.cmd.Process.Pid}) // The stopper knows when nobody listens.
	var readers errgroup.Group
	readers.Go(func() error { return p.read(p.out, Stdout) })
	readers.Go(func() error { return p.read(p.err, Stderr) })
	read := readers.Wait()

	waited := p.cmd.Wait()
	close(ended)
	// What it has started may still run, without the pipes. The system hands out ids in turn, so that the
	// group's has no new owner yet.
	kill(p.cmd.Process)
	stopped := stopper.Wait()
	if state := p.cmd.ProcessState; state != nil {
		_ = to.Send(exited(state, time.Since(begun)))
		waited = nil // A code other than 0 is no failure of ours.
	}
	if stopped != nil {
		return stopped
	}
	return errors.Join(read, waited)
}

// start starts the process with a pipe for each of its streams.
func (p *process) start() error {
	var out, err [2]*os.File
	var failed error
	if out[0], out[1], failed = os.Pipe(); failed != nil {
		return failed
	}
	if err[0], err[1], failed = os.Pipe(); failed != nil {
		return errors.Join(failed, out[0].Close(), out[1].Close())
	}
	p.cmd.Stdout, p.cmd.Stderr = out[1], err[1]
	p.out, p.err = out[0], err[0]
	failed = p.cmd.Start()
	// The process has its own. Were ours open too, the pipes would never end.
	failed = errors.Join(failed, out[1].Close(), err[1].Close())
	if failed != nil {
		failed = errors.Join(failed, p.out.Close(), p.err.Close())
	}
	return failed
}

// stop asks the process and all that it has started to end, kills what is left after a while, and then
// gives up on their pipes.
func (p *process) stop(ended <-chan struct{}) {
	terminate(p.cmd.Process)
	select {
	case <-ended:
		return
	case <-time.After(stopGrace):
	}
	kill(p.cmd.Process)
	p.cut.Store(true)
	for _, pipe := range []*os.File{p.out, p.err} {
		if pipe.SetReadDeadline(time.Now().Add(cutGrace)) != nil {
			timer := time.AfterFunc(cutGrace, func() { _ = pipe.Close() }) // Windows has no deadlines here.
			defer timer.Stop()
		}
	}
	<-ended
}

// read tells what comes through a pipe until its end.
func (p *process) read(pipe *os.File, stream Stream) error {
	buffer := make([]byte, outputChunk)
	kept := 0 // bytes at the start of the buffer that are the beginning of a character
	left := cutBytes
	for {
		if p.cut.Load() {
			if left <= 0 {
				return nil
			}
			_ = pipe.SetReadDeadline(time.Now().Add(cutGrace))
		}
		began := time.Now()
		n, err := pipe.Read(buffer[kept:])
		if p.cut.Load() {
			left -= n
		}
		p.gauge.bytes.Add(int64(n))
		whole := kept + n
		if err == nil {
			whole = characters(buffer[:kept+n])
		}
		if whole > 0 {
			o := ProcessOutput{Stream: stream, Text: text(buffer[:whole]), Bytes: whole}
			if p.gauge.pass(func() error { return p.to.Send(o) }) != nil {
				// Nobody listens, and the process is being stopped. It must not have to wait for that.
				_, _ = io.Copy(io.Discard, pipe)
				return nil
			}
		}
		full := kept+n == len(buffer)
		kept = copy(buffer, buffer[whole:kept+n])
		switch {
		case err == io.EOF, errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, os.ErrClosed):
			return nil
		case err != nil:
			return fmt.Errorf("reading %s: %w", stream, err)
		case !full:
			time.Sleep(outputPace - time.Since(began))
		}
	}
}

// characters returns how much of data is whole characters, or none at all: less than all only if data ends
// with the beginning of one.
func characters(data []byte) int {
	for i := len(data) - 1; i >= 0 && i > len(data)-utf8.UTFMax; i-- {
		if utf8.RuneStart(data[i]) {
			if !utf8.FullRune(data[i:]) {
				return i
			}
			break
		}
	}
	return len(data)
}

// text returns data with a replacement character in place of each run of bytes that is not UTF-8.
func text(data []byte) string {
	return string(bytes.ToValidUTF8(data, []byte("\uFFFD")))
}

func exited(state *os.ProcessState, ran time.Duration) ProcessExited {
	e := ProcessExited{Signal: signalOf(state), Seconds: ran.Seconds()}
	if e.Signal == nil {
		code := state.ExitCode()
		e.Code = &code
	}
	return e
}
