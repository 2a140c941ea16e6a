package dev

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// lead shields a command from the console's Ctrl-C.
func lead(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// ask kills a process, because one without a console cannot be asked to end.
func ask(p *os.Process) { kill(p) }

// kill kills a process and its children.
func kill(p *os.Process) {
	_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(p.Pid)).Run()
}
