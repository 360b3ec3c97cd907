package conformance

import (
	"context"
	"sync/atomic"
	"time"
)

// canceledLate lets contexts end by their deadlines, spread over the span, while the
// objects are held: however long a call has waited, it is told.
func canceledLate(t *trial) {
	s, many := t.span(), 50
	if !t.has(FeatureParallel) {
		many = 1
	}
	objects := t.objectsFor(&s, many)
	calls := min(s.arrivals, 2000)
	told := newCount(calls)
	var ran atomic.Int64
	var gates []*gate
	for _, o := range objects {
		gates = append(gates, t.hold(o))
	}
	for i := range calls {
		o, call := objects[i%len(objects)], doWay
		if i%2 == 1 && t.has(FeatureCancelFuture) {
			call = futureWay
		}
		t.goes(func() {
			d := time.Duration(i) * s.length / time.Duration(calls)
			ctx, cancel := context.WithTimeout(context.Background(), d)
			defer cancel()
			if call(o, ctx, func(*State) { ran.Add(1) }) == nil {
				t.fail("a call whose context ended before its turn gives an error", "it gave none, with a deadline after %v", d)
			}
			told.add()
		})
	}
	t.expect("calls that wait are told when their deadlines of up to %v are over", s.length)
	time.Sleep(s.length)
	if !t.comes(told.full) && !t.failed() {
		t.fatal("a call is told when its context ends, however long it has waited", "%d of %d were not", int64(calls)-told.n.Load(), calls)
	}
	for _, g := range gates {
		g.open()
	}
	for _, o := range objects {
		t.fence(o)
	}
	if n := ran.Load(); n > 0 {
		t.fail("a job whose context ended before its turn never runs", "%d of %d ran", n, calls)
	}
}
