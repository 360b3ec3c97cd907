package room

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"
	"time"
)

// A Waiter is a goroutine that waits to be woken, once. The goroutine that waits makes
// it.
type Waiter struct {
	woken  chan struct{}
	bubble int
}

// NewWaiter returns a Waiter for the calling goroutine.
func NewWaiter() *Waiter {
	return &Waiter{make(chan struct{}), bubble()}
}

// Wake ends the wait and returns true; it must not be called again after that. If the
// waiter is in a testing/synctest bubble and the caller is not, Wake does nothing and
// returns false: the runtime ends the process when a goroutine of a bubble is woken from
// outside.
func (w *Waiter) Wake() bool {
	if w.bubble != 0 && w.bubble != bubble() {
		return false
	}
	close(w.woken)
	return true
}

// Wait waits to be woken, and reports whether it was. If limit is positive, it waits
// for no longer than that.
func (w *Waiter) Wait(limit time.Duration) bool {
	if limit <= 0 {
		<-w.woken
		return true
	}
	// Stopped and not left to itself, so that a bubble can end.
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-w.woken:
		return true
	case <-timer.C:
		return false
	}
}

// bubble returns the number of the testing/synctest bubble that the calling goroutine
// is in, or 0.
//
// Only the first line of the goroutine's stack trace tells, and reading it takes a
// microsecond. So it is read only where a bubble can be: in a program that go test has
// built, and if the clock may be that of a bubble, which begins with the year 2000.
func bubble() int {
	if !testing.Testing() || time.Now().After(bubblesEnd) {
		return 0
	}
	var buf [256]byte
	head, _, _ := bytes.Cut(buf[:runtime.Stack(buf[:], false)], []byte("\n"))
	_, number, _ := bytes.Cut(head, []byte("synctest bubble "))
	var n int // stays 0 outside of a bubble
	_, _ = fmt.Sscanf(string(number), "%d", &n)
	return n
}

// bubblesEnd is later than the clock of any bubble: nobody sleeps for twenty years.
var bubblesEnd = time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC)
