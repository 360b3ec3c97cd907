package conformance

import (
	"context"
	"sync/atomic"
)

// The cases about sizes in which one call is judged, behind or among many others.

// behindSizes has a Do come behind many jobs.
func behindSizes(t *trial) {
	t.sweep("jobs in front of a Do", 1<<12, mostWaiting, func(n int) {
		o := t.object()
		var ran, before atomic.Int64
		g := t.hold(o)
		queued := t.goes(func() {
			for range n {
				o.Async(func(*State) { ran.Add(1) })
			}
		})
		if !t.comes(queued) {
			t.inconclusive("Async does not return with %d jobs queued: see ASY-1", n)
		}
		done := t.goes(func() { o.Do(func(*State) { before.Store(ran.Load()) }) })
		t.briefly(done) // so that the Do is queued, most often
		g.open()
		if !t.comes(done) {
			t.inconclusive("a Do behind %d jobs does not return: see EXE-2", n)
		}
		if got := before.Load(); got < int64(n) {
			t.fatal("nothing overtakes a job whose call has returned", "a Do ran when %d of the %d jobs in front of it had", got, n)
		}
		t.closeSince(0)
	})
}

// givenUpSizes has a call be given up behind many others.
func givenUpSizes(t *trial) {
	t.sweep("calls in front of one that is given up", 1<<8, mostWaiting, func(n int) {
		o := t.object()
		ctx, cancel := context.WithCancel(t.ctx)
		defer cancel()
		var c callers
		var late atomic.Bool
		g := t.hold(o)
		c.start(t, n, func(int) { _ = o.(Canceler).DoContext(t.ctx, func(*State) { c.ran.Add(1) }) })
		told := t.goes(func() {
			if o.(Canceler).DoContext(ctx, func(*State) { late.Store(true) }) == nil {
				t.fail("a call whose context ended before its turn gives an error", "it gave none, behind %d that wait", n)
			}
		})
		t.briefly(told)
		cancel()
		t.await(told, "a call behind %d that wait returns when its context has ended", n)
		g.open()
		if !t.comes(c.done()) {
			t.inconclusive("not all of %d calls in front of one that was given up return: see EXE-2", n)
		}
		t.fence(o)
		if late.Load() {
			t.fatal("a job whose context ended before its turn never runs", "it ran, behind %d calls", n)
		}
		t.closeSince(0)
	})
}

// lastSuspensionSizes resumes all suspensions but the last. The job behind that waits.
func lastSuspensionSizes(t *trial) {
	t.sweep("suspensions in front of one", 1<<8, mostWaiting, func(n int) {
		o := t.object()
		resumes := make([]func(), n)
		t.expect("Suspend and Async on a suspended object return at once")
		for i := range resumes {
			resumes[i] = o.(Suspender).Suspend()
		}
		var resumed atomic.Bool
		ran := make(chan struct{})
		o.Async(func(*State) {
			if !resumed.Load() {
				t.fail("nothing that is handed over after a Suspend runs before its resume", "a job behind %d suspensions ran when all but the last had been resumed", n)
			}
			close(ran)
		})
		for _, resume := range resumes[:n-1] {
			t.expect("resume returns at once")
			resume()
		}
		t.briefly(ran)
		resumed.Store(true)
		resumes[n-1]()
		if !t.comes(ran) {
			t.inconclusive("the job behind %d suspensions does not run: see SUS-2", n)
		}
		t.fence(o)
		t.closeSince(0)
	})
}

// futureResultSizes asks many futures for their results when all have been made.
func futureResultSizes(t *trial) {
	t.sweep("futures at once", 1<<10, mostWaiting, func(n int) {
		o := t.object()
		waits := make([]Wait, n)
		t.expect("Future returns at once")
		for i := range waits {
			waits[i] = o.(Futurer).Future(func(*State) int { return i + 1 })
		}
		told := t.goes(func() {
			for i, wait := range waits {
				if v, err := wait(t.ctx); v != i+1 || err != nil {
					t.fail("a future has the result of its own job", "future %d of %d gave %d and the error %v, want %d", i+1, n, v, err, i+1)
					return
				}
			}
		})
		if !t.comes(told) {
			t.inconclusive("not all waits for %d futures end: see EXE-2", n)
		}
		t.fence(o)
		t.closeSince(0)
	})
}
