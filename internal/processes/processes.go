// Package processes lists the processes of the system, for tests and measurements. It reads /proc.
// On systems without it, it finds nothing.
package processes

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A Process is the state of a process at the time of the call.
type Process struct {
	PID, Parent int
	// Name is the program's name, cut off after 15 characters.
	Name string
	// Zombie is set if the process has ended and its parent has not waited for it.
	Zombie bool
}

// All returns all visible processes in no particular order.
func All() (all []Process) {
	files, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is valid
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil { // else the process has ended
			if p, ok := parse(string(text)); ok {
				all = append(all, p)
			}
		}
	}
	return all
}

// parse parses "pid (name) state parent …". The name may have any characters, including
// parentheses.
func parse(stat string) (p Process, ok bool) {
	open, end := strings.Index(stat, " ("), strings.LastIndex(stat, ") ")
	if open < 0 || end < open {
		return p, false
	}
	fields := strings.Fields(stat[end+2:])
	if len(fields) < 2 {
		return p, false
	}
	var errs [2]error
	p.PID, errs[0] = strconv.Atoi(stat[:open])
	p.Parent, errs[1] = strconv.Atoi(fields[1])
	p.Name, p.Zombie = stat[open+2:end], fields[0] == "Z"
	return p, errs == [2]error{}
}

// Tree returns the ids of a process and of all its descendants, itself first.
func Tree(pid int) []int {
	children := map[int][]int{}
	for _, p := range All() {
		children[p.Parent] = append(children[p.Parent], p.PID)
	}
	pids := []int{pid}
	for at := 0; at < len(pids); at++ {
		pids = append(pids, children[pids[at]]...)
	}
	return pids
}

// Pages returns the ids of this process's running web processes. Each window has one.
func Pages() (pids []int) {
	for _, p := range All() {
		if p.Parent == os.Getpid() && !p.Zombie && strings.HasPrefix(p.Name, "WebKitWebProces") {
			pids = append(pids, p.PID)
		}
	}
	return pids
}
