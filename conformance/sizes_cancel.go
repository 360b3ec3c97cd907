package conformance

import (
	"context"
	"sync/atomic"
)

// givesUp are ways to choose those of n calls that are given up: all, every second one,
// the first half, the second half.
func givesUp(round, n int) func(i int) bool {
	return []func(i int) bool{
		func(int) bool { return true },
		func(i int) bool { return i%2 == 1 },
		func(i int) bool { return i < (n+1)/2 },
		func(i int) bool { return i >= n/2 },
	}[round%4]
}

// canceledCallers has many calls wait between two jobs, and gives up some of them. As many
// come then, and take the places that are free.
func canceledCallers(t *trial) {
	round := 0
	t.sweep("callers that wait and may give up", 1<<8, mostWaiting, func(n int) {
		gone := givesUp(round, n)
		round++
		o, q := t.object(), newSequence(3)
		ctx, cancel := context.WithCancel(t.ctx)
		defer cancel()
		var c callers
		var given, late atomic.Int64 // calls that were given up, and jobs that ran nevertheless
		want := int64(0)
		for i := range n {
			if gone(i) {
				want++
			}
		}
		all := make(chan struct{})
		g := t.hold(o)
		async := func(i int) {
			if !t.comes(t.goes(func() { o.Async(q.job(i)) })) {
				t.inconclusive("Async does not return while a job runs: see ASY-1")
			}
		}
		async(0)
		c.start(t, n, func(i int) {
			if !gone(i) {
				_ = o.(Canceler).DoContext(t.ctx, func(*State) { c.ran.Add(1) })
				return
			}
			_ = o.(Canceler).DoContext(ctx, func(*State) { late.Add(1) })
			if given.Add(1) == want {
				close(all)
			}
		})
		async(1)
		cancel()
		if !t.comes(all) {
			t.inconclusive("%d of %d calls returned when their context had ended: see CAN-1", given.Load(), want)
		}
		c.start(t, n, func(int) { o.Do(func(*State) { c.ran.Add(1) }) })
		async(2)
		g.open()
		c.all(t, c.done(), 2*n-int(want), "each caller that does not give up gets its turn, although %d of %d that wait did", want, n)
		t.fence(o)
		t.inPlace(q, &late, n)
	})
}

// canceledFutureSizes gives up some of many futures, which are queued among other jobs.
func canceledFutureSizes(t *trial) {
	round := 0
	t.sweep("futures that may be given up", 1<<8, mostWaiting, func(n int) {
		gone := givesUp(round, n)
		round++
		o := t.object()
		ctx, cancel := context.WithCancel(t.ctx)
		defer cancel()
		var waits []Wait
		var late atomic.Int64
		kept := 0
		for i := range n {
			if !gone(i) {
				kept++
			}
		}
		q := newSequence(kept + n/16)
		g := t.hold(o)
		queued := t.goes(func() {
			next := 0
			for i := range n {
				place := next
				if gone(i) {
					waits = append(waits, o.(FutureCanceler).FutureContext(ctx, func(*State) int { late.Add(1); return 1 }))
				} else {
					o.(FutureCanceler).FutureContext(t.ctx, func(*State) int { q.add(place); return 1 })
					next++
				}
				if i%16 == 15 {
					o.Async(q.job(next))
					next++
				}
			}
		})
		if !t.comes(queued) {
			t.inconclusive("FutureContext or Async does not return while a job runs: see ASY-1")
		}
		cancel()
		told := t.goes(func() {
			for _, wait := range waits {
				_, _ = wait(t.ctx)
			}
		})
		if !t.comes(told) {
			t.inconclusive("the waits for futures whose context ended do not end: see CAN-1")
		}
		g.open()
		t.fence(o)
		t.inPlace(q, &late, n)
	})
}

// inPlace judges the jobs that were not given up among n that could be.
func (t *trial) inPlace(q *sequence, late *atomic.Int64, n int) {
	if len(q.times) > 0 && !t.comes(q.full) {
		_, missing := q.missing()
		t.fatal("the jobs beside canceled ones run", "%d of %d did not, with %d calls that could be given up", missing, len(q.times), n)
	}
	if n := late.Load(); n > 0 {
		t.fatal("a job that was given up never runs", "%d of them ran", n)
	}
	if wrong := q.wrong.Load(); wrong > 0 {
		t.fatal("the jobs beside canceled ones keep their order", "at place %d of %d job %d ran, with %d calls that could be given up", wrong, len(q.times), q.other.Load()+1, n)
	}
	t.closeSince(0)
}
