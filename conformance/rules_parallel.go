package conformance

import (
	"fmt"
	"runtime"
	"sync/atomic"
)

// parallelRules are about objects side by side.
func parallelRules() []checkedRule {
	return []checkedRule{
		{
			Rule: Rule{
				ID: "PAR-1", Level: Must, Feature: FeatureParallel, Profile: ConcurrencyProfile, Method: Deterministic,
				Text:    "Jobs of different objects run in parallel. Blocked objects, however many, do not stop another one.",
				Why:     "Objects that wait for each other would deadlock when there are enough of them, although each is correct by itself.",
				Mutants: []string{"global-worker", "fixed-pool", "global-lock"},
			},
			cases: []testCase{
				{name: "all-at-once", run: allAtOnce},
				{name: "ring", run: ringOfJobs},
			},
		},
		{
			Rule: Rule{
				ID: "FAIR-1", Level: Must, Feature: FeatureParallel, Profile: ConcurrencyProfile, Method: Deterministic,
				Text:    "An object that always has work leaves time to other objects, even with one processor.",
				Why:     "One hot object would stop the rest of the program.",
				Mutants: []string{"hot-object-starves"},
			},
			cases: []testCase{
				{name: "hot-object", run: hotObject},
			},
		},
	}
}

// allAtOnce blocks many objects at once, each in a job, and uses one more.
func allAtOnce(t *trial) {
	most := 1<<12 + 1
	if t.o.budget != Short {
		most = 1<<15 + 1
	}
	most = t.objectsAtPace(most, 100, 0)
	t.tried("objects", most)
	n := int64(most)
	g, all := t.gate(), make(chan struct{})
	var running atomic.Int64
	for range n {
		o := t.object()
		t.goes(func() {
			o.Async(func(*State) {
				if running.Add(1) == n {
					close(all)
				}
				g.wait()
			})
		})
	}
	t.await(all, "%d objects each run a job at the same time", n)
	extra := t.object()
	t.do(extra, func(*State) {}, "a Do returns although the jobs of %d other objects are blocked", n)
	g.open()
}

// ringOfJobs lets each job wait for one of another object.
func ringOfJobs(t *trial) {
	n := t.objectsAtPace(300, 5, 0)
	signals := make([]chan struct{}, n+1)
	for i := range signals {
		signals[i] = make(chan struct{})
	}
	for i := range n {
		o := t.object()
		t.goes(func() {
			o.Async(func(*State) {
				select {
				case <-signals[i+1]:
				case <-t.ctx.Done():
				}
				close(signals[i])
			})
		})
	}
	close(signals[n])
	t.await(signals[0], "%d jobs of different objects, each waiting for the next one, all end", n)
}

// hotObject measures in jobs of the hot object, not in time, so that a busy
// machine makes no difference.
func hotObject(t *trial) {
	const trips = 5
	most := int64(2_000_000)
	if t.remote != nil { // each job of which comes over the pipe
		most = 20_000
	}
	warm := int64(t.jobs(10_000, 100))
	hot, other := t.object(), t.object()
	self := make(chan struct{})
	t.goes(func() { hot.Async(func(*State) { defer t.catch(); hot.Async(func(*State) { close(self) }) }) })
	if !t.comes(self) {
		t.inconclusive("a job cannot hand over another one to its own object: see NST-2")
	}
	runtime.GOMAXPROCS(1)
	var ran, from atomic.Int64
	var stop atomic.Bool
	isHot, done := make(chan struct{}), make(chan struct{})
	var job func(*State)
	job = func(*State) {
		defer t.catch()
		n := ran.Add(1)
		if n == warm {
			close(isHot)
		}
		if n-from.Load() > most || stop.Load() {
			close(done)
			return
		}
		hot.Async(job)
	}
	t.expect("Async returns")
	hot.Async(job)
	t.await(isHot, "an object whose job hands over the next one goes on and on")
	for i := range trips {
		from.Store(ran.Load())
		t.do(other, func(*State) {}, "a Do on an idle object returns while another object has work without end")
		ok := make(chan struct{})
		other.Async(func(*State) { close(ok) })
		t.await(ok, "a job of an idle object runs while another object has work without end")
		if ran.Load()-from.Load() > most {
			t.fail(fmt.Sprintf("a Do and an Async on another object are served while the hot one runs %d jobs", most),
				"in round trip %d of %d they were not", i+1, trips)
			break
		}
	}
	stop.Store(true)
	t.await(done, "the hot object ends")
}
