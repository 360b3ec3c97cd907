package conformance

import (
	"bytes"
	"runtime"
	"strconv"
)

// goid returns the number of the calling goroutine.
func goid() uint64 {
	var buf [64]byte
	fields := bytes.Fields(buf[:runtime.Stack(buf[:], false)])
	id, _ := strconv.ParseUint(string(fields[1]), 10, 64)
	return id
}
