package conformance

import (
	"strings"
	"time"
)

// How the supervisor of a case knows that it hangs. Either it has not ended
// within the watchdog's time, or nothing moves any more: every goroutine of the
// process waits for another one, in many looks in a row. A goroutine that could
// run, on however busy a machine, or that sleeps, is no sign of a hang.
const (
	firstLook  = 150 * time.Millisecond
	lookEvery  = 50 * time.Millisecond
	stillLooks = 10
)

// A watcher looks at the goroutines of the process.
type watcher struct {
	last  string
	still int
}

// look reports whether nothing has moved for long enough.
func (w *watcher) look() (still bool) {
	now, blocked := waiting(dump())
	if blocked && now == w.last {
		w.still++
	} else {
		w.still = 0
	}
	w.last = now
	return w.still >= stillLooks
}

// waiting reports whether all goroutines but the first wait for another one, and
// returns the dump without what changes while they wait.
func waiting(dump string) (rest string, all bool) {
	var b strings.Builder
	for _, g := range goroutines(dump)[1:] {
		if !blocked(g.state) && !strings.Contains(g.stack, "os/signal.signal_recv") {
			return "", false
		}
		b.WriteString(g.id + " " + g.state + "\n" + g.stack + "\n")
	}
	return b.String(), true
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
