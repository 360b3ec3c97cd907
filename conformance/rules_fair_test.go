package conformance

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// starves makes objects on which the first Do that finds another one waits forever. Their
// other calls take so long.
func starves(t *testing.T, slow time.Duration) Factory {
	forever := make(chan struct{})
	t.Cleanup(func() { close(forever) })
	return laneFactory(func(l *lane) Object {
		var mu sync.Mutex
		var inside atomic.Int64
		var starved atomic.Bool
		return broken{lane: l, do: func(job func(*State)) {
			defer inside.Add(-1)
			if inside.Add(1) > 1 && starved.CompareAndSwap(false, true) {
				<-forever
				return
			}
			mu.Lock()
			defer mu.Unlock()
			time.Sleep(slow)
			job(l.state)
		}}
	})
}

// Too few calls overtake the one that waits for a verdict if each takes long, as on a
// machine that has hardly any time for the process.
func TestOvertakingIsNoFaultOnASlowMachine(t *testing.T) {
	r := check(t, starves(t, 5*time.Millisecond), WithRules("FAIR-2"), WithWatchdog(600*time.Millisecond)).Rule("FAIR-2")
	if r.Verdict != Inconclusive || !strings.Contains(r.Detail, "too slow") {
		t.Errorf("the verdict is %s (%s), want inconclusive, with the reason", r.Verdict, r.Detail)
	}
}
