package conformance

import (
	"context"
	"runtime"
	"time"
)

// canceledLetsGo looks while the object still stands at the job in front.
func canceledLetsGo(call way) func(*trial) {
	return func(t *trial) {
		o := t.object()
		g := t.hold(o)
		job, value := newProbe(), newProbe()
		for range again {
			giveUpProbes(t, o, call, job, value)
		}
		t.collected(job, "a call that was given up lets go of its job, although the object is still busy", o)
		t.collected(value, "a call that was given up lets go of its context, although the object is still busy", o)
		g.open()
		t.fence(o)
	}
}

// giveUpProbes is a function of its own, so that nothing of its frame stays alive.
//
//go:noinline
func giveUpProbes(t *trial, o Object, call way, job, value *probe) {
	type key struct{}
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), key{}, value.payload()))
	big := job.payload()
	done := t.goes(func() { _ = call(o, ctx, func(*State) { big.use() }) })
	t.patience(done)
	cancel()
	t.await(done, "a call whose context ended returns")
}

// canceledPlaces measures what calls that were given up leave behind while the object
// stands at one job, alone and among others that wait.
func canceledPlaces(call way) func(*trial) {
	return func(t *trial) {
		runtime.GOMAXPROCS(1) // so that a call takes its place when others yield
		for _, others := range []int{0, 20} {
			o := t.object()
			g := t.hold(o)
			done := t.goes(func() {
				for range others {
					o.Async(func(*State) {})
				}
				if others > 0 {
					o.Do(func(*State) {})
				}
			})
			t.briefly(done)
			t.expect("a call returns when its context ends")
			giveUp(o, call, 1000)
			const calls, most = 15_000, 100_000
			before := heap()
			giveUp(o, call, calls)
			grown := heap() - before
			for again := 0; grown > most && again < 3; again++ { // for what else uses memory now
				time.Sleep(10 * time.Millisecond)
				grown = min(grown, heap()-before)
			}
			if grown > most {
				t.fail("calls that were given up leave no places behind while the object is busy", "after %d of them, one at a time, with %d that wait for the object, the heap is %d bytes larger than before; at most %d are tolerated", calls, others, grown, most)
			}
			g.open()
			t.await(done, "calls that were not given up return")
			t.fence(o)
		}
	}
}

// giveUp makes n calls, one after the other, which are given up when they wait.
func giveUp(o Object, call way, n int) {
	contexts := make(chan context.Context)
	go func() {
		defer close(contexts)
		for range n {
			ctx, cancel := context.WithCancel(context.Background())
			contexts <- ctx
			Pause{Yields: 3}.pass()
			cancel()
		}
	}()
	for ctx := range contexts {
		_ = call(o, ctx, func(*State) {})
	}
}
