package conformance

import (
	"context"
	"sync/atomic"
)

// futureRules are about jobs whose result can be waited for.
func futureRules() []checkedRule {
	return []checkedRule{
		{
			Rule: Rule{
				ID: "FUT-1", Level: Must, Feature: FeatureFuture, Profile: FutureProfile, Method: Deterministic,
				Text:    "A future settles once. Every wait for it gives the same result, before and after, on any goroutine.",
				Why:     "Two readers could see different results of one job.",
				Mutants: []string{"future-settles-twice"},
			},
			cases: []testCase{
				{name: "one-result", run: oneResult},
				{name: "times", run: askedLater},
				{name: "sizes", run: futureResultSizes},
				{name: "arrival", run: waitAtEnd},
			},
		},
		{
			Rule: Rule{
				ID: "FUT-2", Level: Must, Feature: FeatureFuture, Profile: FutureProfile, Method: Deterministic,
				Text:    "A future does not settle before its job has ended.",
				Why:     "The result would not be that of the job.",
				Mutants: []string{"future-before-job"},
			},
			cases: []testCase{
				{name: "after-job", run: settlesAfterJob},
			},
		},
		{
			Rule: Rule{
				ID: "FUT-3", Level: Must, Feature: FeatureFuture, Profile: FutureProfile, Method: Deterministic,
				Text:    "Discarding a future, or giving up waiting for it, does not cancel the job.",
				Why:     "Whether a write happens would depend on whether somebody waits for it.",
				Mutants: []string{"discard-cancels", "given-up-cancels"},
			},
			cases: []testCase{
				{name: "discarded", run: discardedFuture},
				{name: "given-up", run: givenUpFuture},
				{name: "given-up-suspended", needs: []Feature{FeatureSuspend}, run: givenUpSuspended},
			},
		},
	}
}

// oneResult waits for each future early and late, and from many goroutines.
func oneResult(t *trial) {
	o := t.object()
	f := o.(Futurer)
	for i := range 50 {
		const waiters = 4
		g := t.gate()
		var wait Wait
		made := make(chan struct{})
		t.goes(func() {
			wait = f.Future(func(*State) int { g.wait(); return i + 1 })
			close(made)
		})
		t.await(made, "Future returns although its job waits")
		check := func(when string) {
			if v, err := wait(context.Background()); v != i+1 || err != nil {
				t.fail("every wait for a future gives the one result", "a wait %s gave %d and the error %v, want %d", when, v, err, i+1)
			}
		}
		var early []<-chan struct{}
		for range waiters {
			early = append(early, t.goes(func() { check("that began before the job ended") }))
		}
		g.open()
		for _, done := range early {
			t.await(done, "a wait ends when the job has")
		}
		t.expect("a wait for a future that has settled ends")
		check("that began later")
		t.fence(o)
		check("after another job")
		if t.failed() {
			return
		}
	}
}

func settlesAfterJob(t *trial) {
	o := t.object()
	f := o.(Futurer)
	for _, busy := range []bool{false, true} {
		var front *gate
		if busy {
			front = t.hold(o)
		}
		g, started := t.gate(), make(chan struct{})
		var ended atomic.Bool
		done := t.goes(func() {
			wait := f.Future(func(*State) int { close(started); g.wait(); ended.Store(true); return 42 })
			v, err := wait(context.Background())
			if !ended.Load() {
				t.fail("a future does not settle before its job has ended", "a wait gave %d and the error %v while the job had not ended", v, err)
			} else if v != 42 || err != nil {
				t.fail("a future has the value of its job", "want 42, got %d and the error %v", v, err)
			}
		})
		t.patience(done)
		if busy {
			front.open()
		}
		t.await(started, "the job of a future starts")
		t.patience(done)
		g.open()
		t.await(done, "the wait for a future ends when its job has")
	}
}

func discardedFuture(t *trial) {
	o := t.object()
	const n = 20
	var ran atomic.Int64
	g := t.hold(o)
	done := t.goes(func() {
		for range n {
			o.(Futurer).Future(func(*State) int { ran.Add(1); return 0 })
		}
		t.collect()
		t.collect()
	})
	t.comes(done) // the collections are to come first, however long they take
	g.open()
	t.await(done, "Future returns")
	t.fence(o)
	if got := ran.Load(); got != n {
		t.fatal("the job of a discarded future runs", "%d of %d ran", got, n)
	}
}

func givenUpFuture(t *trial) {
	o := t.object()
	var ran atomic.Int64
	t.whileHeld(o, func() {
		wait := o.(Futurer).Future(func(*State) int { ran.Add(1); return 7 })
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := wait(ctx); err == nil && ran.Load() == 0 {
			t.fail("a wait whose context has ended gives an error while the job has not run", "it gave none")
		}
	})
	t.fence(o)
	if ran.Load() != 1 {
		t.fatal("the job of a future runs although a wait for it was given up", "it ran %d times", ran.Load())
	}
}

// givenUpSuspended is the same while the object is suspended.
func givenUpSuspended(t *trial) {
	o := t.object()
	var ran atomic.Int64
	t.expect("Suspend and Future return at once")
	resume := o.(Suspender).Suspend()
	wait := o.(Futurer).Future(func(*State) int { ran.Add(1); return 7 })
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	t.expect("a wait whose context has ended returns")
	_, _ = wait(ctx)
	resume()
	t.fence(o)
	if ran.Load() != 1 {
		t.fatal("the job of a future runs although a wait for it was given up", "it ran %d times, on an object that was suspended meanwhile", ran.Load())
	}
}
