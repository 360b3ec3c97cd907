package room

import (
	"bytes"
	"runtime"
	"strconv"
	"testing"
	"time"
)

// bubble returns the number of the testing/synctest bubble that the calling goroutine
// is in, or 0.
//
// A channel or a timer that was made in a bubble ends the process when it is used
// outside, so code that outlives a bubble must know where it is. Only the first line of
// the goroutine's stack trace tells, and reading it takes a microsecond. So it is read
// only where a bubble can be: in programs that go test has built, when the clock may be
// that of a bubble, which starts in the year 2000.
//
// This file is in desync, futures and adapters/internal/room, modules that share no
// package for it. A test in tools/internal/workspace says if one differs.
func bubble() int32 {
	if !testing.Testing() || time.Now().Unix() > bubblesEnd {
		return 0
	}
	var buf [256]byte
	head, _, _ := bytes.Cut(buf[:runtime.Stack(buf[:], false)], []byte("\n"))
	_, number, _ := bytes.Cut(head, []byte("synctest bubble "))
	digits, _, _ := bytes.Cut(number, []byte("]"))
	digits, _, _ = bytes.Cut(digits, []byte(","))
	n, _ := strconv.ParseInt(string(digits), 10, 32) // 0 outside of a bubble
	return int32(n)
}

// bubblesEnd is later than the clock of any bubble, since no test sleeps for twenty
// years: the beginning of 2020, in seconds since 1970.
const bubblesEnd = 1_577_836_800
