package main

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// shellCommand returns a command line for the shell. It follows cmd's own quoting rules: /S removes
// the outer quotes and leaves everything between them unchanged.
func shellCommand(line string) *exec.Cmd {
	cmd := exec.Command("cmd.exe")
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: `cmd.exe /D /S /C "` + line + `"`, HideWindow: true}
	return cmd
}

// terminate kills a process and its children, because Windows cannot ask a program without a window
// to end.
func terminate(p *os.Process) {
	tree := exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(p.Pid))
	tree.SysProcAttr = &syscall.SysProcAttr{HideWindow: true}
	if tree.Run() != nil {
		kill(p)
	}
}

// kill kills a process. Its children keep running.
func kill(p *os.Process) { _ = p.Kill() }

// signalOf returns nil: Windows has no signals.
func signalOf(*os.ProcessState) *string { return nil }
