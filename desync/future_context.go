package desync

import (
	"context"
	"runtime/pprof"
	"sync/atomic"

	"github.com/go-desync/go-desync/futures"
)

// FutureContext is [Desync.Future] with a job that can be canceled while it is queued. If
// ctx ends before the job's turn, or has ended before the call, the job never runs, and
// the future fails at once with a [*NotRunError], which matches [ErrNotRun], ctx.Err()
// and context.Cause(ctx). Once the job has started, the future gets what the job returns.
//
// The job gets a context derived from ctx; see [Desync.DoContext]. That context does not
// record which objects the caller holds, since the caller need not wait. In profiles, the
// job has the labels of ctx, unless a waiting Do runs it.
//
// If ctx ends before the job's turn, every wait for the future that returns after that
// gets the [*NotRunError], even a wait with the same context. So [futures.ErrInterrupted]
// always means that the job may still run.
//
// FutureContext panics if ctx or job is nil.
func (d *Desync[T]) FutureContext[R any](ctx context.Context, job func(ctx context.Context, data *T) (R, error)) *futures.Future[R] {
	if ctx == nil || job == nil {
		panic("desync: FutureContext: the context and the job must not be nil")
	}
	return d.futureContext(ctx, job, nil, job)
}

// futureContext is FutureContext. If over is not nil, it is called once, when the future
// has settled, on the goroutine that settles it, whether or not the job has run. It is
// called even if the user's code keeps futureContext from returning, by a panic for
// example. code is the user's function.
func (d *Desync[T]) futureContext[R any](ctx context.Context, job func(context.Context, *T) (R, error), over func(), code any) *futures.Future[R] {
	f := &contextJob[T, R]{ctx: ctx, job: job, over: over}
	accepted := false
	defer func() {
		if !accepted { // its context has ended, or some user's code has not returned
			f.cancel(d)
		}
	}()
	f.done, f.labels = ctx.Done(), d.core.cfg.labelsOf(ctx)
	f.andThen(guard(ctx, d, &f.Promise))
	if d.core.cfg.observed() {
		f.record = d.record(made{call: CallFuture, code: code, ctx: ctx})
	}
	if ctx.Err() != nil {
		return f.Promise.Future()
	}
	if f.done != nil {
		f.OnInterrupt(func() { f.look(d) })
		f.forget = context.AfterFunc(ctx, func() {
			d.core.cfg.label()
			d.core.cfg.guarded(func() { f.cancel(d) })
		})
	}
	accepted = true
	at(pushLock)
	d.core.mu.Lock()
	if !f.state.CompareAndSwap(pending, placed) {
		// It has been canceled, so it takes no place.
		d.core.mu.Unlock()
		at(unlocked)
		f.forget = nil
		return f.Promise.Future()
	}
	d.start(d.core.pushUnlock(f))
	return f.Promise.Future()
}

// contextJob is the entry of a FutureContext. It becomes placed and is queued in one step
// with mu locked. Until then the caller owns forget. After that, run and cancel compete
// for the state, and the one whose swap succeeds owns the fields.
type contextJob[T, R any] struct {
	futures.Promise[R]
	state  atomic.Uint32
	ctx    context.Context
	done   <-chan struct{} // of ctx; read by all
	labels context.Context // profile labels of the job; nil if ctx has none
	job    func(context.Context, *T) (R, error)
	record *record     // nil if the job is not observed
	forget func() bool // ends the wait for ctx; nil if it never ends
	over   func()      // called when the future has settled; may be nil
}

func (f *contextJob[T, R]) abandoned() bool { return f.state.Load() == cancelled }

// andThen adds to what is done when the future has settled.
func (f *contextJob[T, R]) andThen(do func()) {
	if before := f.over; before == nil {
		f.over = do
	} else if do != nil {
		f.over = func() {
			defer do()
			before()
		}
	}
}

func (f *contextJob[T, R]) settled() {
	if over := f.over; over != nil {
		f.over = nil
		over()
	}
}

func (f *contextJob[T, R]) cancel(d *Desync[T]) {
	// If it becomes placed between the two swaps the second succeeds: placed never
	// becomes pending again.
	queued := false
	if !f.state.CompareAndSwap(pending, cancelled) {
		if queued = f.state.CompareAndSwap(placed, cancelled); !queued {
			return // it has started, or another goroutine cancels it
		}
	}
	ctx, r := f.ctx, f.record
	f.ctx, f.job, f.labels, f.record = nil, nil, nil, nil
	defer f.settled()
	if queued {
		f.forget = nil
		d.core.abandon()
	}
	err := ErrNotRun // stays if a method of ctx does not return
	defer func() {
		if r != nil {
			defer r.tellErr(err)
		}
		f.Reject(err)
	}()
	err = notRun(ctx, d, "FutureContext")
}

// look is called by a wait for the future that is about to give up. If the job's context
// has ended too, and the job has not started, look returns when the future has settled:
// another goroutine may be in the middle of cancel, which waits for nobody.
func (f *contextJob[T, R]) look(d *Desync[T]) {
	if isClosed(f.done) {
		f.cancel(d)
		if f.state.Load() == cancelled {
			<-f.Future().Done()
		}
	}
}

func (f *contextJob[T, R]) run(d *Desync[T], helping bool) bool {
	// Look at done before the swap; once started, the job runs. In the other order, a
	// wait that gives up in between would see a job as started that then does not run.
	if isClosed(f.done) {
		f.cancel(d) // the goroutine that is to do it is late
	}
	if !f.state.CompareAndSwap(placed, started) {
		return true
	}
	defer f.settled()
	// The future may live long, and must not keep what the call referred to.
	forget, job, ctx, labels, r := f.forget, f.job, f.ctx, f.labels, f.record
	f.forget, f.job, f.ctx, f.labels, f.record = nil, nil, nil, nil, nil
	if forget != nil {
		defer forget() // with the job done: it may be the user's code
	}
	j := &firstContext[T]{jobContext[T]{Context: ctx}}
	j.object.begin(d)
	follow(&f.Promise, r, func() (R, error) {
		if r != nil {
			j.Context = r.ctx
		}
		defer j.object.end() // before the future settles
		if labels != nil && !helping {
			pprof.SetGoroutineLabels(labels)
			defer d.core.cfg.label()
		}
		return job(j, &d.data)
	})
	return true
}
