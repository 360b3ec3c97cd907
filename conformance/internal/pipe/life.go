package pipe

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
)

// Life is what can be seen of a process and its descendants from outside.
type Life struct {
	Seen    bool // something could be seen
	Busy    bool // a thread runs, could run, or waits for a disk
	Ticks   int64
	Threads int
}

// Look looks at a process and its descendants. Where there is no /proc as on Linux, it
// sees nothing.
func Look(pid int) (l Life) {
	l.add(pid, 0)
	return l
}

// deepest bounds the generations of processes.
const deepest = 8

func (l *Life) add(pid, depth int) {
	root := filepath.Join("/proc", strconv.Itoa(pid), "task")
	tasks, err := os.ReadDir(root)
	if err != nil || depth > deepest {
		return
	}
	l.Seen = true
	for _, task := range tasks {
		state, ticks, ok := stat(filepath.Join(root, task.Name(), "stat"))
		if !ok {
			continue
		}
		l.Threads++
		l.Ticks += ticks
		l.Busy = l.Busy || state == 'R' || state == 'D'
		children, _ := os.ReadFile(filepath.Join(root, task.Name(), "children"))
		for _, child := range bytes.Fields(children) {
			if n, err := strconv.Atoi(string(child)); err == nil {
				l.add(n, depth+1)
			}
		}
	}
}

// stat reads the state of a thread and the processor time that it has used.
func stat(file string) (state byte, ticks int64, ok bool) {
	data, err := os.ReadFile(file)
	if err != nil {
		return 0, 0, false
	}
	// The name, in parentheses, may have spaces and parentheses in it.
	fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
	if len(fields) < 13 {
		return 0, 0, false
	}
	for _, f := range fields[11:13] {
		n, _ := strconv.ParseInt(string(f), 10, 64)
		ticks += n
	}
	return fields[0][0], ticks, true
}

// Below reports whether a process is pid or a descendant of it.
func Below(pid, child int) bool {
	for range deepest {
		if child == pid {
			return true
		}
		data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(child), "stat"))
		if err != nil {
			return false
		}
		fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
		if len(fields) < 2 {
			return false
		}
		if child, err = strconv.Atoi(string(fields[1])); err != nil || child <= 1 {
			return false
		}
	}
	return false
}
