package conformance

import (
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"time"
)

// closeRules are about closing.
func closeRules() []checkedRule {
	return []checkedRule{
		{
			Rule: Rule{
				ID: "CLO-1", Level: Must, Feature: FeatureClose, Profile: LifecycleProfile, Method: Stochastic,
				Text:    "Close returns when everything that was accepted before it was called has run. A job that is accepted while Close is called runs too.",
				Why:     "Work would be lost at every shutdown.",
				Mutants: []string{"dropped-on-close"},
			},
			cases: []testCase{
				{name: "queued", run: closeDrains},
				{name: "times", run: closedWhileHeld},
				{name: "sizes", run: closeSizes},
				{name: "racing", run: closeAgainstSubmit},
			},
		},
		{
			Rule: Rule{
				ID: "CLO-2", Level: Must, Feature: FeatureClose, Profile: LifecycleProfile, Method: Deterministic,
				Text:    "A job that is submitted after Close has returned is refused. Its caller is told, and it never runs.",
				Why:     "The caller would count on work that is never done.",
				Mutants: []string{"late-work-accepted"},
			},
			cases: []testCase{
				{name: "late", run: lateIsRefused},
			},
		},
		{
			Rule: Rule{
				ID: "CLO-3", Level: Must, Feature: FeatureClose, Profile: LifecycleProfile, Method: Deterministic,
				Text:    "A second Close returns, whether it is called after the first one or at the same time.",
				Why:     "Two owners, or a deferred Close after an explicit one, would hang.",
				Mutants: []string{"second-close-hangs"},
			},
			cases: []testCase{
				{name: "again", run: closeAgain},
				{name: "beside", run: closeBeside},
			},
		},
	}
}

func closeDrains(t *trial) {
	const n = 50
	o := t.object()
	g := t.hold(o)
	var accepted, ran atomic.Int64
	queued := t.goes(func() {
		for range n {
			if o.(Closer).Submit(func(*State) { ran.Add(1) }) {
				accepted.Add(1)
			}
		}
	})
	t.patience(queued)
	g2 := t.goes(func() {
		select {
		case <-queued:
		case <-t.ctx.Done():
			return
		}
		o.(Closer).Close()
		if got, want := ran.Load(), accepted.Load(); got != want {
			t.fail("Close returns when everything that was accepted has run", "%d of %d jobs had", got, want)
		}
	})
	t.patience(g2)
	g.open()
	t.await(g2, "Close returns when everything that was accepted has run")
	if got := accepted.Load(); got != n {
		t.fail("Submit refuses nothing before Close is called", "it accepted %d of %d", got, n)
	}
}

// closeSizes closes objects on which many jobs are queued.
func closeSizes(t *trial) {
	t.sweep("queued jobs", 1<<8, mostQueued, func(n int) {
		o, q := t.object(), newSequence(n)
		t.fill(o, func() {
			for i := range n {
				if !o.(Closer).Submit(q.job(i)) {
					t.fail("Submit refuses nothing before Close is called", "it refused job %d of %d", i+1, n)
					return
				}
			}
		})
		t.expect("Close returns when %d jobs have run", n)
		o.(Closer).Close()
		t.judged(q, true, "when Close returns")
		t.closeSince(0)
	})
}

// closeAgainstSubmit has Close meet calls of Submit. Some callers submit one job after the
// other until they are refused, and Close comes after a pause that is swept over some
// microseconds, on one object after the other.
func closeAgainstSubmit(t *trial) {
	const most = 50_000
	least := t.objectsAtPace(200, 25, 10)
	rng := rand.New(rand.NewPCG(t.o.seed, 7))
	spins := spinsIn(4 * time.Microsecond)
	start := time.Now()
	met := 0
	for rounds := 0; rounds < least || rounds < most && time.Since(start) < 2*t.slice(); rounds++ {
		if rounds%50 == 0 {
			runtime.GOMAXPROCS([]int{2, runtime.NumCPU(), 2, runtime.NumCPU(), 1}[rounds/50%5])
		}
		if t.closeMeetsSubmit([]int{1, 2, 1, 3}[rounds/50%4], func() { spin(rng.IntN(spins)) }) {
			met++
		}
		t.closeSince(0)
	}
	t.tried("closings of an object at which a Submit was under way", met)
}

// closeMeetsSubmit closes one object while some callers submit. It reports whether a Submit
// was under way when Close was called.
func (t *trial) closeMeetsSubmit(callers int, pause func()) (met bool) {
	const most = 16 // jobs of a caller
	o := t.object()
	var under, accepted, ran atomic.Int64 // calls that have begun and not returned; jobs
	begin := barrier{parties: callers + 1, next: make(chan struct{})}
	var done []<-chan struct{}
	for range callers {
		done = append(done, t.goes(func() {
			begin.pass()
			for range most {
				under.Add(1)
				yes := o.(Closer).Submit(func(*State) { runtime.Gosched(); ran.Add(1) })
				under.Add(-1)
				if !yes {
					return
				}
				accepted.Add(1)
			}
		}))
	}
	begin.pass()
	pause()
	met = under.Load() > 0
	t.expect("Close returns while others submit")
	o.(Closer).Close()
	for _, done := range done {
		t.await(done, "Submit returns while and after Close is called")
	}
	// A job that was accepted while Close ran has run when a later Close returns.
	t.expect("a second Close returns")
	o.(Closer).Close()
	if a, r := accepted.Load(), ran.Load(); a != r {
		t.fatal("what Submit accepts while Close is called runs, and nothing else", "%d jobs were accepted, %d ran", a, r)
	}
	return met
}

func lateIsRefused(t *trial) {
	o := t.object()
	t.expect("Close of an idle object returns")
	o.(Closer).Close()
	var ran atomic.Bool
	for range 3 {
		t.expect("Submit after Close returns")
		if o.(Closer).Submit(func(*State) { ran.Store(true) }) {
			t.fatal("Submit after Close has returned is refused", "it was accepted")
		}
	}
	t.expect("a second Close returns")
	o.(Closer).Close()
	if ran.Load() {
		t.fatal("a job that was refused never runs", "it ran")
	}
}

func closeAgain(t *trial) {
	o := t.object()
	t.expect("the first Close returns")
	t.fence(o)
	for i := range 3 {
		t.expect("Close returns when it is called for the %d. time", i+1)
		o.(Closer).Close()
	}
}

func closeBeside(t *trial) {
	o := t.object()
	g := t.hold(o)
	var dones []<-chan struct{}
	for range 3 {
		done := t.goes(func() { o.(Closer).Close() })
		t.patience(done)
		dones = append(dones, done)
	}
	g.open()
	for _, done := range dones {
		t.await(done, "Close returns beside other calls of Close")
	}
}
