package desync

import (
	"context"
	"sync/atomic"

	"github.com/go-desync/go-desync/futures"
	"github.com/go-desync/go-desync/futures/waits"
)

// DoContext is [Desync.Do] for a caller who may give up: it waits for the job's
// turn, runs it on the calling goroutine and returns its error. If ctx ends before
// the job's turn, or has ended before the call, the job does not run, then or
// later, and DoContext returns at once with a [*NotRunError], which
// matches [ErrNotRun], ctx.Err() and context.Cause(ctx). Once the job has started, its own error is
// returned, whatever becomes of ctx. Unlike Do it runs no other jobs while it
// waits.
//
// The job gets a context derived from ctx, which knows that the object is held. A
// Context call with it, or with one derived from it, that would have to wait for
// an object held along it returns a [*DeadlockError]. So do not use it in a
// goroutine that the job does not wait for.
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
	h := &holding{Context: ctx, object: d}
	defer h.over.increment()
	return job(h, &d.data)
}

// acquireContext takes the turn, or returns why the job must not run. It calls no
// method of ctx while it has a place or the turn: those are the user's, and may panic.
func (d *Desync[T]) acquireContext(ctx context.Context, call string) error {
	if ctx.Err() != nil {
		return notRun(ctx, d, call)
	}
	if d.core.take() {
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
	w := &contextWaiter{turn: make(chan struct{})}
	taken, ring := d.core.place(w, wait)
	if ring != nil {
		if ctx.Err() != nil {
			return notRun(ctx, d, call)
		}
		return deadlock(ring)
	}
	if !taken {
		select {
		case <-w.turn:
		case <-done:
			// Whoever swaps the state decides. If the turn has been granted, it
			// has to be passed on.
			if w.state.CompareAndSwap(pending, cancelled) {
				if watching {
					waits.End()
				}
				w.turn = nil // only whoever wins the swap uses it
				d.core.abandon()
				return notRun(ctx, d, call)
			}
			<-w.turn
		}
	}
	if watching {
		waits.Hold(object(d))
	}
	// The context may have ended before the turn came without having been seen.
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

// The states of what can be cancelled.
const (
	pending uint32 = iota
	started
	cancelled
	placed // for a contextJob: pending, and in the queue
)

// A contextWaiter is a goroutine in DoContext that waits for its turn. Its channel
// is not pooled, since it belongs to the synctest bubble that it was made in.
type contextWaiter struct {
	state atomic.Uint32
	turn  chan struct{}
}

func (w *contextWaiter) grant() bool {
	at(grantSwap)
	if !w.state.CompareAndSwap(pending, started) {
		return false
	}
	close(w.turn)
	return true
}

func (w *contextWaiter) abandoned() bool { return w.state.Load() == cancelled }

// FutureContext is [Desync.Future] with a job that can be cancelled while it is
// queued: if ctx ends before the job's turn, or has ended before the call, the job
// does not run, then or later, and the future fails at once with a [*NotRunError], which
// matches [ErrNotRun], ctx.Err() and context.Cause(ctx). Once the job has started,
// the future gets what the job returns.
//
// The job gets a context derived from ctx; see [Desync.DoContext]. It does not know
// of the objects that the caller holds, for the caller need not wait. In profiles the
// job has the labels of ctx, unless it is run by a Do that waits for it.
//
// If ctx has ended before the job's turn, every wait for the future that returns
// later gives the same error, even if that wait had the same context:
// [futures.ErrInterrupted] then always means that the job may still run.
//
// FutureContext panics if ctx or job is nil.
func (d *Desync[T]) FutureContext[R any](ctx context.Context, job func(ctx context.Context, data *T) (R, error)) *futures.Future[R] {
	if ctx == nil || job == nil {
		panic("desync: FutureContext: the context and the job must not be nil")
	}
	return d.futureContext(ctx, job, nil)
}

// futureContext is FutureContext. If over is not nil, it is called once, when the future
// has settled, whether or not the job has run, and on the same goroutine; also if
// futureContext itself does not return, as the user's code that it calls may not.
func (d *Desync[T]) futureContext[R any](ctx context.Context, job func(context.Context, *T) (R, error), over func()) *futures.Future[R] {
	f := &contextJob[T, R]{ctx: ctx, job: job, over: over}
	accepted := false
	defer func() {
		if !accepted { // its context has ended, or some user's code has not returned
			f.cancel(d)
		}
	}()
	f.done = ctx.Done()
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
		// Cancelled by now, so there is no place to take.
		d.core.mu.Unlock()
		at(unlocked)
		f.forget = nil
		return f.Promise.Future()
	}
	d.start(d.core.pushLocked(f))
	return f.Promise.Future()
}

// contextJob is the entry of a FutureContext. It becomes placed with mu locked, in one
// step with its being queued. Whoever swaps its state then, the run or the cancel, owns
// the fields; before that, forget is the caller's.
type contextJob[T, R any] struct {
	futures.Promise[R]
	state  atomic.Uint32
	ctx    context.Context
	done   <-chan struct{} // of ctx; read by all
	job    func(context.Context, *T) (R, error)
	record *record     // nil if the job is not observed
	forget func() bool // ends the wait for ctx; nil if it never ends
	over   func()      // what to do when the future has settled; nil for nothing
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
	// If it becomes placed between the two swaps the second succeeds; there is no way back.
	queued := false
	if !f.state.CompareAndSwap(pending, cancelled) {
		if queued = f.state.CompareAndSwap(placed, cancelled); !queued {
			return // it has started, or somebody else cancels it
		}
	}
	ctx, r := f.ctx, f.record
	f.ctx, f.job, f.record = nil, nil, nil
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

// look is called by a wait for the future that is about to give up: if the job's
// context has ended too, it returns when the future has settled, unless the job has
// started. Somebody else may be in the middle of cancel, which waits for nobody.
func (f *contextJob[T, R]) look(d *Desync[T]) {
	if isClosed(f.done) {
		f.cancel(d)
		if f.state.Load() == cancelled {
			<-f.Future().Done()
		}
	}
}

func (f *contextJob[T, R]) run(d *Desync[T], helping bool) bool {
	// Before the swap: once started, the job runs. Or else a wait that gives up could
	// come in between, and take for started what never runs.
	if isClosed(f.done) {
		f.cancel(d) // the goroutine that is to do it is late
	}
	if !f.state.CompareAndSwap(placed, started) {
		return true
	}
	defer f.settled()
	// The future may live long; what the call referred to need not.
	forget, job, ctx, r := f.forget, f.job, f.ctx, f.record
	f.forget, f.job, f.ctx, f.record = nil, nil, nil, nil
	if forget != nil {
		defer forget() // with the job done: it may be the user's code
	}
	h := &holding{Context: ctx, object: d, first: true}
	follow(&f.Promise, r, func() (R, error) {
		defer h.over.increment() // before the future settles
		if !helping {
			d.core.cfg.labelFor(ctx)
			defer d.core.cfg.label()
		}
		return job(h, &d.data)
	})
	return true
}
