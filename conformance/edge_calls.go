package conformance

import "context"

// An edgeCall is a kind of call of an edgeLoop.
type edgeCall struct {
	name string
	jobs int // that it hands over; more happens in none of its rounds
	make func(e *edgeLoop, c int)
}

// The places of two kinds: one hands over many jobs at once, the other waits.
const manyAsync, plainDo = 2, 3

// edgeCalls returns the kinds of call that the claimed features allow, Async
// first.
func (t *trial) edgeCalls() []edgeCall {
	asyncs := func(n int) func(*edgeLoop, int) {
		return func(e *edgeLoop, c int) {
			for i := range n {
				e.o.Async(e.hand(c, i))
			}
		}
	}
	calls := []edgeCall{
		{"Async", 1, asyncs(1)},
		{"two of Async", 2, asyncs(2)},
		{"many of Async", mostInCall, asyncs(mostInCall)},
		{"Do", 1, func(e *edgeLoop, c int) {
			e.o.Do(e.hand(c, 0))
			e.returned(c, 0)
		}},
		{"Async and Do", 2, func(e *edgeLoop, c int) {
			e.o.Async(e.hand(c, 0))
			e.o.Do(e.hand(c, 1))
			e.returned(c, 1)
		}},
	}
	ended, end := context.WithCancel(context.Background())
	end()
	for _, x := range []struct {
		feature Feature
		call    edgeCall
	}{
		{FeatureFuture, edgeCall{"Future", 1, func(e *edgeLoop, c int) {
			job := e.hand(c, 0)
			e.o.(Futurer).Future(func(s *State) int { job(s); return 1 })
		}}},
		{FeatureFuture, edgeCall{"Future and its wait", 1, func(e *edgeLoop, c int) {
			job := e.hand(c, 0)
			_, _ = e.o.(Futurer).Future(func(s *State) int { job(s); return 1 })(e.t.ctx)
			e.returned(c, 0)
		}}},
		{FeatureCancel, edgeCall{"DoContext", 1, func(e *edgeLoop, c int) {
			if e.o.(Canceler).DoContext(e.t.ctx, e.hand(c, 0)) == nil {
				e.returned(c, 0)
			}
		}}},
		{FeatureCancel, edgeCall{"DoContext that is given up", 1, func(e *edgeLoop, c int) {
			if e.o.(Canceler).DoContext(ended, e.hand(c, 0)) != nil {
				e.refused(c, 0)
			}
		}}},
		{FeatureCancelFuture, edgeCall{"FutureContext", 1, func(e *edgeLoop, c int) {
			job := e.hand(c, 0)
			e.o.(FutureCanceler).FutureContext(e.t.ctx, func(s *State) int { job(s); return 1 })
		}}},
		{FeatureTry, edgeCall{"TryDo", 1, func(e *edgeLoop, c int) {
			if e.o.(Trier).TryDo(e.hand(c, 0)) {
				e.returned(c, 0)
			} else {
				e.refused(c, 0)
			}
		}}},
		{FeatureAfter, edgeCall{"After", 1, func(e *edgeLoop, c int) {
			job := e.hand(c, 0)
			settle, _ := e.o.(Afterer).After(func(s *State, v int, _ error) int { job(s); return v })
			settle(1, nil)
		}}},
		{FeatureSuspend, edgeCall{"Suspend and its resume", 1, func(e *edgeLoop, c int) {
			e.arrive()
			e.o.(Suspender).Suspend()()
			e.pending.Add(-1)
			e.over()
		}}},
		{FeatureClose, edgeCall{"Submit", 1, func(e *edgeLoop, c int) { e.o.(Closer).Submit(e.hand(c, 0)) }}},
	} {
		if t.has(x.feature) {
			calls = append(calls, x.call)
		}
	}
	return calls
}
