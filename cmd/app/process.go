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
	// outputChunk bounds the size of a message: half of a pipe's buffer on Linux, so that the
	// program can write while a message is on its way.
	outputChunk = 32 << 10
	// outputAhead is the number of bytes that may travel to the page: 32 such messages. They last
	// for the frame that the page draws, and are few enough that a pause soon blocks the process.
	outputAhead = 1 << 20
	// outputPace is the time between two messages of a stream that is slower than its reader. A
	// screen shows no more often; output written meanwhile travels together.
	outputPace = 16 * time.Millisecond
	// stopGrace is the time that a process has to end after it was asked to. Then it is killed.
	stopGrace = 2 * time.Second
	// cutGrace is the time for which the pipes of a killed process are still read. A child that has
	// escaped may keep them open forever. Both graces fit into the time that an app has to end.
	cutGrace = time.Second
	// cutBytes is the size of a pipe's buffer on Linux. No more can come from a dead process.
	cutBytes = 64 << 10
)

// RunProcess are the arguments of run_process.
type RunProcess struct {
	// Command is a command line for the platform's shell, sh on Unix and cmd on Windows. Pipes,
	// quotes and variables work as in a terminal. The process has the app's working directory and
	// environment, and an empty standard input.
	Command string `json:"command"`
	// OnEvent receives the events. A page that reads slowly blocks the process.
	OnEvent channels.Channel[ProcessEvent] `json:"onEvent"`
	// OnGauge receives the counters of the reader, even while OnEvent is blocked.
	OnGauge channels.Channel[Gauge] `json:"onGauge"`
}

// ProcessEvent is a message of run_process: ProcessStarted, any number of ProcessOutputs, and
// ProcessExited.
type ProcessEvent interface {
	channels.Variant
	isProcessEvent()
}

// ProcessStarted is the first message.
type ProcessStarted struct {
	PID int `json:"pid"`
}

// A Stream is one of the two output streams of a process.
type Stream string

// The streams.
const (
	Stdout Stream = "stdout"
	Stderr Stream = "stderr"
)

// ProcessOutput is a part of the output of one stream. It may begin and end anywhere except within
// a character.
type ProcessOutput struct {
	Stream Stream `json:"stream"`
	// Text is the output, with a replacement character in place of invalid UTF-8.
	Text string `json:"text"`
	// Bytes is the length of the output before any replacement.
	Bytes int `json:"bytes"`
}

// ProcessExited is the last message: the process has ended, and all its output has been sent.
type ProcessExited struct {
	// Code is the exit code, nil if a signal ended the process.
	Code *int `json:"code"`
	// Signal is the name of that signal, nil if there was none.
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

var errNoCommand = errors.New("the command is empty")

// runProcess is the command run_process. It runs a process and sends its output and its end. When
// the call is cancelled or the page closes the channel, the process and all its children end.
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
			err = ipc.NewError(fmt.Errorf("the process cannot be run: %w", err), nil)
		}
		return err
	})
}

// A process is a running process that leads a group with all its children.
type process struct {
	cmd      *exec.Cmd
	out, err *os.File
	to       channels.Sender[ProcessEvent]
	gauge    *gauge
	cut      atomic.Bool // the process is dead; only the rest in its pipes is still to be read
}

// tail runs a command until it has ended and no process has its pipes open. It leaves no child
// running. If ctx is done or the page closes the channel before that, tail ends the process and
// returns the reason.
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
	_ = to.Send(ProcessStarted{PID: p.cmd.Process.Pid}) // The stopper notices when the page is gone.
	var readers errgroup.Group
	readers.Go(func() error { return p.read(p.out, Stdout) })
	readers.Go(func() error { return p.read(p.err, Stderr) })
	read := readers.Wait()

	waited := p.cmd.Wait()
	close(ended)
	// Children may still run without the pipes. The system assigns process ids in turn, so the
	// group's id is not in use again yet.
	kill(p.cmd.Process)
	stopped := stopper.Wait()
	if state := p.cmd.ProcessState; state != nil {
		_ = to.Send(exited(state, time.Since(begun)))
		waited = nil // A code other than 0 is a result, not a failure.
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
	// The process has its own ends. If ours stayed open too, the pipes would never end.
	failed = errors.Join(failed, out[1].Close(), err[1].Close())
	if failed != nil {
		failed = errors.Join(failed, p.out.Close(), p.err.Close())
	}
	return failed
}

// stop asks the process and its children to end, kills those that are left after stopGrace, and
// then closes their pipes.
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

// read sends the output of a pipe until its end.
func (p *process) read(pipe *os.File, stream Stream) error {
	buffer := make([]byte, outputChunk)
	kept := 0 // bytes of an incomplete character at the start of the buffer
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
				// The page is gone and the process is being stopped. The process must not block on
				// its output until then.
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

// characters returns the length of the whole characters at the start of data. It is less than
// len(data) only if data ends within a character.
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

// text returns data with a replacement character in place of each run of invalid UTF-8.
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
