package conformance

import (
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-desync/go-desync/conformance/internal/apart"
)

// A timedLane goes wrong after some time.
type timedLane struct {
	fault string
	after time.Duration

	mu     sync.Mutex
	jobs   []func(*State)
	alive  bool // there is a worker
	signal chan struct{}
	since  time.Time // when the job that runs began
	runs   bool
	state  State
}

func (l *timedLane) Async(job func(*State)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.jobs = append(l.jobs, job)
	if !l.alive || l.fault == "dead" && l.runs && time.Since(l.since) > l.after {
		l.alive = true
		go l.work()
		return
	}
	select {
	case l.signal <- struct{}{}:
	default:
	}
}

func (l *timedLane) work() {
	for {
		l.mu.Lock()
		for len(l.jobs) > 0 {
			job := l.jobs[0]
			l.jobs = l.jobs[1:]
			l.since, l.runs = time.Now(), true
			l.mu.Unlock()
			job(&l.state)
			l.mu.Lock()
			l.runs = false
		}
		if l.fault != "rest" {
			l.alive = false
			l.mu.Unlock()
			return
		}
		l.mu.Unlock()
		rest := time.NewTimer(l.after)
		select {
		case <-l.signal:
			continue
		case <-rest.C:
		}
		time.Sleep(500 * time.Microsecond) // what comes now is lost
		l.mu.Lock()
		select {
		case <-l.signal:
		default:
		}
		l.alive = false
		l.mu.Unlock()
		return
	}
}

func (l *timedLane) Do(job func(*State)) {
	done := make(chan struct{})
	l.Async(func(s *State) { defer close(done); job(s) })
	<-done
}

func (l *timedLane) Suspend() (resume func()) {
	resumed := make(chan struct{})
	l.Async(func(*State) {
		if l.fault != "suspension" {
			<-resumed
			return
		}
		select {
		case <-resumed:
		case <-time.After(l.after):
		}
	})
	return sync.OnceFunc(func() { close(resumed) })
}

// What goes wrong after some time is found, whatever the time is. On a busy machine
// nothing is as early as it was to be, so that the times here leave some of the span.
func TestTimes(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	for _, tc := range []struct{ fault, id string }{
		{"", "EXC-1/times"},
		{"", "EXE-2/rests"},
		{"", "SUS-1/times"},
		{"", "EXE-2/waits"},
		{"dead", "EXC-1/times"},
		{"dead", "EXC-1/times"},
		{"rest", "EXE-2/rests"},
		{"rest", "EXE-2/rests"},
		{"suspension", "SUS-1/times"},
	} {
		t.Run(tc.id+" "+tc.fault, func(t *testing.T) {
			if apart.Ran(t) {
				return
			}
			after := time.Duration(5+rand.IntN(195)) * time.Millisecond
			rule, _, _ := strings.Cut(tc.id, "/")
			f := Factory{
				Info: Implementation{Name: "timed"},
				New: func(Setup) (Object, error) {
					return &timedLane{fault: tc.fault, after: after, signal: make(chan struct{}, 1)}, nil
				},
				Features: map[Feature]Claim{
					FeatureSuspend: Supported(), FeatureCaller: Unsupported("a worker runs the jobs"),
					FeatureIdle: Unsupported("the worker rests"), FeaturePanics: Unsupported("no"), FeatureGoexit: Unsupported("no"),
				},
			}
			got := check(t, f, WithRules(tc.id)).Rule(rule)
			if want := tc.fault == ""; want != (got.Verdict == Pass) || !want && got.Verdict != Fail {
				t.Errorf("%s is %s (%s) with a fault after %v, want a pass: %v", tc.id, got.Verdict, got.Detail, after, want)
			}
		})
	}
}
