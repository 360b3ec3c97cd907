// Package standstill knows when nothing in the process moves any more: every
// goroutine waits for another one, in many looks in a row. A goroutine that could run,
// on however busy a machine, or that sleeps, is no sign of it.
package standstill

import (
	"runtime"
	"strings"
	"time"
)

// When to look, and in how many looks in a row a standstill must show to count.
const (
	FirstLook = 150 * time.Millisecond
	LookEvery = 50 * time.Millisecond
	Looks     = 10
)

// A Watcher looks at the goroutines of the process.
type Watcher struct {
	// Still is in how many looks in a row nothing has moved.
	Still int

	buf   []byte // for a dump
	last  string
	since uint64 // the activity when it was seen for the first time
}

// Reset makes the next look the first one.
func (w *Watcher) Reset() { w.Still, w.last = 0, "" }

// Ran reports whether something may have run between the looks in which nothing had
// moved: what a timer wakes now and then is seen waiting in all of them.
func (w *Watcher) Ran() bool { return Activity()-w.since >= Idle }

// mostGoroutines is how many can be looked at: a look stops them all meanwhile. More
// of them never stand still.
const mostGoroutines = 15_000

// Look looks once, and leaves the calling goroutine out.
func (w *Watcher) Look() {
	if runtime.NumGoroutine() > mostGoroutines {
		w.Still = 0
		return
	}
	if w.buf == nil {
		w.buf = make([]byte, 1<<16)
	}
	now, blocked := waiting(stacks(&w.buf))
	if blocked && now == w.last {
		w.Still++
	} else {
		w.Still, w.since = 0, Activity()
	}
	w.last = now
}

// waiting reports whether all goroutines but the first wait for another one, and
// returns the dump without what changes while they wait.
func waiting(dump string) (rest string, all bool) {
	var b strings.Builder
	for _, g := range goroutines(dump)[1:] {
		if !blocked(g.State) && !waitsOutside(g.Stack) {
			return "", false
		}
		b.WriteString(g.ID + " " + g.State + "\n" + g.Stack + "\n")
	}
	return b.String(), true
}

// waitsOutside reports whether a goroutine that makes a system call waits for what does not
// count: a signal, or the end of a peer, which has signs of life of its own.
func waitsOutside(stack string) bool {
	return strings.Contains(stack, "os/signal.signal_recv") || strings.Contains(stack, "internal/pipe.Start.")
}

// blocked reports whether a goroutine in a state waits for another one.
func blocked(state string) bool {
	for _, s := range []string{"chan receive", "chan send", "select", "sync.", "semacquire", "IO wait", "finalizer wait"} {
		if strings.HasPrefix(state, s) {
			return true
		}
	}
	return false
}
