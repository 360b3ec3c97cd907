package conformance

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// callRules are about the two kinds of call.
func callRules() []checkedRule {
	return []checkedRule{
		{
			Rule: Rule{
				ID: "SYN-1", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: Deterministic,
				Text:    "Do returns when its own job is done. Everything whose call had returned before Do was called has run by then. Do waits for nothing whose call began later, except as ORD-3 allows.",
				Why:     "The result would be missing, out of date, or arbitrarily late.",
				Mutants: []string{"sync-returns-at-start", "sync-skips-queue", "sync-waits-for-later"},
			},
			cases: []testCase{
				{name: "own-job-done", run: doReturnsAtEnd},
				{name: "after-earlier", run: doAfterEarlier},
				{name: "not-for-later", run: doNotForLater},
				{name: "times", run: longWaits},
			},
		},
		{
			Rule: Rule{
				ID: "SYN-2", Level: Must, Feature: FeatureCaller, Profile: CoreProfile, Method: Deterministic,
				Text:    "The job of Do, DoContext, Try or DoAll runs on the calling goroutine, so runtime.Goexit in the job ends the caller. The object goes on, however the job ends.",
				Why:     "t.FailNow in a job would end the wrong goroutine, and a stack trace would not show the caller.",
				Mutants: []string{"sync-on-worker", "sync-strands-on-goexit"},
			},
			cases: []testCase{
				{name: "goroutine", run: doOnCaller},
				{name: "goexit", run: doGoexit},
			},
		},
		{
			Rule: Rule{
				ID: "SYN-3", Level: Should, Feature: FeatureCore, Profile: LifecycleProfile, Method: Untestable,
				Text:   "Waiting is durably blocking in the sense of testing/synctest, and an object shares nothing between bubbles.",
				Why:    "Code that uses the object could not be tested in a bubble.",
				Reason: "A deadlock in a bubble ends the whole test process, and the suite also runs outside of tests. An implementation needs tests of its own for this.",
			},
		},
		{
			Rule: Rule{
				ID: "ASY-1", Level: Must, Feature: FeatureUnbounded, Profile: CoreProfile, Method: Deterministic,
				Text:    "Async accepts the job and returns at once, however long the object is busy and however much is queued.",
				Why:     "A caller that holds what the running job waits for would deadlock once the queue is long enough.",
				Mutants: []string{"async-inline", "async-blocks-at-1024", "async-drops-when-full"},
			},
			cases: []testCase{
				{name: "busy", run: asyncWhileBusy},
				{name: "long-queue", run: asyncWhileQueued},
			},
		},
		{
			Rule: Rule{
				ID: "ASY-2", Level: Must, Feature: FeatureCore, Profile: CoreProfile, Method: Deterministic,
				Text:    "The job of Async never runs on the calling goroutine before Async returns.",
				Why:     "The caller may hold a mutex that the job needs.",
				Mutants: []string{"async-inline"},
			},
			cases: []testCase{
				{name: "goroutine", run: asyncNotOnCaller},
				{name: "mutex", run: asyncUnderMutex},
			},
		},
		{
			Rule: Rule{
				ID: "HLP-1", Level: Should, Feature: FeatureCore, Profile: CoreProfile, Method: Untestable,
				Text:   "A Do may run queued jobs that nobody has started, in order, before its own. A call with a context may not: it has to give up in time.",
				Why:    "Users would rely on which goroutine runs a background job.",
				Reason: "Nothing can violate the first sentence, which is a permission. The second is part of CAN-1.",
			},
		},
	}
}

func doReturnsAtEnd(t *trial) {
	o := t.object()
	for _, busy := range []bool{false, true} {
		g, started := t.gate(), make(chan struct{})
		var front *gate
		if busy {
			front = t.hold(o)
		}
		var ended atomic.Bool
		done := t.goes(func() {
			o.Do(func(*State) { close(started); g.wait(); ended.Store(true) })
			if !ended.Load() {
				t.fail("Do returns when its job has ended", "it returned before that")
			}
		})
		if busy {
			t.patience(done)
			front.open()
		}
		t.await(started, "the job of a Do starts when its turn has come")
		t.patience(done)
		g.open()
		t.await(done, "Do returns when its job has ended")
	}
}

func doAfterEarlier(t *trial) {
	const n = 50
	o := t.object()
	g := t.hold(o)
	var ran atomic.Int64
	done := t.goes(func() {
		for range n {
			o.Async(func(*State) { ran.Add(1) })
		}
		seen := int64(-1)
		o.Do(func(*State) { seen = ran.Load() })
		if seen != n {
			t.fail("the job of Do runs after all that was handed over before it", "%d of %d jobs had run", seen, n)
		}
	})
	t.patience(done)
	g.open()
	t.await(done, "Do returns after everything handed over before it")
}

// doNotForLater puts a job behind the Do that cannot end before the Do returns.
func doNotForLater(t *trial) {
	o := t.object()
	g, later, started, behind := t.gate(), t.gate(), make(chan struct{}), make(chan struct{})
	done := t.goes(func() { o.Do(func(*State) { close(started); g.wait() }) })
	t.await(started, "the job of a Do on an idle object starts")
	queued := t.goes(func() { o.Async(func(*State) { close(behind); later.wait() }) })
	t.patience(queued)
	g.open()
	t.await(done, "Do returns without waiting for a job that was handed over later, and still runs")
	t.await(behind, "a job that was handed over while another one ran starts when that one has ended")
	later.open()
	t.fence(o)
}

func doOnCaller(t *trial) {
	o := t.object()
	for _, queued := range []bool{false, true} {
		done := t.goes(func() {
			caller, job := goid(), uint64(0)
			if queued {
				o.Async(func(*State) { spin(1000) })
			}
			o.Do(func(*State) { job = goid() })
			if caller != job {
				t.fail("the job of Do runs on the calling goroutine", "the caller is goroutine %d, the job ran on goroutine %d", caller, job)
			}
		})
		t.await(done, "Do returns")
	}
}

func doGoexit(t *trial) {
	o := t.object()
	for range 3 {
		var returned atomic.Bool
		done := t.exits(func() {
			o.Do(func(*State) { runtime.Goexit() })
			returned.Store(true)
		})
		t.await(done, "runtime.Goexit in the job of Do ends the calling goroutine")
		if returned.Load() {
			t.fatal("runtime.Goexit in the job of Do ends the calling goroutine", "Do returned")
		}
		t.do(o, func(*State) {}, "the object goes on after runtime.Goexit in the job of a Do")
	}
	g := t.hold(o)
	gone := t.exits(func() { o.Do(func(*State) { runtime.Goexit() }) })
	behind := t.goes(func() { o.Do(func(*State) {}) })
	t.patience(behind)
	g.open()
	t.await(gone, "runtime.Goexit in the job of Do ends the calling goroutine")
	t.await(behind, "a Do beside another one whose job calls runtime.Goexit returns")
}

func asyncWhileBusy(t *trial) {
	o := t.object()
	g := t.hold(o)
	r := newRecord(3)
	for i := range r.want {
		t.expect("call %d of Async returns while a job of the object runs", i+1)
		o.Async(r.job(i))
	}
	g.open()
	t.await(r.full, "the jobs that Async accepted while the object was busy run")

	d, started := t.gate(), make(chan struct{})
	done := t.goes(func() { o.Do(func(*State) { close(started); d.wait() }) })
	t.await(started, "the job of a Do starts")
	t.expect("Async returns while the job of a Do runs")
	o.Async(func(*State) {})
	d.open()
	t.await(done, "Do returns")
	t.fence(o)
}

func asyncWhileQueued(t *trial) {
	n := mostQueued + 1
	if t.o.budget != Short {
		n = 1_000_000
	}
	n = t.jobs(n, 5_000)
	t.tried("queued jobs", n)
	o := t.object()
	g := t.hold(o)
	r := newCount(n)
	for i := range n {
		if i%1000 == 0 || i < 10 || i > 1000 && i < 1030 {
			t.expect("Async returns with more than %d jobs queued", i)
		}
		o.Async(func(*State) { r.add() })
	}
	g.open()
	if !t.comes(r.full) {
		t.fatal("Async accepts every job, and it runs", "%d of %d ran, and no goroutine can run any more", r.n.Load(), n)
	}
}

func asyncNotOnCaller(t *trial) {
	o := t.object()
	for range 50 {
		var returned atomic.Bool
		ran := make(chan struct{})
		done := t.goes(func() {
			caller := goid()
			o.Async(func(*State) {
				if goid() == caller && !returned.Load() {
					t.fail("the job of Async does not run on the submitting goroutine before Async returns", "it did")
				}
				close(ran)
			})
			returned.Store(true)
		})
		t.await(done, "Async returns")
		t.await(ran, "a job that was handed over runs")
	}
}

func asyncUnderMutex(t *trial) {
	o := t.object()
	var mu sync.Mutex
	for range 20 {
		ran := make(chan struct{})
		done := t.goes(func() {
			mu.Lock()
			defer mu.Unlock()
			o.Async(func(*State) { mu.Lock(); defer mu.Unlock(); close(ran) })
		})
		t.await(done, "Async returns while its caller holds a mutex that the job needs")
		t.await(ran, "a job that was handed over runs")
	}
}
