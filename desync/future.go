package desync

import (
	"context"
	"sync/atomic"

	"github.com/go-desync/go-desync/futures"
	"github.com/go-desync/go-desync/futures/waits"
)

// Future queues job like [Desync.Async] and returns a future of its result. The future
// settles when the job has ended. The job runs whether or not anybody waits for the
// future.
//
// If the job panics, the future fails with a [*PanicError]. If it calls runtime.Goexit,
// the future fails with [futures.ErrGoexit]; but as with Async, do not call Goexit in
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
		r := d.record(made{call: CallFuture, code: job})
		d.submit(func(data *T) {
			follow(&f.Promise, r, func() (R, error) { return job(data), nil })
		})
		return f.Promise.Future()
	}
	d.submit(f)
	return f.Promise.Future()
}

// futureJob is the entry of a Future: the job and its promise in one allocation.
type futureJob[T, R any] struct {
	futures.Promise[R]
	job func(*T) R
}

func (f *futureJob[T, R]) run(d *Desync[T], _ bool) bool {
	job := f.job
	f.job = nil // the future may live long; its job need not
	settle(&f.Promise, func() (R, error) { return job(&d.data), nil })
	return true
}

// After queues job like [Desync.Future], but the job runs only when f has settled, with
// f's value or error. When the job's turn comes first, the object is held until f
// settles, and nothing queued later runs. No goroutine waits meanwhile.
//
// If f never settles, the object stays held forever, and the future that After returns
// never settles. So f must not depend on a job that is queued on this object behind the
// After. To put a limit on the wait, use a future of [Desync.FutureContext], or one
// tied to a context by [futures.Promise.RejectOn]: it settles, with an error, when the
// context ends.
//
// After panics if f or job is nil.
func (d *Desync[T]) After[V, R any](f *futures.Future[V], job func(data *T, v V, err error) R) *futures.Future[R] {
	if f == nil || job == nil {
		panic("desync: After: the future and the job must not be nil")
	}
	return d.after(&afterJob[T, V, R]{source: f, job: job}, job)
}

// after queues a. code is the user's function.
func (d *Desync[T]) after[V, R any](a *afterJob[T, V, R], code any) *futures.Future[R] {
	guard(context.Background(), d, &a.Promise)
	if d.core.cfg.observed() {
		a.record = d.record(made{call: CallAfter, code: code})
	}
	d.start(d.core.pushStaying(a))
	return a.Promise.Future()
}

// afterJob is the entry of an After.
type afterJob[T, V, R any] struct {
	futures.Promise[R]
	source *futures.Future[V]
	job    func(*T, V, error) R
	keyed  func(V, error) (R, error) // instead of job, for a key of a Map, whose value may fail to be made
	record *record                   // nil if the job is not observed
}

// run gives up the turn while the source is pending. Nobody has the turn until the
// source settles; then a goroutine is started, which goes on with it.
func (a *afterJob[T, V, R]) run(d *Desync[T], _ bool) bool {
	r, ok := a.source.Try()
	if !ok {
		if watching {
			waits.Leave(&d.core)
		}
		if a.record != nil && a.record.observer != nil {
			a.record.heldApart()
		}
		a.source.AfterFunc(func(V, error) {
			d.core.cfg.label()
			d.drain(a, run{})
		})
		return false
	}
	job, keyed, record := a.job, a.keyed, a.record
	a.source, a.job, a.keyed, a.record = nil, nil, nil, nil
	follow(&a.Promise, record, func() (R, error) {
		if keyed != nil {
			return keyed(r.Value, r.Err)
		}
		return job(&d.data, r.Value, r.Err), nil
	})
	return true
}

// follow is settle for a job that r follows, if r is not nil. A panic of the observer
// does not make the job fail: it goes on when p has settled.
func follow[R any](p *futures.Promise[R], r *record, job func() (R, error)) {
	if r == nil {
		settle(p, job)
		return
	}
	defer func() {
		settled, _ := p.Future().Try()
		r.tellErr(settled.Err)
	}()
	defer settle(p, func() (R, error) {
		defer r.unwound()
		v, err := job()
		r.end(OutcomeReturned)
		return v, err
	})
	r.start(inARow)
}

// guard makes an Await of p report a cycle of waits that it would close. p is the
// promise of a job of d with the context ctx; the job is about to be queued. If guard
// returns a function, call it when p has settled; it lets go of ctx. Waits for futures
// are watched only in builds that watch all waits.
func guard[T, R any](ctx context.Context, d *Desync[T], p *futures.Promise[R]) (free func()) {
	if watching {
		free = guardJobs(ctx, p, waits.Queue(object(d)))
	}
	return free
}

// guardJobs is guard for the jobs of one call on several objects.
func guardJobs[R any](ctx context.Context, p *futures.Promise[R], jobs ...*waits.Job) (free func()) {
	mayEnd := ctx.Done() != nil
	var ofJob atomic.Pointer[context.Context]
	if mayEnd {
		ofJob.Store(&ctx)
		free = func() { ofJob.Store(nil) }
	}
	settled := func() bool { _, ok := p.Future().Try(); return ok }
	waits.OnAwait(p.Future(), func(await context.Context) (ended func(), err error) {
		wait := waits.Prepare(mayEnd || await.Done() != nil, settled, jobs...)
		ring := wait.Begin()
		if ring == nil {
			return waits.End, nil
		}
		if ctx := ofJob.Load(); await.Err() != nil || ctx != nil && (*ctx).Err() != nil {
			return func() {}, nil // the wait is about to end
		}
		return nil, deadlock(ring)
	})
	return free
}
