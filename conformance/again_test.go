package conformance

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-desync/go-desync/conformance/internal/apart"
)

// slowWhile makes objects whose jobs take a while as long as slow is true.
func slowWhile(slow *atomic.Bool) Factory {
	return laneFactory(func(l *lane) Object {
		wait := func() {
			if slow.Load() {
				time.Sleep(20 * time.Millisecond)
			}
		}
		return broken{
			lane:  l,
			async: func(job func(*State)) { l.Async(func(s *State) { wait(); job(s) }) },
			do:    func(job func(*State)) { wait(); l.Do(job) },
		}
	})
}

// What cannot be decided is tried once more, and says so.
func TestUndecidedIsTriedAgain(t *testing.T) {
	if apart.Ran(t) {
		return
	}
	for _, recovers := range []bool{true, false} {
		var told []Verdict
		var slow atomic.Bool
		slow.Store(true)
		r := check(t, slowWhile(&slow), WithRules("ASY-1/long-queue"), WithProgress(func(c CaseResult) {
			told = append(told, c.Verdict)
			if recovers && c.Verdict == Inconclusive {
				slow.Store(false)
			}
		}))
		want := map[bool]Verdict{true: Pass, false: Inconclusive}[recovers]
		got := r.Rule("ASY-1")
		if got.Verdict != want || len(got.Cases) != 1 || !strings.Contains(got.Cases[0].AtFirst, "too slow") {
			t.Errorf("ASY-1 is %s (%s) with the cases %+v, want %s after it was inconclusive", got.Verdict, got.Detail, got.Cases, want)
		}
		if n := len(told); n < 2 || told[n-2] != Inconclusive || told[n-1] != want {
			t.Errorf("the verdicts that were told are %v, want inconclusive and %s at the end", told, want)
		}
	}
}

// A rule that is violated explains what others cannot decide, once and for all.
func TestUndecidedIsExplained(t *testing.T) {
	if apart.Ran(t) {
		return
	}
	f := laneFactory(func(l *lane) Object {
		n := 0
		return broken{lane: l, async: func(job func(*State)) {
			if n++; n != 150 {
				l.Async(job)
			}
		}}
	})
	r := check(t, f, WithRules("ORD-1/behind-a-job", "EXE-2/behind-a-job"))
	if got := r.Rule("ORD-1"); got.Verdict != Inconclusive || got.Cases[0].AtFirst != "" {
		t.Errorf("ORD-1 is %s (%s), tried again: %q, want inconclusive and not again", got.Verdict, got.Detail, got.Cases[0].AtFirst)
	}
}
