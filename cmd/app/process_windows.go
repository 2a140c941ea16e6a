package main

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// shellCommand returns a command line for the shell. It is quoted by cmd's own rules: /S takes away the
// outer quotes and leaves everything between them as it is.
func shellCommand(line string) *exec.Cmd {
	cmd := exec.Command("cmd.exe")
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: `cmd.exe /D /S /C "` + line + `"`, HideWindow: true}
	return cmd
}

// terminate ends a process and what it has started: Windows has no way to ask a program without a window.
func terminate(p *os.Process) {
	tree := exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(p.Pid))
	tree.SysProcAttr = &syscall.SysProcAttr{HideWindow: true}
	if tree.Run() != nil {
		kill(p)
	}
}

// kill ends a process. What it has started lives on.
func kill(p *os.Process) { _ = p.Kill() }

// signalOf returns nil: Windows has no signals.
func signalOf(*os.ProcessState) *string { return nil }
