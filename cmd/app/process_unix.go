//go:build unix

package main

import (
	"os"
	"os/exec"
	"syscall"
)

// shellCommand returns a command line for the shell, as the leader of a process group of its own: whatever
// it starts belongs to that group unless it leaves it.
func shellCommand(line string) *exec.Cmd {
	cmd := exec.Command("/bin/sh", "-c", line)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// terminate asks a process and its group to end.
func terminate(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGTERM) }

// kill ends a process and its group at once. That there is none is no error.
func kill(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }

// signalOf returns the name of the signal that has ended a process, nil if none has.
func signalOf(state *os.ProcessState) *string {
	status, ok := state.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return nil
	}
	name := status.Signal().String()
	return &name
}
