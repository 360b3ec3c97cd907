package conformance

import (
	"strings"
	"sync"
	"testing"
	"time"
)

// A racyLane has one edge of memory that is missing.
type racyLane struct {
	*lane
	fault string
}

func (l *racyLane) TryDo(job func(*State)) bool {
	if l.fault == "try" && l.busy { // without the lock
		return false
	}
	l.mu.Lock()
	if l.busy {
		l.mu.Unlock()
		return false
	}
	l.busy = true
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		l.busy = false
		more := len(l.jobs) > 0
		l.busy = more
		l.idle.Broadcast()
		l.mu.Unlock()
		if more {
			go l.drain()
		}
	}()
	job(l.state)
	return true
}

func (l *racyLane) Suspend() (resume func()) {
	resumed := make(chan struct{})
	plain := false
	l.Submit(func(*State) {
		if l.fault == "resume" {
			for !plain {
				time.Sleep(10 * time.Microsecond)
			}
			return
		}
		<-resumed
	})
	return func() {
		if plain = true; l.fault != "resume" {
			close(resumed)
		}
	}
}

func (l *racyLane) After(job func(*State, int, error) int) (func(int, error), Wait) {
	var mu sync.Mutex
	cond := sync.NewCond(&mu)
	come, value := false, 0
	var bad error
	wait := l.Future(func(s *State) int {
		if l.fault == "after" {
			for !come {
				time.Sleep(10 * time.Microsecond)
			}
			return job(s, value, bad)
		}
		mu.Lock()
		for !come {
			cond.Wait()
		}
		mu.Unlock()
		return job(s, value, bad)
	})
	return func(v int, err error) {
		if l.fault != "after" {
			mu.Lock()
			defer mu.Unlock()
		}
		value, bad, come = v, err, true
		cond.Broadcast()
	}, wait
}

// A missing edge of memory is found by the race detector, in the case that goes over it.
func TestEdgesOfMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	if !raceEnabled {
		t.Skip("the memory rules need a test binary built with -race")
	}
	for _, tc := range []struct{ fault, rule string }{
		{"", "MEM-1/kinds"},
		{"", "MEM-1/holds"},
		{"", "MEM-2/calls"},
		{"", "MEM-2/waits"},
		{"try", "MEM-1/kinds"},
		{"resume", "MEM-1/holds"},
		{"after", "MEM-2/waits"},
		{"after", "MEM-1/kinds"},
	} {
		t.Run(tc.rule+" "+tc.fault, func(t *testing.T) {
			f := laneFactory(func(l *lane) Object { return &racyLane{lane: l, fault: tc.fault} })
			f.Features[FeatureTry], f.Features[FeatureSuspend], f.Features[FeatureAfter] = Supported(), Supported(), Supported()
			id, _, _ := strings.Cut(tc.rule, "/")
			got := check(t, f, children(t), WithRules(tc.rule)).Rule(id)
			if want := tc.fault == ""; want != (got.Verdict == Pass) {
				t.Errorf("%s is %s (%s), want a pass: %v", tc.rule, got.Verdict, got.Detail, want)
			}
		})
	}
}

// In a build with the race detector a race in any case is a failure of that case.
func TestRaceInAnyCase(t *testing.T) {
	if !raceEnabled {
		t.Skip("it needs a test binary built with -race")
	}
	plain := 0
	f := laneFactory(func(l *lane) Object {
		return broken{lane: l, async: func(job func(*State)) {
			go func() { plain++ }()
			l.Async(job)
		}}
	})
	got := check(t, f, children(t), WithRules("EXE-1/behind-a-job")).Rule("EXE-1")
	if got.Verdict != Fail || !strings.Contains(got.Cases[0].Failure.Output, "WARNING: DATA RACE") {
		t.Errorf("EXE-1 is %s (%s), want a failure with the race", got.Verdict, got.Detail)
	}
}
