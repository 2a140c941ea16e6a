//go:build unix

package main

import (
	"os"
	"os/exec"
	"syscall"
)

// shellCommand returns a command line for the shell, as the leader of a process group of its own.
// Its children belong to that group unless they leave it.
func shellCommand(line string) *exec.Cmd {
	cmd := exec.Command("/bin/sh", "-c", line)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// terminate asks a process and its group to end.
func terminate(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGTERM) }

// kill kills a process and its group. A group that is already gone is no error.
func kill(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }

// signalOf returns the name of the signal that ended a process, nil if none did.
func signalOf(state *os.ProcessState) *string {
	status, ok := state.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return nil
	}
	name := status.Signal().String()
	return &name
}
