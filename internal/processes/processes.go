// Package processes tells what the system runs, for tests and measurements. It reads /proc, so it knows of nothing
// where there is none.
package processes

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A Process is one that was there when it was looked for.
type Process struct {
	PID, Parent int
	// Name is its program's, cut at 15 characters.
	Name string
	// Zombie says that it has ended and its parent has not asked how.
	Zombie bool
}

// All returns all processes that can be seen, in no order.
func All() (all []Process) {
	files, _ := filepath.Glob("/proc/[0-9]*/stat") // The pattern is well formed.
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil { // Otherwise it has ended.
			if p, ok := parse(string(text)); ok {
				all = append(all, p)
			}
		}
	}
	return all
}

// parse reads "pid (name) state parent …". The name may hold anything, parentheses too.
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

// Tree returns a process and all that it has started and they have, itself first.
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

// Pages returns the web processes of this process's windows that live. Each window has one of its own.
func Pages() (pids []int) {
	for _, p := range All() {
		if p.Parent == os.Getpid() && !p.Zombie && strings.HasPrefix(p.Name, "WebKitWebProces") {
			pids = append(pids, p.PID)
		}
	}
	return pids
}
