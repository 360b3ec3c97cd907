package child

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"runtime"
	"strconv"
	"time"
)

// A Report is a line that a child prints.
type Report struct {
	URL        string         `json:",omitempty"` // of the servers, when they are ready
	Serving    bool           `json:",omitempty"` // the worker has begun
	Fault      string         `json:",omitempty"` // why the child ends
	Done       int            `json:",omitempty"` // how many lines it has carried out
	Partitions map[int]uint64 `json:",omitempty"` // that the worker has, with their epochs
	Open       int            `json:",omitempty"` // commands that are read and not saved
	Commands   uint64         `json:",omitempty"` // that it has saved
	Refused    uint64         `json:",omitempty"` // saves that were tried again
	Heap       uint64         `json:",omitempty"` // in use, as of the last collection that it was told to make
	Goroutines int            `json:",omitempty"`
	Stacks     string         `json:",omitempty"` // the file with what its goroutines do
	Resident   uint64         `json:",omitempty"` // memory, in bytes
	Held       time.Duration  `json:",omitempty"` // for how long the machine has kept the worker from running
}

// print writes a report as one line, in one write.
func (r Report) print() {
	line, err := json.Marshal(r)
	if err != nil {
		panic(err) // it has no values that cannot be encoded
	}
	_, _ = os.Stdout.Write(append(line, '\n'))
}

// Resident returns how many bytes of memory this process has: what the system says, or, where
// it does not, what the runtime has from it.
func Resident() uint64 {
	if data, err := os.ReadFile("/proc/self/statm"); err == nil {
		if fields := bytes.Fields(data); len(fields) > 1 {
			if pages, err := strconv.ParseUint(string(fields[1]), 10, 64); err == nil {
				return pages * uint64(os.Getpagesize())
			}
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Sys - m.HeapReleased
}

// lines calls f with each line of standard input, and returns when it ends.
func lines(f func(line string)) {
	for s := bufio.NewScanner(os.Stdin); s.Scan(); {
		f(s.Text())
	}
}

// each is how often a worker prints a report.
const each = 50 * time.Millisecond
