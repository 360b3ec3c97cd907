package subject

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// LeastFuture is the least that a future of an object's job takes: a goroutine, a lock around
// the result, a sleep and a wake-up, one swap to take the turn and one to give it back,
// and the deferred calls that see a job panic or end its goroutine. It keeps no order
// and queues nothing, so it is a bound and no alternative.
type LeastFuture struct{}

// Name implements [Subject].
func (LeastFuture) Name() string { return LeastFutureName }

// New implements [Subject].
func (LeastFuture) New() Object { return new(leastObject) }

// Lacks implements [Subject].
func (LeastFuture) Lacks() Reasons {
	const one = "it is the least that a future takes, and nothing else"
	return Reasons{
		Do: one, Sync: one, Async: one, RoundTrip: one, Cancel: one,
		Order: one, Background: one, Again: one, Unbounded: one,
	}
}

type leastObject struct {
	held atomic.Bool
	s    State
}

type leastFuture struct {
	mu      sync.Mutex
	settled bool
	asleep  *sync.Cond // nil, or that of the goroutine that awaits it
	value   int
	failed  any
}

var conds = sync.Pool{New: func() any { return new(sync.Cond) }}

func (o *leastObject) future(job func(*State) int) *leastFuture {
	f := new(leastFuture)
	go o.run(f, job)
	return f
}

func (o *leastObject) run(f *leastFuture, job func(*State) int) {
	for !o.held.CompareAndSwap(false, true) {
		runtime.Gosched()
	}
	defer o.held.CompareAndSwap(true, false) // as an object with a queue has to
	ended := false
	defer func() {
		if !ended {
			f.settle(0, recover())
		}
	}()
	v := job(&o.s)
	ended = true
	f.settle(v, nil)
}

func (f *leastFuture) settle(v int, failed any) {
	f.mu.Lock()
	f.value, f.failed, f.settled = v, failed, true
	c := f.asleep
	f.mu.Unlock()
	if c != nil {
		c.Signal()
	}
}

func (f *leastFuture) await() (int, any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.settled {
		c := conds.Get().(*sync.Cond)
		c.L = &f.mu
		f.asleep = c
		for !f.settled {
			c.Wait()
		}
		c.L = nil
		conds.Put(c)
	}
	return f.value, f.failed
}

func (o *leastObject) Await(n int) (right int) {
	for i := range n {
		later := o.future(func(s *State) int {
			s.Ran++
			s.Last = i
			return s.Last
		})
		if last, failed := later.await(); failed == nil && last == i {
			right++
		}
	}
	return right
}

func (o *leastObject) Give(job func(*State)) {
	o.future(func(s *State) int { job(s); return 0 }).await()
}

// Wait is called when all futures have been awaited; the goroutine of the last may
// still hold the object.
func (o *leastObject) Wait() int {
	for o.held.Load() {
		runtime.Gosched()
	}
	return o.s.Ran
}

func (o *leastObject) Close() {}
