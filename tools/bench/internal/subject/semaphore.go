package subject

import (
	"context"

	"golang.org/x/sync/semaphore"
)

// Semaphore is a semaphore of weight one. Background jobs run as its documentation
// shows: the goroutine that hands a job over acquires the semaphore, and the job's
// goroutine releases it.
type Semaphore struct{}

// Name implements [Subject].
func (Semaphore) Name() string { return "x/sync/semaphore" }

// Module implements [Library].
func (Semaphore) Module() string { return xSync }

const xSync = "golang.org/x/sync"

// New implements [Subject].
func (Semaphore) New() Object {
	return &semaphoreObject{lockObject[weighted]{l: weighted{semaphore.NewWeighted(1)}}}
}

// Lacks implements [Subject].
func (Semaphore) Lacks() Reasons {
	return Reasons{
		Await:     "a semaphore has no futures",
		Again:     "a job that acquires its own semaphore again waits forever",
		Unbounded: "who hands over a job waits for the one before",
	}
}

// weighted is a semaphore as a lock. Acquire cannot fail, since the context never ends.
type weighted struct{ w *semaphore.Weighted }

func (l weighted) Lock()   { _ = l.w.Acquire(context.Background(), 1) }
func (l weighted) Unlock() { l.w.Release(1) }

type semaphoreObject struct{ lockObject[weighted] }

func (o *semaphoreObject) Give(job func(*State)) {
	o.l.Lock()
	go func() {
		defer o.l.Unlock()
		job(&o.s)
	}()
}

func (o *semaphoreObject) Async(n int) {
	for i := range n {
		o.Give(func(s *State) {
			s.Ran++
			s.Last = i
		})
	}
}

func (o *semaphoreObject) Repeat(n int) {
	job := func(s *State) { s.Ran++ }
	for range n {
		o.Give(job)
	}
}

func (o *semaphoreObject) RoundTrip(n int) (right int) {
	for i := range n {
		o.Give(func(s *State) {
			s.Ran++
			s.Last = i
		})
		last := o.sync(func(s *State) int {
			s.Ran++
			return s.Last
		})
		if last == i {
			right++
		}
	}
	return right
}

func (o *semaphoreObject) DoUntil(ctx context.Context) (ran bool) {
	if o.l.w.Acquire(ctx, 1) != nil {
		return false
	}
	defer o.l.Unlock()
	o.s.Ran++
	return true
}
