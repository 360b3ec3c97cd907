package pipe

import (
	"context"
	"sync/atomic"
)

// A flow is one range over a stage. Its owner is the consumer, the goroutine that ranges.
// An item needs its room until the consumer has got the result.
type flow[Out any] struct {
	intake
	cancel       context.CancelCauseFunc // of the intake's context
	results      results[Out]
	byCompletion bool // a result is put in when it is done, not when its item is taken

	// Of the consumer.
	got       atomic.Int64 // results, with the errors of the source
	gotPassed int          // errors of the source
}

func newFlow[Out any](ctx context.Context, cancel context.CancelCauseFunc, depth int) *flow[Out] {
	f := &flow[Out]{intake: newIntake(ctx, depth), cancel: cancel}
	f.results.init()
	return f
}

// expect puts r, the result of an item that was taken, in its place.
func (f *flow[Out]) expect(r *result[Out]) {
	if !f.byCompletion {
		f.results.put(r)
	}
}

// settle notes that r has its value or its error. The consumer must be notified.
func (f *flow[Out]) settle(r *result[Out]) {
	r.done.Store(true)
	if f.byCompletion {
		f.results.put(r)
	}
}

// pass settles r with an error for which there is no job.
func (f *flow[Out]) pass(r *result[Out], err error) {
	r.passed, r.err = true, err
	f.settle(r)
	f.ready.notify()
}

// deliver runs the consumer's side; see feed for the results.
func (f *flow[Out]) deliver(yield func(Out, error) bool) (exhausted bool, left int) {
	defer f.stop() // also when the consumer panics
	for {
		r := f.await()
		if r == nil {
			break
		}
		if out, err := f.take(r); !yield(out, err) {
			f.stop()
			return false, f.lost()
		}
	}
	f.wait()
	err := f.outcome()
	return err == nil || yield(*new(Out), err), 0
}

// await returns the next result, or nil if there will be none.
func (f *flow[Out]) await() *result[Out] {
	f.ready.wait(func() bool {
		return f.next() != nil || f.over.Load() && f.given() == f.taken+f.passed || f.ctx.Err() != nil
	}, f.watchNext)
	if f.ctx.Err() != nil {
		// From here on every item has its result or never gets one; items without a
		// result are skipped.
		f.stop()
		for r := f.results.first(); r != nil && !r.done.Load(); r = f.results.first() {
			f.results.drop()
		}
	}
	return f.next()
}

// next returns the next result if it is ready.
func (f *flow[Out]) next() *result[Out] {
	if r := f.results.first(); r != nil && r.done.Load() {
		return r
	}
	return nil
}

// take takes the first result, r.
func (f *flow[Out]) take(r *result[Out]) (Out, error) {
	f.results.drop()
	out, err := r.out, r.err
	if r.passed {
		f.gotPassed++
	}
	r.out, r.err = *new(Out), nil
	f.got.Add(1)
	f.room.notify()
	return out, err
}

// lost returns how many items were taken, by this stage or one before it, and have not
// reached the consumer. It is valid after stop.
func (f *flow[Out]) lost() int {
	n := f.left + f.taken - (f.given() - f.gotPassed)
	for r := f.results.first(); r != nil; r = r.next.Load() {
		if e, ok := r.err.(*StoppedError); ok && r.passed { // from a stage before this one
			n += e.NotRun
		}
	}
	return n
}

// given returns how many results the consumer has got.
func (f *flow[Out]) given() int { return int(f.got.Load()) }

// stop returns when the source has returned and no job runs or will run.
func (f *flow[Out]) stop() {
	f.cancel(nil) // this wakes the feeder; see watchContext
	f.wait()
	f.leave()
}
