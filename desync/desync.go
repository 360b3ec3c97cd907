package desync

import (
	"context"

	"github.com/go-desync/go-desync/futures"
)

// A Desync owns a value of type T and orders every access to it. See the package
// documentation for what is promised.
//
// The zero value owns the zero value of T and is ready to use. A Desync must not
// be copied after first use. It needs no Close.
//
// In the terms of the Go memory model, the end of each job on an object
// synchronizes before the beginning of the next; a call that hands over a job
// synchronizes before the job; and the end of a job synchronizes before the
// return of the call, or of the Await, that gives its result.
type Desync[T any] struct {
	core core
	data T
}

// New returns an object that owns data. From then on, what data refers to must be used
// only in jobs.
func New[T any](data T, opts ...Option) *Desync[T] {
	d := &Desync[T]{data: data}
	if len(opts) > 0 {
		d.core.cfg = new(config)
		for _, o := range opts {
			o(d.core.cfg)
		}
	}
	return d
}

// Future queues job like [Desync.Async] and returns a future of its result, which
// settles when the job has ended. The job runs whether or not anybody waits for
// the future.
//
// If the job panics the future fails with a [*PanicError], if it calls
// runtime.Goexit with [futures.ErrGoexit]. As with Async, do not call Goexit in
// the job.
//
// A job that awaits a future of a job queued behind it waits forever. With the race
// detector, or the build tag desyncdebug, Await returns a [*DeadlockError] instead.
//
// Future panics if job is nil.
func (d *Desync[T]) Future[R any](job func(data *T) R) *futures.Future[R] {
	if job == nil {
		panic("desync: Future: the job is nil")
	}
	f := &futureJob[T, R]{job: job}
	guard(context.Background(), d, &f.Promise)
	if d.core.cfg.observed() {
		f.job = nil
		r := d.core.cfg.record()
		d.submit(func(data *T) {
			follow(&f.Promise, r, func() (R, error) { return job(data), nil })
		})
		return f.Promise.Future()
	}
	d.submit(f)
	return f.Promise.Future()
}

// After queues job like [Desync.Future], to run when f has settled. When the job's
// turn comes, the object is held until f has settled, and nothing queued later runs.
// The job gets f's value or its error. No goroutine waits meanwhile.
//
// If f never settles, neither the object nor the future that After returns goes
// on. So f must not depend on what is queued on this object behind the After; a
// future of [Desync.FutureContext] or one tied to a context by
// [futures.Promise.RejectOn] settles, with an error, when that context ends.
//
// After panics if f or job is nil.
func (d *Desync[T]) After[V, R any](f *futures.Future[V], job func(data *T, v V, err error) R) *futures.Future[R] {
	if f == nil || job == nil {
		panic("desync: After: the future and the job must not be nil")
	}
	a := &afterJob[T, V, R]{source: f, job: job}
	guard(context.Background(), d, &a.Promise)
	if d.core.cfg.observed() {
		a.record = d.core.cfg.record()
	}
	d.start(d.core.pushStaying(a))
	return a.Promise.Future()
}

// Pending returns the number of jobs that were accepted and have not ended, including
// the one that runs. While the object is busy, jobs that were given up may count too;
// there are at most a few more of them than of jobs that wait, or than have waited at
// the same time. Pending is for people and tests: the number may have changed when it
// returns.
func (d *Desync[T]) Pending() int {
	return d.core.pending()
}
