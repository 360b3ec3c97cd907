package desync

import (
	"context"
	"runtime/pprof"
	"sync/atomic"

	"github.com/go-desync/go-desync/futures"
	"github.com/go-desync/go-desync/futures/waits"
)

// DoContext is [Desync.Do] for a caller that may give up: it waits for the job's
// turn, runs it on the calling goroutine and returns its error. If ctx ends before
// the job's turn, or has ended before the call, the job does not run, then or
// later, and DoContext returns at once with a [*NotRunError], which matches
// [ErrNotRun], ctx.Err() and context.Cause(ctx). Once the job has started, its own error
// is returned, even if ctx ends. Unlike Do, DoContext runs no other jobs while it waits.
//
// The job gets a context derived from ctx, which knows that the object is held. A
// Context call with that context, or with one derived from it, returns a
// [*DeadlockError] if it would have to wait for an object that is held along it. So do
// not use it in a goroutine that the job does not wait for.
//
// A panic or runtime.Goexit in the job is the caller's own; the object goes on.
// DoContext panics if ctx or job is nil.
func (d *Desync[T]) DoContext(ctx context.Context, job func(ctx context.Context, data *T) error) error {
	if ctx == nil || job == nil {
		panic("desync: DoContext: the context and the job must not be nil")
	}
	return d.doContext(ctx, "DoContext", job)
}

// doContext is DoContext by the name of call.
func (d *Desync[T]) doContext(ctx context.Context, call string, job func(context.Context, *T) error) error {
	if d.core.cfg.observed() {
		return d.runFollowed(ctx, call, job)
	}
	return d.runContext(ctx, call, job)
}

// SyncContext is [Desync.DoContext] with a result. If the job does not run, the
// result is the zero R.
func (d *Desync[T]) SyncContext[R any](ctx context.Context, job func(ctx context.Context, data *T) (R, error)) (result R, err error) {
	if ctx == nil || job == nil {
		panic("desync: SyncContext: the context and the job must not be nil")
	}
	err = d.doContext(ctx, "SyncContext", func(ctx context.Context, data *T) (err error) {
		result, err = job(ctx, data)
		return err
	})
	return result, err
}

func (d *Desync[T]) runContext(ctx context.Context, call string, job func(context.Context, *T) error) error {
	if err := d.acquireContext(ctx, call); err != nil {
		return err
	}
	defer d.release()
	h := &holding[T]{Context: ctx, object: d}
	defer h.over.set()
	return job(h, &d.data)
}

// acquireContext takes the turn, or returns why the job must not run. It calls no
// method of ctx while it has a place or the turn: those are the user's, and may panic.
func (d *Desync[T]) acquireContext(ctx context.Context, call string) error {
	if ctx.Err() != nil {
		return notRun(ctx, d, call)
	}
	if d.core.take() || d.core.takeFree() {
		if watching {
			waits.Hold(object(d))
		}
		return nil
	}
	if err := ringAlong(ctx, d, "Context"); err != nil {
		return err
	}
	var wait *waits.Waiting
	if watching {
		wait = waits.Prepare(ctx.Done() != nil, nil, waits.NewJob(object(d)))
	}
	done := ctx.Done()
	w := newContextWaiter(done)
	taken, ring := d.core.place(w, wait)
	if ring != nil {
		if ctx.Err() != nil {
			return notRun(ctx, d, call)
		}
		return deadlock(ring)
	}
	switch {
	case taken:
	case done == nil:
		w.wait(&d.core)
		w.free()
	case !w.waitContext(done, &d.core):
		if watching {
			waits.End()
		}
		return notRun(ctx, d, call)
	}
	if watching {
		waits.Hold(object(d))
	}
	// The context may have ended before the turn came, and the select took the turn.
	if isClosed(done) {
		d.release()
		return notRun(ctx, d, call)
	}
	return nil
}

// isClosed reports whether done, the channel of a context, is closed.
func isClosed(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// The states of an entry that can be canceled.
const (
	pending uint32 = iota
	started
	cancelled
	placed // for a contextJob: pending, and in the queue
)

// FutureContext is [Desync.Future] with a job that can be cancelled while it is
// queued: if ctx ends before the job's turn, or has ended before the call, the job
// does not run, then or later, and the future fails at once with a [*NotRunError], which
// matches [ErrNotRun], ctx.Err() and context.Cause(ctx). Once the job has started,
// the future gets what the job returns.
//
// The job gets a context derived from ctx; see [Desync.DoContext]. That context does not
// know which objects the caller holds, since the caller need not wait. In profiles the
// job has the labels of ctx, unless a Do that waits for it runs it.
//
// If ctx has ended before the job's turn, every wait for the future that returns after
// that gives the same error, even if the wait has the same context. So
// [futures.ErrInterrupted] always means that the job may still run.
//
// FutureContext panics if ctx or job is nil.
func (d *Desync[T]) FutureContext[R any](ctx context.Context, job func(ctx context.Context, data *T) (R, error)) *futures.Future[R] {
	if ctx == nil || job == nil {
		panic("desync: FutureContext: the context and the job must not be nil")
	}
	return d.futureContext(ctx, job, nil)
}

// futureContext is FutureContext. If over is not nil, it is called once, when the future
// has settled, whether or not the job has run, and on the goroutine that settles it. It
// is called also if futureContext does not return because of the user's code it calls.
func (d *Desync[T]) futureContext[R any](ctx context.Context, job func(context.Context, *T) (R, error), over func()) *futures.Future[R] {
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
		f.record = d.core.cfg.record()
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
	d.start(d.core.pushLocked(f))
	return f.Promise.Future()
}

// contextJob is the entry of a FutureContext. It becomes placed and is queued in one step
// with mu locked. After that, the one of run and cancel that swaps its state owns the
// fields; before that, the caller owns forget.
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
	if r != nil {
		defer r.tell()
	}
	defer f.Reject(ErrNotRun) // settles it if a method of ctx does not return
	f.Reject(notRun(ctx, d, "FutureContext"))
}

// look is called by a wait for the future that is about to give up. If the job's context
// has ended too, look returns when the future has settled, unless the job has started.
// Another goroutine may be in the middle of cancel, which waits for nobody.
func (f *contextJob[T, R]) look(d *Desync[T]) {
	if isClosed(f.done) {
		f.cancel(d)
		if f.state.Load() == cancelled {
			<-f.Future().Done()
		}
	}
}

func (f *contextJob[T, R]) run(d *Desync[T], helping bool) bool {
	// This is looked at before the swap, and a job that has started runs. Otherwise a
	// wait that gives up could come in between, and take a job for started that never
	// runs.
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
	h := &holding[T]{Context: ctx, object: d, first: true}
	follow(&f.Promise, r, func() (R, error) {
		defer h.over.set() // before the future settles
		if labels != nil && !helping {
			pprof.SetGoroutineLabels(labels)
			defer d.core.cfg.label()
		}
		return job(h, &d.data)
	})
	return true
}
