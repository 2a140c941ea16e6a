package dev

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// lead keeps the console's Ctrl-C from a command.
func lead(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// ask ends a process: one without a console of its own can't be asked.
func ask(p *os.Process) { kill(p) }

// kill ends a process and what it has started.
func kill(p *os.Process) {
	_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(p.Pid)).Run()
}
