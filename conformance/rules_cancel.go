package conformance

import (
	"context"
	"sync/atomic"
)

// cancelRules are about calls that can be given up.
func cancelRules() []checkedRule {
	future := []Feature{FeatureCancelFuture}
	return []checkedRule{
		{
			Rule: Rule{
				ID: "CAN-1", Level: Must, Feature: FeatureCancel, Profile: CancelProfile, Method: Deterministic,
				Text:    "If the context has ended before the call, or ends before the job's turn, the job does not run, on an idle object either. The caller, or the future, is told at once.",
				Why:     "A request that nobody waits for anymore would still change the data, or its caller would be stuck behind a job that hangs.",
				Mutants: []string{"canceled-job-runs", "idle-ignores-context"},
			},
			cases: []testCase{
				{name: "before-the-call", run: canceledBefore(doWay)},
				{name: "before-its-turn", run: canceledQueued(doWay)},
				{name: "future-before-the-call", needs: future, run: canceledBefore(futureWay)},
				{name: "future-before-its-turn", needs: future, run: canceledQueued(futureWay)},
				{name: "times", run: canceledLate},
				{name: "sizes", run: givenUpSizes},
			},
		},
		{
			Rule: Rule{
				ID: "CAN-2", Level: Must, Feature: FeatureCancel, Profile: CancelProfile, Method: Stochastic,
				Text:    "A job that has started is never reported as not run. A job that is reported as run has run.",
				Why:     "The caller would do again what is already done.",
				Mutants: []string{"ran-reported-canceled"},
			},
			cases: []testCase{
				plays("edge", stochastic{templates: []template{cancelEdge}, kinds: []string{stepAsync, stepContext, stepFutureContext}, owns: []string{"CAN-1", "EXE-2"}}),
				{name: "started", run: canceledStarted(doWay)},
				{name: "times", run: longRuns},
				{name: "future-started", needs: future, run: canceledStarted(futureWay)},
			},
		},
		{
			Rule: Rule{
				ID: "CAN-3", Level: Must, Feature: FeatureCancel, Profile: CancelProfile, Method: Stochastic,
				Text:    "The jobs queued around a canceled one all run, in their order.",
				Why:     "A caller that gives up would harm others.",
				Mutants: []string{"cancel-removes-neighbour"},
			},
			cases: []testCase{
				plays("neighbours", stochastic{templates: []template{cancelEdge, mixed}, kinds: []string{stepAsync, stepDo, stepContext, stepFutureContext}, owns: []string{"EXE-", "ORD-"}, hangs: true}),
				{name: "behind-a-job", run: canceledNeighbours},
				{name: "futures-behind-a-job", needs: future, run: canceledFutures},
				{name: "sizes", run: canceledCallers},
				{name: "future-sizes", needs: future, run: canceledFutureSizes},
			},
		},
		{
			Rule: Rule{
				ID: "CAN-4", Level: Must, Feature: FeatureCancel, Profile: CancelProfile, Method: Deterministic,
				Text:    "A call that is given up lets go of its job and its context at once. On an object that stays busy, the places of such calls never outnumber those of the calls that still wait by more than a few, or than the most that ever waited at once.",
				Why:     "On an object that is stuck, callers that give up and try again would fill the memory.",
				Mutants: []string{"canceled-job-kept", "canceled-place-kept"},
			},
			cases: []testCase{
				{name: "lets-go", run: canceledLetsGo(doWay)},
				{name: "places", run: canceledPlaces(doWay)},
				{name: "future-lets-go", needs: future, run: canceledLetsGo(futureWay)},
				{name: "future-places", needs: future, run: canceledPlaces(futureWay)},
			},
		},
	}
}

// A way is DoContext, or FutureContext and the wait for it.
type way func(o Object, ctx context.Context, job func(*State)) error

func doWay(o Object, ctx context.Context, job func(*State)) error {
	return o.(Canceler).DoContext(ctx, job)
}

func futureWay(o Object, ctx context.Context, job func(*State)) error {
	_, err := o.(FutureCanceler).FutureContext(ctx, func(s *State) int { job(s); return 1 })(context.Background())
	return err
}

func canceledBefore(call way) func(*trial) {
	return func(t *trial) {
		o := t.object()
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		var ran atomic.Bool
		check := func(where string) {
			t.expect("a call whose context has ended returns at once on %s", where)
			if err := call(o, ctx, func(*State) { ran.Store(true) }); err == nil {
				t.fail("a call whose context has ended gives an error on "+where, "it gave none")
			}
		}
		for range 20 {
			check("an idle object")
		}
		g := t.hold(o)
		check("a busy object")
		g.open()
		t.fence(o)
		if ran.Load() {
			t.fail("a job whose context ended before the call does not run", "it ran")
		}
		t.expect("a call whose context has not ended returns")
		if err := call(o, context.Background(), func(*State) { ran.Store(true) }); err != nil || !ran.Load() {
			t.fail("a job whose context has not ended runs", "the error is %v, and the job ran: %v", err, ran.Load())
		}
	}
}

func canceledQueued(call way) func(*trial) {
	return func(t *trial) {
		o := t.object()
		for range 5 {
			g := t.hold(o)
			ctx, cancel := context.WithCancel(context.Background())
			var ran atomic.Bool
			entered := make(chan struct{})
			done := t.goes(func() {
				close(entered)
				if err := call(o, ctx, func(*State) { ran.Store(true) }); err == nil {
					t.fail("a call whose context ended before its turn gives an error", "it gave none")
				}
			})
			<-entered
			t.patience(done) // let it queue its job
			cancel()
			t.await(done, "a call returns at once when its context ends, while the job in front of its own still runs")
			g.open()
			t.fence(o)
			if ran.Load() {
				t.fatal("a job whose context ended before its turn never runs", "it ran")
			}
		}
	}
}

func canceledStarted(call way) func(*trial) {
	return func(t *trial) {
		o := t.object()
		for range 50 {
			ctx, cancel := context.WithCancel(context.Background())
			t.expect("a call whose context ends while its job runs returns")
			err := call(o, ctx, func(*State) { cancel(); spin(1000) })
			cancel()
			if err != nil {
				t.fatal("a job that has started is not reported as not run", "its context ended while it ran, and the call gave the error: %v", err)
			}
		}
		g, started := t.gate(), make(chan struct{})
		ctx, cancel := context.WithCancel(context.Background())
		done := t.goes(func() {
			if err := call(o, ctx, func(*State) { close(started); g.wait() }); err != nil {
				t.fail("a job that has started is not reported as not run", "its context ended while it ran, and the call gave the error: %v", err)
			}
		})
		t.await(started, "the job of the call starts")
		cancel()
		t.patience(done)
		g.open()
		t.await(done, "the call returns when its job has ended")
	}
}

// canceledNeighbours puts jobs that are canceled, and waiting calls that are
// not, among others.
func canceledNeighbours(t *trial) {
	for at := range 4 {
		o, r := t.object(), newRecord(8)
		g := t.hold(o)
		ctx, cancel := context.WithCancel(t.ctx)
		defer cancel()
		var waiting []<-chan struct{}
		var dones []<-chan struct{}
		queued := t.goes(func() {
			for i := range 4 {
				o.Async(r.job(2 * i))
				if i == at || i == 3-at {
					gone := t.goes(func() { o.(Canceler).DoContext(ctx, func(*State) {}) })
					t.patience(gone)
					waiting = append(waiting, gone)
				}
				if i == 1 { // a call that waits, and must not be forgotten
					done := t.goes(func() { o.Do(func(*State) {}) })
					t.patience(done)
					dones = append(dones, done)
				}
				o.Async(r.job(2*i + 1))
			}
		})
		select {
		case <-queued:
		case <-t.ctx.Done():
			return
		}
		cancel()
		for _, gone := range waiting {
			t.await(gone, "a call whose context ended returns")
		}
		g.open()
		for _, done := range dones {
			t.await(done, "a Do beside calls that were canceled returns")
		}
		t.await(r.full, "the jobs beside canceled ones run")
		t.inOrder(r, "the jobs beside canceled ones keep their order")
	}
}

func canceledFutures(t *trial) {
	for from := range 6 {
		for to := from + 1; to <= 6; to++ {
			o, r := t.object(), newRecord(12)
			t.expect("calls on a held object return")
			t.whileHeld(o, func() {
				var waits []Wait
				ctx, cancel := context.WithCancel(context.Background())
				for i := range 6 {
					o.Async(r.job(2 * i))
					if i >= from && i < to {
						waits = append(waits, o.(FutureCanceler).FutureContext(ctx, func(*State) int { return 0 }))
					}
					o.Async(r.job(2*i + 1))
				}
				cancel()
				for _, wait := range waits { // until the canceling has been noted
					wait(t.ctx)
				}
			})
			t.await(r.full, "the jobs beside canceled ones run")
			t.inOrder(r, "the jobs beside canceled ones keep their order")
		}
	}
}
