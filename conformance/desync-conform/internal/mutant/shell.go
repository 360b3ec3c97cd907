package mutant

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/go-desync/go-desync/conformance"
)

type (
	job       = func(*conformance.State)
	jobOfAll  = func([]*conformance.State)
	jobResult = func(*conformance.State) int
	jobAfter  = func(*conformance.State, int, error) int
	settler   = func(int, error)
)

// A shell is the base with its calls as fields. A mutant that is wrong in one kind of
// call puts another function in its place.
type shell struct {
	*object
	async         func(job)
	do            func(job)
	doContext     func(context.Context, job) error
	tryDo         func(job) bool
	future        func(jobResult) conformance.Wait
	futureContext func(context.Context, jobResult) conformance.Wait
	after         func(jobAfter) (settler, conformance.Wait)
	suspend       func() (resume func())
	doAll         func([]conformance.Object, jobOfAll)
	close         func()
	submit        func(job) bool
	onPanic       func(func(any))
}

func newShell(o *object) *shell {
	return &shell{
		object: o,
		async:  o.Async, do: o.Do, doContext: o.DoContext, tryDo: o.TryDo,
		future: o.Future, futureContext: o.FutureContext, after: o.After, suspend: o.Suspend,
		doAll: o.DoAll, close: o.Close, submit: o.Submit, onPanic: o.OnPanic,
	}
}

func (s *shell) Async(f job)                                   { s.async(f) }
func (s *shell) Do(f job)                                      { s.do(f) }
func (s *shell) DoContext(ctx context.Context, f job) error    { return s.doContext(ctx, f) }
func (s *shell) TryDo(f job) bool                              { return s.tryDo(f) }
func (s *shell) Future(f jobResult) conformance.Wait           { return s.future(f) }
func (s *shell) After(f jobAfter) (settler, conformance.Wait)  { return s.after(f) }
func (s *shell) Suspend() (resume func())                      { return s.suspend() }
func (s *shell) DoAll(others []conformance.Object, f jobOfAll) { s.doAll(others, f) }
func (s *shell) Close()                                        { s.close() }
func (s *shell) Submit(f job) bool                             { return s.submit(f) }
func (s *shell) OnPanic(handler func(any))                     { s.onPanic(handler) }

func (s *shell) FutureContext(ctx context.Context, f jobResult) conformance.Wait {
	return s.futureContext(ctx, f)
}

// wedge puts a place that nobody takes in front: when the turn comes to it, the object
// stands still forever. Whoever calls it in a job keeps the turn, in effect.
func (o *object) wedge() {
	o.mu.Lock()
	o.queue.pushFront(&entry{grant: func() {}})
	o.mu.Unlock()
}

// isIdle reports whether nobody has the turn and nobody waits for it.
func (o *object) isIdle() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.idle()
}

// queued returns how many wait.
func (o *object) queued() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.queue.n
}

// watched is f, and calls ended before it goes on to panic with v or, with nil, to end
// its goroutine.
func watched(f func(), ended func(v any)) {
	returned := false
	defer func() {
		if returned {
			return
		}
		v := recover()
		ended(v)
		if v != nil {
			panic(v)
		}
	}()
	f()
	returned = true
}

// standing replaces Suspend by one that notes whether the object stands still, at once
// if nothing is in front.
func (s *shell) standing() *atomic.Bool {
	var stands atomic.Bool
	s.suspend = func() (resume func()) {
		resumed := make(chan struct{})
		if s.isIdle() {
			stands.Store(true)
		}
		s.mustQueue(&entry{job: func() {
			stands.Store(true)
			<-resumed
			stands.Store(false)
		}})
		return sync.OnceFunc(func() { close(resumed) })
	}
	return &stands
}

// inJob runs f and lets isInJob know that its goroutine runs a job.
func (o *object) inJob(f func()) {
	id := goid()
	o.running.Store(id, true)
	defer o.running.Delete(id)
	f()
}

// isInJob reports whether the caller runs a job of this mutant.
func (o *object) isInJob() bool {
	_, ok := o.running.Load(goid())
	return ok
}
