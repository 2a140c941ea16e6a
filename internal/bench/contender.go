package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	json "github.com/goccy/go-json"

	"casement/internal/processes"
)

// patience is the timeout of a row. The slowest takes about ten seconds.
const patience = 2 * time.Minute

// A contender is a program under measurement.
type contender struct {
	name    string
	command []string
	// figures maps the name of a row to its results, one for each round.
	figures map[string][]float64
}

func newContender(name string, command []string) (*contender, error) {
	info, err := os.Stat(command[0])
	if err != nil {
		return nil, err
	}
	c := &contender{name: name, command: command, figures: map[string][]float64{}}
	c.note("binary", float64(info.Size())/1e6)
	return c, nil
}

func (c *contender) note(row string, figure float64) { c.figures[row] = append(c.figures[row], figure) }

// measure runs a row once.
func (c *contender) measure(ctx context.Context, row string) (err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.Command(c.command[0], append(c.command[1:len(c.command):len(c.command)], row)...)
	var complaints strings.Builder // mostly of toolkits, about the minimal session
	cmd.Stderr = &complaints
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() {
		kill(cmd.Process.Pid)
		_ = cmd.Wait() // The process was killed, so it fails.
		if err != nil {
			err = fmt.Errorf("%w\n%s", err, complaints.String())
		}
	}()
	lines := make(chan string)
	go func() {
		defer close(lines)
		for in := bufio.NewScanner(stdout); in.Scan(); {
			select {
			case lines <- in.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	next := func() (string, error) {
		select {
		case line, ok := <-lines:
			if !ok {
				return "", io.ErrUnexpectedEOF
			}
			return line, nil
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	line, err := next()
	if err != nil {
		return err
	}
	if line == "none" {
		return nil
	}
	if line != "ready" {
		return errors.New(line)
	}
	if row == "start" {
		c.note("start", time.Since(began).Seconds()*1e3)
		return nil
	}
	peak := make(chan float64, 1)
	watch, unwatch := context.WithCancel(ctx)
	go func() { peak <- watchMemory(watch, cmd.Process.Pid) }()
	line, err = next()
	last := memory(cmd.Process.Pid)
	unwatch()
	most := <-peak
	if err != nil {
		return err
	}
	if line == "none" {
		return nil
	}
	var found struct {
		Value  float64
		Frames [2]float64
	}
	if err := json.Unmarshal([]byte(line), &found); err != nil {
		return errors.New(line)
	}
	if row == "idle" {
		c.note("idle", last)
		c.note("frames idle", found.Frames[1])
		return nil
	}
	c.note(row, found.Value)
	if found.Frames[1] > 0 {
		c.note("frames "+row, found.Frames[1])
	}
	c.notePeak(max(most, last))
	return nil
}

// notePeak records the highest memory of all rows.
func (c *contender) notePeak(most float64) {
	if peaks := c.figures["peak"]; len(peaks) > 0 {
		most = max(most, peaks[0])
	}
	c.figures["peak"] = []float64{most}
}

// kill kills a process and its descendants.
func kill(pid int) {
	for _, pid := range processes.Tree(pid) {
		if p, err := os.FindProcess(pid); err == nil {
			_ = p.Kill() // It may have ended already.
		}
	}
}

// memory returns the memory of a process and its descendants in MB. Shared memory counts once.
func memory(pid int) (mb float64) {
	for _, pid := range processes.Tree(pid) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "Pss:" {
				kb, _ := strconv.ParseFloat(fields[1], 64)
				mb += kb * 1024 / 1e6
			}
		}
	}
	return mb
}

// watchMemory returns the highest memory in use until ctx is done. One sample takes the kernel
// about 10 ms.
func watchMemory(ctx context.Context, pid int) (most float64) {
	ticker := time.NewTicker(time.Second / 2)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			most = max(most, memory(pid))
		case <-ctx.Done():
			return most
		}
	}
}
