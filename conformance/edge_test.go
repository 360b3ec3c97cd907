package conformance

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-desync/go-desync/conformance/internal/apart"
)

// napper has a worker that ends when it finds nothing queued, and notes that only then:
// who queues a job in between does not start another one.
type napper struct {
	mu      sync.Mutex
	jobs    []func(*State)
	napping atomic.Bool
	state   State
}

func newNapper(Setup) (Object, error) {
	n := new(napper)
	n.napping.Store(true)
	return n, nil
}

func (n *napper) Async(job func(*State)) {
	n.mu.Lock()
	n.jobs = append(n.jobs, job)
	n.mu.Unlock()
	if n.napping.CompareAndSwap(true, false) {
		go n.work()
	}
}

func (n *napper) work() {
	for {
		n.mu.Lock()
		if len(n.jobs) == 0 {
			n.mu.Unlock()
			n.napping.Store(true)
			return
		}
		job := n.jobs[0]
		n.jobs = n.jobs[1:]
		n.mu.Unlock()
		job(&n.state)
	}
}

func (n *napper) Do(job func(*State)) {
	turn, over := make(chan struct{}), make(chan struct{})
	n.Async(func(*State) { close(turn); <-over })
	<-turn
	defer close(over)
	job(&n.state)
}

// hasty keeps its queue as a snapshot, and stores a new one without comparing when it
// could not do so twice.
type hasty struct {
	napper
	queue atomic.Pointer[link]
}

// A link is a job of a snapshot, the last one first. The worker is in front of all.
type link struct {
	job  func(*State)
	next *link
}

var working link

func (h *hasty) Async(job func(*State)) {
	for try := 0; ; try++ {
		old := h.queue.Load()
		now := &link{job, old}
		if old == nil {
			now.next = &working
		}
		if try == 2 {
			h.queue.Store(now)
		} else if !h.queue.CompareAndSwap(old, now) {
			continue
		}
		if old == nil {
			go h.work()
		}
		return
	}
}

func (h *hasty) work() {
	for {
		all := h.queue.Load()
		if all == &working {
			if h.queue.CompareAndSwap(all, nil) {
				return
			}
			continue
		}
		if !h.queue.CompareAndSwap(all, &working) {
			continue
		}
		var jobs []func(*State)
		for ; all != &working && all != nil; all = all.next {
			jobs = append(jobs, all.job)
		}
		for i := len(jobs) - 1; i >= 0; i-- {
			jobs[i](&h.state)
		}
	}
}

func (h *hasty) Do(job func(*State)) {
	turn, over := make(chan struct{}), make(chan struct{})
	h.Async(func(*State) { close(turn); <-over })
	<-turn
	defer close(over)
	job(&h.state)
}

// In the budget full the edge is crossed a million times, in short a hundred thousand.
func TestEXE2AtTheEdge(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	if apart.Ran(t) {
		return
	}
	for _, tc := range []struct {
		name string
		new  func(Setup) (Object, error)
	}{
		{"lost wake-up", newNapper},
		{"blind snapshot", func(Setup) (Object, error) { return new(hasty), nil }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := Factory{Info: Implementation{Name: tc.name}, New: tc.new}
			// Beside busy processes, hundreds of thousands of passages may not meet the fault.
			var got *RuleResult
			for range 10 {
				if got = check(t, f, WithRules("EXE-2/idle-and-busy"), WithBudget(Full)).Rule("EXE-2"); got.Verdict == Fail {
					break
				}
			}
			if got.Verdict != Fail || !strings.Contains(got.Cases[0].Failure.Message, "jobs have not run") || got.Cases[0].Crossings == 0 {
				t.Errorf("EXE-2 is %s (%s) after %d passages, want a failure: a job is lost", got.Verdict, got.Detail, got.Cases[0].Crossings)
			}
		})
	}
}

func TestCrossingsAreReported(t *testing.T) {
	got := check(t, laneFactory(nil), WithRules("EXC-1/idle-and-busy")).Rule("EXC-1")
	if got.Verdict != Pass || got.Cases[0].Crossings < 1000 || !strings.Contains(got.Detail, " passages from idle to busy") {
		t.Errorf("EXC-1 is %s (%s) after %d passages, want a pass that says how many there were", got.Verdict, got.Detail, got.Cases[0].Crossings)
	}
}

// Each fault at the edge fails the case of its own rule.
func TestEdgeFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	if apart.Ran(t) {
		return
	}
	var n atomic.Int64
	for rule, wrap := range map[string]func(*lane) Object{
		"EXE-1": func(l *lane) Object {
			return broken{lane: l, async: func(job func(*State)) {
				l.Async(job)
				if n.Add(1)%1000 == 0 {
					l.Async(job)
				}
			}}
		},
		"EXC-1": func(l *lane) Object {
			return broken{lane: l, do: func(job func(*State)) {
				if l.mu.Lock(); l.busy && n.Add(1)%4 == 0 {
					l.mu.Unlock()
					job(l.state)
					return
				}
				l.mu.Unlock()
				l.Do(job)
			}}
		},
		"ORD-4": func(l *lane) Object {
			return broken{lane: l, async: func(job func(*State)) {
				l.Async(job)
				l.mu.Lock()
				defer l.mu.Unlock()
				if last := len(l.jobs) - 1; last > 0 && n.Add(1)%100 == 0 {
					l.jobs[last], l.jobs[last-1] = l.jobs[last-1], l.jobs[last]
				}
			}}
		},
		"EXE-2": func(l *lane) Object {
			return broken{lane: l, do: func(job func(*State)) {
				if n.Add(1)%1000 != 0 {
					l.Do(job)
				}
			}}
		},
	} {
		n.Store(0) // the fault comes later than the look at whether there are objects at all
		got := check(t, laneFactory(wrap), WithRules(rule+"/idle-and-busy"), WithBudget(Full)).Rule(rule)
		if got.Verdict != Fail || !strings.HasPrefix(got.Cases[0].Failure.Message, rule+": ") {
			t.Errorf("%s is %s (%s), want a failure", rule, got.Verdict, got.Detail)
		}
	}
}
