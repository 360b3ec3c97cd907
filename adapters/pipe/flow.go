package pipe

import (
	"context"
	"sync/atomic"
)

// A flow is one range over a stage. Its owner is the consumer, the goroutine that
// ranges, and an item needs its room until the consumer has got the result.
type flow[Out any] struct {
	intake
	cancel context.CancelCauseFunc // of the intake's context
	slots  []slot[Out]             // an item has its slot as long as it needs room

	// Of the consumer.
	got       atomic.Int64 // results, with the errors of the source
	gotPassed int          // errors of the source
	next      int          // the number of the item whose result comes next; see await

	// In the order of completion, else nil.
	vacant    chan int // the slots that have no item
	completed chan int // the slots that have a result
}

type slot[Out any] struct {
	done   atomic.Bool
	passed bool // err is the source's
	out    Out
	err    error
}

// byCompletion sets the order of the results; without it, it is that of the items.
func (f *flow[Out]) byCompletion() {
	f.vacant, f.completed = make(chan int, f.depth), make(chan int, f.depth)
	for i := range f.depth {
		f.vacant <- i
	}
}

// settle gives the item in slot i its result. The consumer has to be notified.
func (f *flow[Out]) settle(i int, out Out, err error) {
	s := &f.slots[i]
	if s.err = err; err == nil {
		s.out = out
	}
	s.done.Store(true)
	if f.completed != nil {
		f.completed <- i // there is a place for each slot
	}
}

// pass gives the item in slot i the error that the source has for it.
func (f *flow[Out]) pass(i int, err error) {
	f.slots[i].passed = true
	f.settle(i, *new(Out), err)
	f.ready.notify()
}

// deliver runs the consumer's side; see feed for the results.
func (f *flow[Out]) deliver(yield func(Out, error) bool) (exhausted bool, left int) {
	defer f.stop() // also when the consumer panics
	for {
		i, ok := f.await()
		if !ok {
			break
		}
		if out, err := f.take(i); !yield(out, err) {
			f.stop()
			return false, f.lost()
		}
	}
	f.wait()
	err := f.outcome()
	return err == nil || yield(*new(Out), err), 0
}

// await returns the slot of the next result, or false if there will be none.
func (f *flow[Out]) await() (i int, ok bool) {
	f.ready.wait(func() bool {
		return f.hasNext() || f.over.Load() && f.given() == f.taken+f.passed || f.ctx.Err() != nil
	}, f.watchNext)
	if f.ctx.Err() != nil {
		// From here on every item has its result or never gets one; these are
		// passed over.
		f.stop()
		for f.completed == nil && f.next < f.taken+f.passed && !f.hasNext() {
			f.next++
		}
	}
	switch {
	case !f.hasNext():
		return 0, false
	case f.completed != nil:
		return <-f.completed, true
	}
	f.next++
	return (f.next - 1) % f.depth, true
}

func (f *flow[Out]) hasNext() bool {
	if f.completed != nil {
		return len(f.completed) > 0
	}
	return f.slots[f.next%f.depth].done.Load()
}

// take empties slot i.
func (f *flow[Out]) take(i int) (Out, error) {
	s := &f.slots[i]
	out, err := s.out, s.err
	if s.passed {
		f.gotPassed++
	}
	s.out, s.err, s.passed = *new(Out), nil, false
	s.done.Store(false)
	if f.vacant != nil {
		f.vacant <- i
	}
	f.got.Add(1)
	f.room.notify()
	return out, err
}

// lost returns how many items were taken, by this stage or one before it, and not got
// by the consumer. It is valid after stop.
func (f *flow[Out]) lost() int {
	n := f.left + f.taken - (f.given() - f.gotPassed)
	for i := range f.slots {
		if s := &f.slots[i]; s.passed {
			if e, ok := s.err.(*StoppedError); ok { // from a stage before this one
				n += e.NotRun
			}
		}
	}
	return n
}

// given returns how many results the consumer has got.
func (f *flow[Out]) given() int { return int(f.got.Load()) }

// stop returns when the source has returned and no job runs or will run.
func (f *flow[Out]) stop() {
	f.cancel(nil) // which the feeder is told; see watchContext
	f.wait()
}
