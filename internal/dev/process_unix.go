//go:build unix

package dev

import (
	"os"
	"os/exec"
	"syscall"
)

// lead makes a command the leader of a process group.
func lead(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// ask asks a process to end. It must end its own children.
func ask(p *os.Process) { _ = p.Signal(syscall.SIGTERM) }

// kill kills what is left of a process group. An empty group is no error.
func kill(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }
