package desync

import (
	"context"
	"sync/atomic"

	"github.com/go-desync/go-desync/futures"
	"github.com/go-desync/go-desync/futures/waits"
)

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

// afterJob is the entry of an After.
type afterJob[T, V, R any] struct {
	futures.Promise[R]
	source *futures.Future[V]
	job    func(*T, V, error) R
	record *record // nil if the job is not observed
}

// run gives up the turn while the source is pending. Nobody has it until the source
// settles; the goroutine that is started then goes on with it.
func (a *afterJob[T, V, R]) run(d *Desync[T], _ bool) bool {
	r, ok := a.source.Try()
	if !ok {
		if watching {
			waits.Leave(&d.core)
		}
		a.source.AfterFunc(func(V, error) {
			d.core.cfg.label()
			d.drain(a, false)
		})
		return false
	}
	job := a.job
	record := a.record
	a.source, a.job, a.record = nil, nil, nil
	follow(&a.Promise, record, func() (R, error) { return job(&d.data, r.Value, r.Err), nil })
	return true
}

// guard makes an Await of p report a ring that it would close. p is the future of a job
// of d with the context ctx, which is about to be queued. If guard returns a function,
// call it when p has settled; it lets go of ctx. Waits for futures are watched only in
// builds that watch all waits.
func guard[T, R any](ctx context.Context, d *Desync[T], p *futures.Promise[R]) (free func()) {
	if watching {
		job := waits.Queue(object(d))
		mayEnd := ctx.Done() != nil
		var jobContext atomic.Pointer[context.Context]
		if mayEnd {
			jobContext.Store(&ctx)
			free = func() { jobContext.Store(nil) }
		}
		settled := func() bool { _, ok := p.Future().Try(); return ok }
		waits.OnAwait(p.Future(), func(await context.Context) (ended func(), err error) {
			wait := waits.Prepare(mayEnd || await.Done() != nil, settled, job)
			ring := wait.Begin()
			if ring == nil {
				return waits.End, nil
			}
			if ctx := jobContext.Load(); await.Err() != nil || ctx != nil && (*ctx).Err() != nil {
				return func() {}, nil // the wait is about to end
			}
			return nil, deadlock(ring)
		})
	}
	return free
}
